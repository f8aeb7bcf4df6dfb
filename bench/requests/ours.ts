/** The verifier, as its entry starts it. */
import { startNode } from '../../src/node.ts'
import { serve } from '../load/server.ts'
import { HOST, ORIGIN, SECRETS, TENANT } from '../load/tenant.ts'

await serve(async ({ databaseUrl, tenants }) => {
  const own = { id: TENANT, host: HOST, session: SECRETS.session, continue: SECRETS.continue }
  const all = (tenants as (typeof own)[] | undefined) ?? [own]
  const { port } = await startNode({
    DATABASE_URL: databaseUrl,
    RV_TENANTS: JSON.stringify(all.map(({ id, host }) => ({ id, hosts: [host] }))),
    RV_SECRETS: JSON.stringify(
      Object.fromEntries(
        all.map((tenant) => [
          tenant.id,
          { session: [tenant.session], continue: [tenant.continue] },
        ]),
      ),
    ),
    RV_IDENTIFIER_SECRET: SECRETS.identifier,
    RV_PUBLIC_ORIGIN: ORIGIN,
    RV_CLIENT_ADDRESS: 'header:x-client',
    RV_PORT: '0',
  })
  return port
})
