/**
 * The verifier as its entry starts it, which every few seconds collects its garbage and notes what is
 * left: resident size alone says what the collector has not got round to.
 */
import { appendFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { startNode } from '../../src/node.ts'
import { serve } from '../load/server.ts'
import { HOST, ORIGIN, SECRETS, TENANT } from '../load/tenant.ts'

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
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  setInterval(() => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    appendFileSync(String(file), `${heapUsed + external}\n`)
  }, Number(milliseconds)).unref()
  return port
})
