/** A reset by somebody without a second factor, stopped by a form that takes a wish and gives nothing. */
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { ActionSecrets } from '../../src/cli/round-trip.ts'
import type { Browser } from '../../src/emulator/index.ts'
import { freshDatabase } from '../support/database.ts'
import { alwaysStepUp } from '../support/login-trip.ts'
import {
  linkOf,
  NO_ANSWER,
  openWorld,
  passVerifier,
  placeOf,
  REFERENCE,
  type World,
} from '../support/world.ts'

const database = await freshDatabase()
const FORM = 'ap_recovery'
const file = fileURLToPath(
  new URL('../../actions/password-reset-recovery-form.js', import.meta.url),
)

const openForm = (
  secrets: ActionSecrets = {},
  no_factor: 'deny' | 'hold' | 'form' | 'allow' = 'form',
  tenant: object = {},
) =>
  openWorld(database, {
    policies: alwaysStepUp(no_factor),
    actionSecrets: { RV_FORM_ID: FORM, ...secrets },
    actions: (reference) => [{ ...reference, name: 'password-reset-recovery-form', file }],
    tenant: {
      forms: [
        {
          id: FORM,
          title: 'We need to talk to you',
          fields: [{ name: 'contact', label: 'How may we get in touch? (email, phone, none)' }],
        },
      ],
      ...tenant,
    },
  })

const isForm = ({ page }: Browser) => new URL(page.url).pathname === '/u/form'
const NOTED = /We'll get in touch with you\. Your code: ([0-9A-Z]{4}-[0-9A-Z]{4})\./

async function atForm(world: World) {
  const email = world.addUser(['email'])
  const { browser } = await world.arrive(email)
  await passVerifier(browser)
  expect(isForm(browser)).toBe(true)
  return { email, browser }
}

describe.each([true, false])('with validateToken checking sub: %s', (validateTokenChecksSub) => {
  const tenant = { switches: { validateTokenChecksSub } }

  it.each([
    ['by e-mail', 'email', NOTED, 'email'],
    ['by phone', 'phone', NOTED, 'phone'],
    ['not at all', 'none', REFERENCE, 'none'],
    ['in a way there is none', 'allow', REFERENCE, 'none'],
  ])('who wants to hear from us %s is stopped with the code', async (_, contact, text, logged) => {
    const world = await openForm({}, 'form', tenant)
    const { email, browser } = await atForm(world)
    const page = await browser.submit(undefined, { contact })
    expect(placeOf(page)).toBe('stopped')
    const [record] = await world.records()
    expect(record).toMatchObject({ outcome: 'deny', assessed: 'step_up' })
    expect(record?.decision?.codes[0]).toBe('recovery_form')
    expect(text.exec(page.text)?.[1]).toBe(record?.reference)
    expect(world.actionLog().at(-1)).toMatchObject({
      outcome: 'form',
      contact: logged,
      reference: record?.reference,
    })
    expect(await world.passwordOf(email)).toBe('old')
  })
})

