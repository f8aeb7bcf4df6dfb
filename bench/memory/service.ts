/** The verifier as its entry starts it, which collects its garbage in between and notes what is left. */
import { appendFileSync } from 'node:fs'
import { startNode } from '../../src/node.ts'
import { serve } from '../load/server.ts'
import { HOST, ORIGIN, SECRETS, TENANT } from '../load/tenant.ts'
import { bytesInUse } from './in-use.ts'

await serve(async ({ databaseUrl, file, milliseconds }) => {
  const { port } = await startNode({
    DATABASE_URL: databaseUrl,
    RV_TENANTS: JSON.stringify([{ id: TENANT, hosts: [HOST] }]),
    RV_SECRETS: JSON.stringify({
      [TENANT]: { session: [SECRETS.session], continue: [SECRETS.continue] },
    }),
    RV_IDENTIFIER_SECRET: SECRETS.identifier,
    RV_PUBLIC_ORIGIN: ORIGIN,
    RV_CLIENT_ADDRESS: 'header:x-client',
    RV_PORT: '0',
  })
  setInterval(() => {
    appendFileSync(String(file), `${bytesInUse()}\n`)
  }, Number(milliseconds)).unref()
  return port
})
