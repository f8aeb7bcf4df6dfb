// Time, faults, switches and what was recorded: the handles a test has besides users and Actions.
import { createBrowser, createTenant, createThirdParty, drive } from 'redirect-verifier/emulator'
import { afterAll, expect, it } from 'vitest'

const secrets = {
  SESSION_SECRET: 'the way there, 32 bytes or more',
  CONTINUE_SECRET: 'the way back',
}
const email = 'ada@example.com'
const tenant = createTenant({
  users: [{ email, password: 'Old-passw0rd', factors: ['otp'] }],
  actions: {
    'password-reset-post-challenge': [
      { name: 'mine', file: new URL('my-action.js', import.meta.url), secrets },
    ],
  },
})
afterAll(() => tenant.close())

const site = createThirdParty({
  tenant,
  secret: secrets.CONTINUE_SECRET,
  answer: { decision: 'allow' },
})
const routes = { [tenant.origin]: tenant.fetch, 'https://verify.example': site.fetch }

it('a user who takes more than an hour on the other site must start again', async () => {
  const browser = createBrowser({ routes })
  await drive.requestReset(browser, tenant, { email })
  await drive.openResetLink(browser, tenant, email)
  tenant.clock.advanceSeconds(3600)
  await drive.passSites(browser, tenant)
  expect(tenant.trace.of('continue.refused').at(-1)?.data.reason).toBe('transaction_expired')
})

it('an Action that takes too long fails the reset, and the user is told so', async () => {
  await tenant.reset()
  tenant.faults.actionTimesOut = 'on_continue'
  const page = await drive.resetPassword(createBrowser({ routes }), tenant, { email })
  expect(page.title).toContain('Something went wrong')
  expect(tenant.logs().map(({ type }) => type)).toContain('actions_execution_failed')
})

it('what each Action was given and did is on record', async () => {
  await tenant.reset()
  await drive.resetPassword(createBrowser({ routes }), tenant, { email })
  const [first, second] = tenant.executions().at(-1)?.results ?? []
  expect(first?.commands.map(({ type }) => type)).toEqual(['redirect.sendUserTo'])
  expect(first?.tokens[0]?.payload).toMatchObject({ flow: 'password_reset' })
  expect(second?.event).toMatchObject({ request: { method: 'POST' }, user: { email } })
})
