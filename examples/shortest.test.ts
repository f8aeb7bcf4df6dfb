// The shortest test of an Action that redirects: does the password change, whatever the site answers?
import { createBrowser, createTenant, createThirdParty, drive } from 'redirect-verifier/emulator'
import { expect, it } from 'vitest'

const secrets = { SESSION_SECRET: 'of 32 bytes or more: the way there', CONTINUE_SECRET: 'back' }
const mine = { name: 'mine', file: new URL('my-action.js', import.meta.url), secrets }
const [email, newPassword] = ['ada@example.com', 'New-passw0rd']

it.each(['allow', 'deny'])('the answer %s decides', async (decision) => {
  const actions = { 'password-reset-post-challenge': [mine] }
  const tenant = createTenant({ users: [{ email }], actions })
  const site = createThirdParty({ tenant, secret: secrets.CONTINUE_SECRET, answer: { decision } })
  const routes = { [tenant.origin]: tenant.fetch, 'https://verify.example': site.fetch }
  await drive.resetPassword(createBrowser({ routes }), tenant, { email, newPassword })
  const changed = await tenant.users.checkPassword(email, newPassword)
  expect(changed).toBe(decision === 'allow')
  await tenant.close()
})