describe('the form lets nobody on', () => {
  it('whatever else is entered into it', async () => {
    const world = await openForm()
    const { email, browser } = await atForm(world)
    const page = await browser.submit(undefined, {
      contact: 'email',
      decision: 'allow',
      session_token: 'x',
      id: 'other',
    })
    expect(placeOf(page)).toBe('stopped')
    expect(await world.passwordOf(email)).toBe('old')
  })

  it('when it is left out: its state opens neither /continue nor the new password', async () => {
    const world = await openForm()
    const { email, browser } = await atForm(world)
    const state = new URL(browser.page.url).searchParams.get('state') ?? ''
    for (const path of ['/continue', '/u/reset-password/change']) {
      await browser.visit(`${world.origins.tenant}${path}?state=${encodeURIComponent(state)}`)
      expect(placeOf(browser.page)).toBe('lost')
    }
    expect(await world.passwordOf(email)).toBe('old')
  })

  it('when the link is opened again: the next attempt ends at the form as well', async () => {
    const world = await openForm()
    const email = world.addUser(['email'])
    const browser = world.browser()
    const link = await world.linkFor(email, browser)
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await browser.visit(link)
      await passVerifier(browser)
      expect(isForm(browser)).toBe(true)
      await browser.submit(undefined, { contact: 'none' })
    }
    expect(await world.passwordOf(email)).toBe('old')
  })

  it('with a Continue token that is missing: the form is not shown, and nothing is opened', async () => {
    const world = await openForm()
    const email = world.addUser(['email'])
    const { browser, page } = await world.arrive(email)
    const { state } = linkOf(page)
    await browser.visit(`${world.origins.tenant}/continue?state=${encodeURIComponent(state)}`)
    expect(placeOf(browser.page)).toBe('stopped')
    expect(browser.page.text).toContain(NO_ANSWER)
    expect(await world.passwordOf(email)).toBe('old')
  })
})

describe('the form is not shown', () => {
  it.each(['deny', 'hold'] as const)('where the policy says %s', async (no_factor) => {
    const world = await openForm({}, no_factor)
    const { browser } = await world.arrive(world.addUser(['email']))
    const page = await passVerifier(browser)
    expect(placeOf(page)).toBe('stopped')
    expect(page.text).toMatch(REFERENCE)
  })

  it('to a user on the deny list', async () => {
    const world = await openForm()
    const email = world.addUser(['email'])
    await world.deny(email)
    const { browser } = await world.arrive(email)
    expect(placeOf(await passVerifier(browser))).toBe('stopped')
  })

  it.each([undefined, ''])('without a form: RV_FORM_ID %j stops as before', async (RV_FORM_ID) => {
    const world = await openForm({ RV_FORM_ID })
    const email = world.addUser(['email'])
    const { browser } = await world.arrive(email)
    const page = await passVerifier(browser)
    expect(placeOf(page)).toBe('stopped')
    expect(page.text).toMatch(REFERENCE)
    expect(await world.passwordOf(email)).toBe('old')
  })

  it('with a form id that Auth0 refuses: the reset stops', async () => {
    const world = await openForm({ RV_FORM_ID: 'x'.repeat(49) })
    const email = world.addUser(['email'])
    const { browser } = await world.arrive(email)
    expect(placeOf(await passVerifier(browser))).toBe('stopped')
    expect(await world.passwordOf(email)).toBe('old')
  })

  it('while RV_MODE observes: the log says that it would have been', async () => {
    const world = await openForm({ RV_MODE: 'observe' })
    const { browser } = await world.arrive(world.addUser(['email']))
    expect(placeOf(await passVerifier(browser))).toBe('new password')
    expect(world.actionLog().at(-1)).toMatchObject({ outcome: 'deny', form: FORM })
  })
})

it('everybody else goes the way of password-reset-verify: a factor is asked for, an allow opens', async () => {
  const world = await openForm()
  const { browser } = await world.arrive(world.addUser(['otp']))
  expect(placeOf(await passVerifier(browser))).toBe('factor')
  const open = await openForm({}, 'allow')
  const other = await open.arrive(open.addUser(['email']))
  expect(placeOf(await passVerifier(other.browser))).toBe('new password')
})

it("another Action's form before it is not taken for its own", async () => {
  const world = await openWorld(database, {
    policies: alwaysStepUp('allow'),
    actionSecrets: { RV_FORM_ID: FORM },
    actions: (reference) => [
      {
        name: 'consent',
        code: `exports.onExecutePostChallenge = async (event, api) => api.prompt.render('ap_consent')
exports.onContinuePostChallenge = async () => {}`,
      },
      { ...reference, name: 'password-reset-recovery-form', file },
    ],
  })
  const { browser } = await world.arrive(world.addUser(['email']))
  await browser.submit()
  expect(placeOf(await passVerifier(browser))).toBe('new password')
})
