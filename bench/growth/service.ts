/** The verifier as its entry starts it, its tenants and their secrets from files, as a service of many has them. */
import { startNode } from '../../src/node.ts'
import { serve } from '../load/server.ts'
import { ORIGIN, SECRETS } from '../load/tenant.ts'

await serve(async ({ databaseUrl, tenantsFile, secretsFile }) => {
  const { port } = await startNode({
    DATABASE_URL: databaseUrl,
    RV_TENANTS_FILE: String(tenantsFile),
    RV_SECRETS_FILE: String(secretsFile),
    RV_IDENTIFIER_SECRET: SECRETS.identifier,
    RV_PUBLIC_ORIGIN: ORIGIN,
    RV_CLIENT_ADDRESS: 'header:x-client',
    RV_PORT: '0',
  })
  return port
})
