/** What one verification costs the whole service in round trips to Postgres, and what 200 at once hear. */
import { afterAll, expect, it } from 'vitest'
import { startNode } from '../../src/node.ts'
import { freshDatabase } from '../support/database.ts'
import { liveToken, seedTenant, serviceEnvironment } from '../support/environment.ts'
import { PATIENT } from '../support/openings.ts'
import { createCountingProxy } from '../support/proxy.ts'
import { claimsOf } from '../support/tokens.ts'

const ORIGIN = 'http://verify.localhost:3000'
const { url, sql } = await freshDatabase()
await seedTenant(url)
const proxy = await createCountingProxy(url)
const service = await startNode(
  { ...serviceEnvironment(ORIGIN), DATABASE_URL: proxy.url },
  { write: () => {}, storeLimits: PATIENT },
)
afterAll(async () => {
  await service.stop()
  await proxy.close()
})

const address = `http://127.0.0.1:${service.port}/verify`
const get = (token: string, state: string) =>
  fetch(`${address}?${new URLSearchParams({ session_token: token, state })}`)
const post = (token: string, state: string, binding = 'b') =>
  fetch(address, {
    method: 'POST',
    body: new URLSearchParams({ session_token: token, state }),
    headers: { origin: ORIGIN, cookie: `__Host-rv=${binding.padEnd(43, '-')}` },
  })

/** Everything that a request caused, its write-back included. */
async function counted(request: () => Promise<Response>): Promise<[status: number, trips: number]> {
  proxy.take()
  const { status } = await request()
  await expect.poll(unsettled, { timeout: 10_000 }).toBe(0)
  return [status, proxy.take()]
}
const unsettled = async () => {
  const [row] = await sql`
    select count(*)::integer as open from assessment where decision is null`
  return row?.open
}
const records = async () => {
  const [row] = await sql`select count(*)::integer as records from assessment`
  return row?.records
}

it('a page costs none, a verification one and its write-back one, a repeat one', async () => {
  const [token, state] = [liveToken(), crypto.randomUUID()]
  // The policy's body travels once.
  await counted(() => post(liveToken(), crypto.randomUUID()))
  expect(await counted(() => get(token, state))).toEqual([200, 0])
  expect(await counted(() => post(token, state))).toEqual([200, 2])
  expect(await counted(() => post(token, state))).toEqual([200, 1])
})

it('what has no good signature, no cookie or an expired token costs none', async () => {
  const [token, state] = [liveToken(), crypto.randomUUID()]
  const forged = `${token.slice(0, -43)}${'A'.repeat(43)}`
  expect(await counted(() => post(forged, state))).toEqual([400, 0])
  expect(await counted(() => get(forged, state))).toEqual([400, 0])
  expect(await counted(() => post(liveToken({ iat: 1000, exp: 1300 }), state))).toEqual([400, 0])
  expect(await counted(() => post(token, state, 'not well-formed'))).toEqual([403, 0])
})

/** What the answer says, apart from when it was signed. */
async function answerOf(response: Response): Promise<unknown> {
  if (response.status !== 200) return response.status
  const [, token = ''] = /name="session_token" value="([^"]+)"/.exec(await response.text()) ?? []
  const { jti, decision, reasons, reference } = claimsOf(token)
  return { jti, decision, reasons, reference }
}

it('200 posts of one token from one browser hear one decision, of one record', async () => {
  const [token, state, before] = [liveToken(), crypto.randomUUID(), await records()]
  const responses = await Promise.all(Array.from({ length: 200 }, () => post(token, state)))
  const answers = await Promise.all(responses.map(answerOf))
  expect(answers[0]).toMatchObject({ decision: expect.stringMatching(/^(allow|step_up|deny)$/) })
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  expect(await records()).toBe(before + 1)
})

it('200 posts of one token from 200 browsers hear one decision and 199 refusals', async () => {
  const [token, state, before] = [liveToken(), crypto.randomUUID(), await records()]
  const responses = await Promise.all(
    Array.from({ length: 200 }, (_, i) => post(token, state, `browser${i}`)),
  )
  const statuses = responses.map(({ status }) => status).sort()
  expect(statuses).toEqual([200, ...Array.from({ length: 199 }, () => 400)])
  expect(await records()).toBe(before + 1)
})
