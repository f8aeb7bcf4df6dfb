// Copy this beside your Action and change the file name, the secrets and the site.
import { createBrowser, createTenant, createThirdParty, drive } from 'redirect-verifier/emulator'
import { afterEach, expect, it } from 'vitest'

const secrets = {
  SESSION_SECRET: 'the way there, 32 bytes or more',
  CONTINUE_SECRET: 'the way back',
}
const tenant = createTenant({
  users: [{ email: 'ada@example.com', password: 'Old-passw0rd' }],
  actions: {
    'password-reset-post-challenge': [
      { name: 'mine', file: new URL('my-action.js', import.meta.url), secrets },
    ],
  },
})
afterEach(() => tenant.reset())

/** Takes Ada through a reset while the site answers like this; says whether her password changed. */
async function reset(answer: Record<string, unknown> | null) {
  const site = createThirdParty({ tenant, secret: secrets.CONTINUE_SECRET, answer })
  const routes = { [tenant.origin]: tenant.fetch, 'https://verify.example': site.fetch }
  const newPassword = 'New-passw0rd'
  await drive.resetPassword(createBrowser({ routes }), tenant, {
    email: 'ada@example.com',
    newPassword,
  })
  return tenant.users.checkPassword('ada@example.com', newPassword)
}

it('lets a user through whom the site allows', async () => {
  expect(await reset({ decision: 'allow' })).toBe(true)
})

it.each([
  ['says no', { decision: 'deny' }],
  ['says nothing', {}],
  ['sends no token', null],
  ['answers about another user', { decision: 'allow', sub: 'auth0|other' }],
  ['answers for another redirect', { decision: 'allow', state: 'other' }],
])('stops a user when the site %s', async (_, answer) => {
  expect(await reset(answer)).toBe(false)
})

it.each(['missing', 'tampered', 'expired', 'other_user', 'other_state'] as const)(
  'stops a user whose answer is %s on its way',
  async (fault) => {
    tenant.faults.continueToken = fault
    expect(await reset({ decision: 'allow' })).toBe(false)
  },
)
