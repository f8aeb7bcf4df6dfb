/** The whole way of a log event: delivered over a socket, kept, learned by the service's own turn. */
import { afterAll, expect, it } from 'vitest'
import { seed } from '../../db/seed.ts'
import { startNode } from '../../src/node.ts'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { freshDatabase } from '../support/database.ts'
import { PATIENT, policyOf } from '../support/openings.ts'
import { CONTINUE_SECRET, HOST, IDENTIFIER_SECRET, SESSION_SECRET } from '../support/tokens.ts'

const STREAM = 'w4Hq1xZt7nYc0vRk5mBf8sLj2pDg6aEo9uTi3XyQwVs'
const { url, sql } = await freshDatabase()
await seed(url, [{ id: 'acme', policies: [policyOf()] }])
const lines: string[] = []
const service = await startNode(
  {
    DATABASE_URL: url,
    RV_TENANTS: JSON.stringify([{ id: 'acme', hosts: [HOST] }]),
    RV_SECRETS: JSON.stringify({
      acme: { session: [SESSION_SECRET], continue: [CONTINUE_SECRET] },
    }),
    RV_IDENTIFIER_SECRET: IDENTIFIER_SECRET,
    RV_LOG_STREAM_TOKENS: JSON.stringify({ acme: STREAM }),
    RV_PUBLIC_ORIGIN: 'http://verify.localhost:3000',
    RV_CLIENT_ADDRESS: 'socket',
    RV_PORT: '0',
  },
  {
    write: (line) => lines.push(line),
    storeLimits: { ...PATIENT, connections: 1 },
    learning: { olderThanSeconds: -60 },
  },
)
afterAll(() => service.stop())

it('a login delivered twice is in the profile once, and nowhere in clear', async () => {
  const login = {
    log_id: 'log-canary',
    data: {
      type: 's',
      date: new Date().toISOString(),
      user_id: 'auth0|canary',
      user_name: 'canary@example.com',
      ip: '203.0.113.9',
      user_agent: 'Chrome 120.0.0 / Windows 10.0.0',
    },
  }
  const deliver = (token: string) =>
    fetch(`http://127.0.0.1:${service.port}/hooks/auth0-logs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: `${JSON.stringify(login)}\n`,
    })
  expect((await deliver(SESSION_SECRET)).status).toBe(401)
  expect((await deliver(STREAM)).status).toBe(200)
  expect(await (await deliver(STREAM)).json()).toEqual({ accepted: 1, ignored: 0 })
  await service.learn()
  await service.learn()

  const user = createIdentifiers(IDENTIFIER_SECRET).pseudonym('acme', 'user', 'auth0|canary')
  const profiles = await sql`select user_key::text, n from user_profile`
  expect([...profiles]).toEqual([{ user_key: user, n: 1 }])
  const dump = JSON.stringify(await sql`select to_jsonb(e) from user_event e`)
  for (const text of [dump, lines.join('\n')]) expect(text).not.toMatch(/canary|203\.0\.113/)
  expect(lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'learned')).toEqual([
    expect.objectContaining({ tenant_id: 'acme', confirmed: 0, folded: 1 }),
  ])
})
