/** The inspector: what happened is on it, and nothing that carries authority. */
import { afterEach, expect, it } from 'vitest'
import { createBrowser, drive } from '../../src/emulator/index.ts'
import {
  action,
  EMAIL,
  NEW_PASSWORD,
  OLD_PASSWORD,
  SITE,
  world,
} from '../support/emulated-tenant.ts'

const SECRET = 'a-secret-of-both-sides-that-is-long-enough'
const VERIFY = {
  name: 'verify',
  secrets: { OUT: SECRET },
  code: action(
    `const token = api.redirect.encodeToken({ secret: event.secrets.OUT, payload: { facts: { n: 7 } } })
     console.log('made', token)
     api.redirect.sendUserTo('${SITE}/check', { query: { session_token: token } })`,
    `try { api.redirect.validateToken({ secret: event.secrets.OUT }) }
     catch (error) { console.log(error.message) }
     if (event.request.query.stop) api.access.deny('<script>alert(1)</script>')`,
  ),
}

const tenants: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(tenants.splice(0).map((tenant) => tenant.close()))
})

async function away() {
  const made = world([VERIFY])
  tenants.push(made.tenant)
  await made.open()
  const sent = made.visits[0]?.searchParams
  const state = sent?.get('state') ?? ''
  const token = sent?.get('session_token') ?? ''
  const { tenant } = made
  const inspector = createBrowser({ routes: { [tenant.origin]: tenant.fetch } })
  const overview = () => inspector.visit(`${tenant.origin}/emulator/inspector`)
  const flow = async (at = 0) => {
    const { links } = await overview()
    return inspector.click(links.filter(({ href }) => href.includes('/flows/'))[at] ?? '')
  }
  const back = (more = '') =>
    made.browser.post(`${tenant.origin}/continue?state=${state}${more}`, {
      state,
      session_token: token,
    })
  return { ...made, state, token, overview, flow, back }
}

it('lists flows with where they stand, users, mails and Actions', async () => {
  const trip = await away()
  const running = await trip.overview()
  expect(running.text).toContain(`Password reset of ${EMAIL}`)
  expect(running.text).toContain(`away at ${SITE}`)
  expect(running.text).toContain('Reset your password')
  expect(running.text).toContain('verify version 1')
  expect(running.text).toContain('Secrets: OUT')
  await trip.back()
  expect((await trip.overview()).text).toContain('asks for the new password')
  await drive.choosePassword(trip.browser, NEW_PASSWORD)
  expect((await trip.overview()).text).toContain('completed')
})

it('shows a flow hop by hop: commands, log, decoded tokens and event', async () => {
  const trip = await away()
  await trip.back()
  const { text } = await trip.flow()
  const expected = [
    'opens the link in the mail',
    'api.redirect.sendUserTo',
    'Session token made',
    '{"n":7}',
    'comes back to /continue by POST',
    'Continue token checked',
    'State in the token does not match the /continue state.',
    `"email": "${EMAIL}"`,
  ]
  let from = 0
  for (const words of expected) {
    const at = text.indexOf(words, words.startsWith('"') ? 0 : from)
    expect(at, words).toBeGreaterThanOrEqual(0)
    from = Math.max(from, at)
  }
})

it('holds no secret, no state, no ticket and no raw token', async () => {
  const trip = await away()
  await trip.back()
  const ticket = new URL(trip.tenant.mailbox.latest(EMAIL)?.link ?? '').searchParams.get('ticket')
  for (const { body } of [await trip.overview(), await trip.flow()])
    for (const hidden of [
      SECRET,
      OLD_PASSWORD,
      trip.state,
      trip.token,
      ticket ?? '-',
      'eyJhbGciOi',
    ])
      expect(body).not.toContain(hidden)
})

it('says what is not as usual', async () => {
  const trip = await away()
  expect((await trip.overview()).text).toContain('No fault')
  trip.tenant.faults.continueToken = 'expired'
  trip.tenant.switches.cookieBinding = false
  const { text } = await trip.overview()
  expect(text).toContain('continueToken fault: expired')
  expect(text).toContain('cookieBinding switch: false')
})

it('says how a flow was stopped, and prints an Action’s words as words', async () => {
  const trip = await away()
  await trip.back('&stop=1')
  for (const page of [await trip.overview(), await trip.flow()]) {
    expect(page.text).toContain('denied by verify: <script>alert(1)</script>')
    expect(page.body).not.toContain('<script>alert')
  }
})

it('knows when a flow has expired, and when it has failed', async () => {
  const trip = await away()
  trip.tenant.clock.advanceSeconds(3600)
  expect((await trip.overview()).text).toContain('expired')
  await trip.tenant.reset()
  trip.tenant.faults.actionTimesOut = 'always'
  await trip.open()
  expect((await trip.overview()).text).toContain('failed: action timeout')
})

it('loads nothing from anywhere else, and may be framed by nobody', async () => {
  const trip = await away()
  const { headers, body } = await trip.overview()
  const policy = headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toMatch(/https?:|\*|unsafe/)
  const sources = [...body.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url]) => url)
  expect(sources.length).toBeGreaterThan(5)
  expect(sources.filter((url) => !/^(\/|data:)/.test(url ?? ''))).toEqual([])
})

it('answers 404 for a flow it does not know', async () => {
  const { tenant } = await away()
  const url = `${tenant.origin}/emulator/inspector/flows/none`
  expect((await tenant.fetch(new Request(url))).status).toBe(404)
})
