/** Every page of the emulated tenant, each reached as a person would reach it. */
import type { Browser, Page } from 'playwright-core'
import { createTenant, type Tenant } from '../../../src/emulator/index.ts'
import type { Camera } from './camera.ts'

const TRIGGER = 'password-reset-post-challenge'
const CLIENT_ID = 'ScreenshotApplication00000000000'
const ADA = 'ada@example.com'
const MAX = 'maximiliane.von-und-zu-hohenstein@very-long-department.example.com'
const FACTORS = [
  'otp',
  'phone',
  'push-notification',
  'webauthn-roaming',
  'webauthn-platform',
  'recovery-code',
] as const

export async function shootEmulator(browser: Browser, camera: Camera): Promise<void> {
  const tenant = createTenant({
    name: 'acme-shop',
    users: [
      { email: ADA, password: 'Old-passw0rd', factors: [...FACTORS] },
      { email: MAX, password: 'Old-passw0rd', factors: [] },
    ],
    clients: [{ client_id: CLIENT_ID, name: 'Acme Shop' }],
    forms: [
      {
        id: 'ap_known',
        title: 'Who are you?',
        text: 'Tell us a little more before you choose a new password.',
        fields: [
          { name: 'born', label: 'Date of birth', type: 'date', required: true },
          { name: 'city', label: 'City' },
          { name: 'agree', label: 'This is my account', type: 'checkbox' },
        ],
      },
    ],
  })
  const context = await browser.newContext()
  try {
    await tenant.listen()
    const page = await context.newPage()
    const shoot = (name: string) => camera.shoot(page, `emulator-${name}`)
    await shootRequest(tenant, page, shoot)
    await shootChallenges(tenant, page, shoot)
    await shootForm(tenant, page, shoot)
    await shootEndings(tenant, page, shoot)
    await page.goto(`${tenant.origin}/emulator/mailbox`)
    await shoot('mailbox')
    await page.goto(`${tenant.origin}/emulator/phone`)
    await shoot('phone')
  } finally {
    await context.close()
    await tenant.close()
  }
}

type Shoot = (name: string) => Promise<void>

/** Deploys this code alone and opens a fresh link of the user. */
async function reset(tenant: Tenant, page: Page, code: string, user = ADA): Promise<void> {
  tenant.setActions(TRIGGER, [
    {
      name: 'shown',
      code: `exports.onExecutePostChallenge = async (event, api) => { ${code} }
exports.onContinuePostChallenge = async () => {}`,
    },
  ])
  const resultUrl = 'http://app.localhost:1/done'
  await page.goto(tenant.createTicket({ user, clientId: CLIENT_ID, resultUrl }))
}

async function shootRequest(tenant: Tenant, page: Page, shoot: Shoot): Promise<void> {
  await page.goto(tenant.origin)
  await shoot('home')
  await page.goto(`${tenant.origin}/emulator/mailbox`)
  await shoot('mailbox-empty')
  await page.goto(`${tenant.origin}/u/reset-password/request`)
  await shoot('request-no-application')
  await page.goto(`${tenant.origin}/u/reset-password/request?client_id=${CLIENT_ID}`)
  await shoot('request')
  await page.getByLabel('E-mail address').fill(MAX)
  await page.getByRole('button', { name: 'Send the link' }).click()
  await page.getByRole('heading', { name: 'Check your e-mail' }).waitFor()
  await shoot('sent')
}

async function shootChallenges(tenant: Tenant, page: Page, shoot: Shoot): Promise<void> {
  const selectors = JSON.stringify(FACTORS.map((type) => ({ type })))
  await reset(tenant, page, `api.authentication.challengeWithAny(${selectors})`)
  await shoot('picker')
  for (const type of [...FACTORS, 'email']) {
    await reset(tenant, page, `api.authentication.challengeWith({ type: '${type}' })`)
    await shoot(`challenge-${type}`)
  }
  const others = JSON.stringify([{ type: 'phone' }, { type: 'recovery-code' }])
  const options = `{ additionalFactors: ${others} }`
  await reset(tenant, page, `api.authentication.challengeWith({ type: 'otp' }, ${options})`)
  await page.getByLabel('Code').fill('000000')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('alert').waitFor()
  await shoot('challenge-wrong')

  await reset(tenant, page, `api.authentication.challengeWith({ type: 'recovery-code' })`)
  const factor = tenant.users.get(ADA)?.factors.find(({ type }) => type === 'recovery-code')
  if (factor?.type === 'recovery-code') await page.getByLabel('Recovery code').fill(factor.code)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByLabel('I have kept this code').waitFor()
  await shoot('new-recovery-code')
}

async function shootForm(tenant: Tenant, page: Page, shoot: Shoot): Promise<void> {
  const set = "{ fields: { city: 'Köln' }, vars: { plan: 'gold' } }"
  await reset(tenant, page, `api.prompt.render('ap_known', ${set})`)
  await shoot('form')
  await reset(tenant, page, `api.prompt.render('ap_unknown', ${set})`)
  await shoot('form-unknown')
}

async function shootEndings(tenant: Tenant, page: Page, shoot: Shoot): Promise<void> {
  const denied = "We can't reset your password online. Contact support: 7XQ2-M4KD."
  await reset(tenant, page, `api.access.deny(${JSON.stringify(denied)})`)
  await shoot('denied')
  await reset(tenant, page, 'throw new Error("nobody should read this")')
  await shoot('failed')
  await page.goto(`${tenant.origin}/continue?state=unknown`)
  await shoot('could-not-continue')
  tenant.faults.continueFails = true
  await page.goto(`${tenant.origin}/continue?state=unknown`)
  await shoot('continue-fails')
  tenant.faults.continueFails = false

  await reset(tenant, page, '', MAX)
  await shoot('new-password')
  const link = tenant.createTicket({ user: MAX, clientId: CLIENT_ID })
  await page.goto(link)
  await choose(page, 'short', 'short')
  await page.getByRole('alert').waitFor()
  await shoot('new-password-weak')
  await choose(page, 'New-passw0rd', 'New-passw0rd')
  await page.getByRole('heading', { name: 'Your password has been changed' }).waitFor()
  await shoot('success-without-button')
  await page.goto(link)
  await shoot('link-used')
  await reset(tenant, page, '', MAX)
  await choose(page, 'New-passw0rd-2', 'New-passw0rd-2')
  await page.getByRole('heading', { name: 'Your password has been changed' }).waitFor()
  await shoot('success')
}

async function choose(page: Page, password: string, again: string): Promise<void> {
  await page.getByLabel('New password').fill(password)
  await page.getByLabel('Once more').fill(again)
  await page.getByRole('button', { name: 'Save the password' }).click()
}
