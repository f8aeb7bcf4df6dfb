/**
 * `npm run dev:worker`: the Worker on this machine, through the Hyperdrive binding, against the demo's
 * PostgreSQL (or DATABASE_URL), with an emulated tenant that sends people to it. Until Ctrl-C.
 */
import { randomBytes } from 'node:crypto'
import { openDemoDatabase } from '../../src/cli/demo-database.ts'
import { PEOPLE } from '../../src/cli/demo-people.ts'
import { startRoundTrip } from '../../src/cli/round-trip.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { serveWithWrangler } from './wrangler-dev.ts'

const CLIENT_ID = 'DevWorkerApplication000000000000'
const PORTS = {
  tenant: { port: 3101, required: false },
  verifier: { port: 8787, required: false },
}

const secret = () => randomBytes(32).toString('base64url')

const database = await openDemoDatabase(process.env.DATABASE_URL || undefined)
const ended = new Promise<void>((end) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end())
})
try {
  const trip = await startRoundTrip({
    databaseUrl: database.url,
    // The secrets are new at each start, so the records of earlier ones mean nobody any more.
    tenantId: `dev-${randomBytes(4).toString('hex')}`,
    secrets: { session: [secret()], continue: [secret()], identifier: secret() },
    policies: defaultPolicies('enforce'),
    settings: { name: 'Example application' },
    env: { RV_CLIENT_ADDRESS: 'header:cf-connecting-ip' },
    serve: serveWithWrangler((text) => process.stderr.write(text)),
    tenant: {
      name: 'dev',
      users: PEOPLE.map(({ user }) => user),
      clients: [{ client_id: CLIENT_ID, name: 'Example application' }],
    },
    ports: PORTS,
  })
  const { origins } = trip
  console.log(`
The Worker    ${origins.verifier}  (built anew when a source changes)
The tenant    ${origins.tenant}
The database  ${database.described}

Reset a password:
${PEOPLE.slice(0, 2)
  .map(
    ({ email }) =>
      `  ${origins.tenant}/u/reset-password/request?client_id=${CLIENT_ID}&login_hint=${encodeURIComponent(email)}`,
  )
  .join('\n')}

Ctrl-C ends it.
`)
  await ended
  await trip.close()
} finally {
  await database.stop()
}
