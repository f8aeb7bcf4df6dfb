/**
 * Answers that the verifier never gives: one change away from the one that opens a reset. Each Action for
 * a reset reads them by itself, so each is shown all of them.
 */
import { createHmac } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { ActionSpec } from '../../src/emulator/index.ts'
import { freshDatabase } from '../support/database.ts'
import {
  claimsOf,
  NO_ANSWER,
  openWorld,
  placeOf,
  randomSecret,
  type World,
  wayBackOf,
} from '../support/world.ts'

const database = await freshDatabase()

type Claims = Readonly<Record<string, unknown>>

/** By hand: a mistake of the verifier's own signing must not hide here. */
function sign(claims: Claims, secret: string, header: Claims = { alg: 'HS256', typ: 'JWT' }) {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${part(header)}.${part(claims)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** Takes the verifier's own answer to the tenant with the changes, signed with the right secret. */
async function answer(world: World, change: (claims: Claims) => string) {
  const email = world.addUser()
  const { browser } = await world.arrive(email)
  const { action, values, token } = wayBackOf(await browser.autoSubmit())
  await browser.post(action, { ...values, session_token: change(claimsOf(token)) })
  return { page: browser.page, password: await world.passwordOf(email) }
}

const secretOf = ({ secrets }: World) => secrets.continue[0] ?? ''

const CHANGES: readonly (readonly [string, Claims])[] = [
  ['no decision', { decision: undefined }],
  ['a decision in capitals', { decision: 'ALLOW' }],
  ['a decision with a space', { decision: 'allow ' }],
  ['a decision in a list', { decision: ['allow'] }],
  ['a decision that is true', { decision: true }],
  ['a decision that nobody knows', { decision: 'permit' }],
  ['no flow', { flow: undefined }],
  ['the login flow', { flow: 'login' }],
  ['no subject', { sub: undefined }],
  ["another user's subject", { sub: 'auth0|0123456789abcdef01234567' }],
  ['no state', { state: undefined }],
  ['another state', { state: 'another' }],
  ['no expiry', { exp: undefined }],
  ['an expiry that is over', { exp: 1_700_000_000 }],
]

const ACTIONS = ['password-reset-verify', 'password-reset-recovery-form'] as const
const CASES = ACTIONS.flatMap((name) =>
  [true, false].map((checksSub) => [name, checksSub] as const),
)

describe.each(CASES)('%s, with validateToken checking sub: %s', (name, validateTokenChecksSub) => {
  const file = fileURLToPath(new URL(`../../actions/${name}.js`, import.meta.url))
  const open = () =>
    openWorld(database, {
      tenant: { switches: { validateTokenChecksSub } },
      actionSecrets: { RV_FORM_ID: 'ap_recovery' },
      actions: (reference: ActionSpec) => [{ ...reference, name, file }],
    })

  it('the answer opens the reset as it stands', async () => {
    const world = await open()
    const { page } = await answer(world, (claims) => sign(claims, secretOf(world)))
    expect(placeOf(page)).toBe('new password')
  })

  it.each(CHANGES)('%s opens nothing', async (_, change) => {
    const world = await open()
    const { page, password } = await answer(world, (claims) =>
      sign({ ...claims, ...change }, secretOf(world)),
    )
    expect(placeOf(page)).toBe('stopped')
    expect(page.text).toContain(NO_ANSWER)
    expect(password).toBe('old')
  })

  it.each([
    ['of the login flow', { flow: 'login' }],
    ["for another user's subject", { sub: 'auth0|0123456789abcdef01234567' }],
  ])('a denial %s shows neither its code nor a form', async (_, change) => {
    const world = await open()
    const denial = { decision: 'deny', reasons: ['recovery_form'], reference: '0000-0000' }
    const { page, password } = await answer(world, (claims) =>
      sign({ ...claims, ...denial, ...change }, secretOf(world)),
    )
    expect(placeOf(page)).toBe('stopped')
    expect(page.text).not.toContain('0000-0000')
    expect(password).toBe('old')
  })
})

describe('a signature that is not ours opens nothing', () => {
  it.each([
    ['another secret', (claims: Claims) => sign(claims, randomSecret())],
    [
      'no algorithm',
      (claims: Claims) => sign(claims, '', { alg: 'none', typ: 'JWT' }).replace(/[^.]*$/, ''),
    ],
    [
      'the secret of the other direction',
      (claims: Claims, world: World) => sign(claims, world.secrets.session[0] ?? ''),
    ],
    [
      'another algorithm',
      (claims: Claims, world: World) => sign(claims, secretOf(world), { alg: 'HS512', typ: 'JWT' }),
    ],
  ])('%s', async (_, forge) => {
    const world = await openWorld(database)
    const { page, password } = await answer(world, (claims) => forge(claims, world))
    expect(placeOf(page)).toBe('stopped')
    expect(password).toBe('old')
  })
})

it('a denial without a code still stops the reset', async () => {
  const world = await openWorld(database)
  const { page, password } = await answer(world, (claims) =>
    sign({ ...claims, decision: 'deny', reference: undefined }, secretOf(world)),
  )
  expect(placeOf(page)).toBe('stopped')
  expect(page.text).not.toContain('undefined')
  expect(password).toBe('old')
})
