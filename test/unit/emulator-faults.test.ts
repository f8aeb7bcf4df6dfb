/**
 * Every fault of the tenant: it does the one thing it is named for, says so in the trace, and is gone when
 * it is switched off. The Action is a careful one, so the same trip without the fault succeeds.
 */
import { createHmac } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { drive, type Faults, type TenantOptions } from '../../src/emulator/index.ts'
import { NO_FAULTS } from '../../src/emulator/tenant/faults.ts'
import {
  action,
  EMAIL,
  NEW_PASSWORD,
  OLD_PASSWORD,
  SITE,
  world,
} from '../support/emulated-tenant.ts'

const SECRET = 'a-secret-of-both-sides-that-is-long-enough'
const CAREFUL = {
  name: 'careful',
  secrets: { OTHER: 'another secret of this Action, in no use', BACK: SECRET },
  code: action(
    `api.redirect.sendUserTo('${SITE}/check')`,
    `try {
      const { sub, ok } = api.redirect.validateToken({ secret: event.secrets.BACK })
      if (sub === event.user.user_id && ok === true) return
    } catch (error) { console.log(error.message) }
    return api.access.deny('no')`,
  ),
}

const sign = (payload: object, secret = SECRET) => {
  const input = [{ alg: 'HS256', typ: 'JWT' }, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

const tenants: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(tenants.splice(0).map((tenant) => tenant.close()))
})

/** Stands on the third-party site, with an answer that would be accepted. */
async function away(faults: Partial<Faults> = {}, options: TenantOptions = {}) {
  const made = world([CAREFUL], {
    users: [
      { email: EMAIL, password: OLD_PASSWORD },
      { email: 'eve@example.com', password: OLD_PASSWORD },
    ],
    faults,
    ...options,
  })
  tenants.push(made.tenant)
  const { tenant, browser } = made
  await made.open()
  const answer = (secret = SECRET) => {
    const state = made.visits.at(-1)?.searchParams.get('state') ?? ''
    const now = Math.floor(tenant.clock.now() / 1000)
    const sub = tenant.users.get(EMAIL)?.user_id
    return {
      state,
      session_token: sign({ iss: 's', sub, iat: now, exp: now + 60, state, ok: true }, secret),
    }
  }
  const back = async (secret?: string) => {
    const { state, session_token } = answer(secret)
    await browser.post(`${tenant.origin}/continue?state=${state}`, { state, session_token })
    return new URL(browser.page.url).pathname
  }
  return {
    ...made,
    back,
    refusals: () => tenant.trace.of('continue.refused').map(({ data }) => data.reason),
    struck: () => tenant.trace.of('fault.struck').map(({ data }) => data.fault),
    lastLog: () => tenant.trace.of('action.ran').at(-1)?.data.log.trim(),
    failures: () => tenant.trace.of('flow.failed').map(({ data }) => data.reason),
  }
}

const PASSWORD_PAGE = '/u/reset-password/change'
const STOPPED = '/u/reset-password/error'

it('no fault: the trip succeeds, and nothing is said to have struck', async () => {
  const trip = await away()
  expect(await trip.back()).toBe(PASSWORD_PAGE)
  expect(trip.struck()).toEqual([])
  await drive.choosePassword(trip.browser, NEW_PASSWORD)
  expect(await trip.passwordChanged()).toBe(true)
})

describe('the continue token on its way to the Action', () => {
  it.each<[Faults['continueToken'], string]>([
    ['missing', "There is no parameter called 'session_token'"],
    ['tampered', 'Failed signature validation'],
    ['expired', 'Token has expired.'],
    ['other_user', 'The sub claim does not match the user_id.'],
    ['other_state', 'State in the token does not match the /continue state.'],
  ])('%s: is refused for that and for nothing else', async (continueToken, reason) => {
    const trip = await away({ continueToken })
    expect(await trip.back()).toBe(STOPPED)
    expect(trip.lastLog()).toContain(reason)
    expect(trip.struck()).toEqual(['continueToken'])
    expect(await trip.passwordChanged()).toBe(false)
  })

  it('other_user: is about a user who exists', async () => {
    const trip = await away({ continueToken: 'other_user' })
    await trip.back()
    const [token] = trip.tenant.trace.of('action.ran').at(-1)?.data.tokens ?? []
    expect(token?.payload?.sub).toBe(trip.tenant.users.get('eve@example.com')?.user_id)
    expect(token?.payload?.ok).toBe(true)
  })

  it('in the query string is changed as well', async () => {
    const trip = await away({ continueToken: 'expired' })
    const state = trip.visits[0]?.searchParams.get('state') ?? ''
    const now = Math.floor(trip.tenant.clock.now() / 1000)
    const sub = trip.tenant.users.get(EMAIL)?.user_id
    const token = sign({ iss: 's', sub, iat: now, exp: now + 60, state, ok: true })
    await trip.browser.visit(`${trip.tenant.origin}/continue?state=${state}&session_token=${token}`)
    expect(trip.lastLog()).toContain('Token has expired.')
  })

  it.each<[Faults['continueToken'], string | undefined]>([
    ['expired', 'a secret nobody gave to this Action'],
    ['other_user', 'a secret nobody gave to this Action'],
  ])('%s: what cannot be made is said, and nothing goes on', async (continueToken, secret) => {
    const trip = await away({ continueToken })
    await trip.back(secret)
    expect(trip.browser.page.status).toBe(500)
    expect(trip.browser.page.text).toContain('could not be made')
    expect(trip.tenant.trace.of('action.ran')).toHaveLength(1)
    trip.tenant.faults.continueToken = 'intact'
    expect(await trip.back()).toBe(PASSWORD_PAGE)
  })

  it('without any token there is nothing to change, and it says so', async () => {
    const trip = await away({ continueToken: 'tampered' })
    const state = trip.visits[0]?.searchParams.get('state')
    await trip.browser.visit(`${trip.tenant.origin}/continue?state=${state}`)
    expect(trip.browser.page.text).toContain('no parameter of this request is a token')
  })
})

describe('the way back', () => {
  it.each<[keyof Faults, string]>([
    ['wrongState', 'state_unknown'],
    ['reusedState', 'state_unknown'],
    ['expiredTransaction', 'transaction_expired'],
  ])('%s: /continue refuses as invalid_request and runs no handler', async (fault, reason) => {
    const trip = await away({ [fault]: true })
    await trip.back()
    expect(trip.browser.page.status).toBe(400)
    expect(trip.refusals()).toEqual([reason])
    expect(trip.struck()).toEqual([fault])
    expect(trip.tenant.trace.of('action.ran')).toHaveLength(1)
    expect(await trip.passwordChanged()).toBe(false)
  })

  it('reusedState: the state has the form of a genuine one', async () => {
    const trip = await away({ reusedState: true })
    expect(trip.visits[0]?.searchParams.get('state')).toMatch(/^[\w-]{166}$/)
  })

  it('expiredTransaction: uses nothing up', async () => {
    const trip = await away({ expiredTransaction: true })
    await trip.back()
    trip.tenant.faults.expiredTransaction = false
    expect(await trip.back()).toBe(PASSWORD_PAGE)
  })

  it('lostCookie: the browser is not recognised', async () => {
    const trip = await away({ lostCookie: true })
    await trip.back()
    expect(trip.refusals()).toEqual(['cookie_missing'])
  })

  it('continueFails: answers 500 and uses nothing up', async () => {
    const trip = await away({ continueFails: true })
    await trip.back()
    expect(trip.browser.page.status).toBe(500)
    expect(trip.struck()).toEqual(['continueFails'])
    trip.tenant.faults.continueFails = false
    expect(await trip.back()).toBe(PASSWORD_PAGE)
  })

  it('continueDelayMs: waits before it answers, and then goes on', async () => {
    const trip = await away({ continueDelayMs: 30 })
    const started = performance.now()
    expect(await trip.back()).toBe(PASSWORD_PAGE)
    expect(performance.now() - started).toBeGreaterThanOrEqual(29)
  })

  it('another user: an answer for one user does not let another one through', async () => {
    const trip = await away()
    const other = trip.otherBrowser()
    await drive.requestReset(other, trip.tenant, { email: 'eve@example.com' })
    await drive.openResetLink(other, trip.tenant, 'eve@example.com')
    const state = trip.visits.at(-1)?.searchParams.get('state') ?? ''
    const now = Math.floor(trip.tenant.clock.now() / 1000)
    const sub = trip.tenant.users.get(EMAIL)?.user_id
    const session_token = sign({ iss: 's', sub, iat: now, exp: now + 60, state, ok: true })
    await other.post(`${trip.tenant.origin}/continue?state=${state}`, { state, session_token })
    expect(new URL(other.page.url).pathname).toBe(STOPPED)
    expect(trip.lastLog()).toContain('The sub claim does not match the user_id.')
  })
})

describe('the time limit', () => {
  it.each<[Faults['actionTimesOut'], number]>([
    ['on_execute', 1],
    ['always', 1],
    ['on_continue', 2],
  ])('actionTimesOut %s: fails the flow as action_timeout', async (actionTimesOut, legs) => {
    const trip = await away({ actionTimesOut })
    if (legs === 2) await trip.back()
    expect(trip.failures()).toEqual(['action_timeout'])
    expect(trip.tenant.trace.of('action.ran')).toHaveLength(legs)
    expect(trip.tenant.trace.of('action.ran').at(-1)?.data.error?.class).toBe('action_timeout')
    expect(trip.tenant.logs().map(({ type }) => type)).toContain('actions_execution_failed')
    expect(trip.visits).toHaveLength(legs - 1)
    expect(await trip.passwordChanged()).toBe(false)
  })

  it('actionBudgetMs: an Action that is really slow is ended, and the tenant lives on', async () => {
    const slow = action('await new Promise((resolve) => setTimeout(resolve, 60_000))')
    const made = world([slow], { faults: { actionBudgetMs: 50 } })
    tenants.push(made.tenant)
    await made.open()
    expect(made.tenant.trace.of('flow.failed')[0]?.data.reason).toBe('action_timeout')
    made.tenant.setActions('password-reset-post-challenge', [])
    made.tenant.faults.actionBudgetMs = NO_FAULTS.actionBudgetMs
    await made.open()
    await drive.choosePassword(made.browser, NEW_PASSWORD)
    expect(await made.passwordChanged()).toBe(true)
  })
})

describe('a hostile Action', () => {
  const quickly = { actionBudgetMs: 300 }
  it.each<[what: string, code: string, reason: string, says: RegExp, faults: Partial<Faults>]>([
    ['an endless loop', action('for (;;);'), 'action_timeout', /time limit/, quickly],
    [
      'a promise that never settles',
      action('await new Promise(() => {})'),
      'action_timeout',
      /time limit/,
      quickly,
    ],
    [
      'a memory hog',
      action('const all = []; for (;;) all.push(new Array(1e6).fill(all.length))'),
      'action_error',
      /more memory than an instance has/,
      {},
    ],
    ['process.exit', action('process.exit(3)'), 'action_error', /exit code 3/, {}],
    ['a throw at load', "throw new Error('at load')", 'action_error', /at load/, {}],
  ])('%s fails its own step with a clear message, and the tenant lives on', async (...row) => {
    const [, code, reason, says, faults] = row
    const made = world([code], { faults })
    tenants.push(made.tenant)
    await made.open()
    expect(new URL(made.browser.page.url).pathname).toBe(STOPPED)
    const [failure] = made.tenant.trace.of('flow.failed')
    expect(failure?.data.reason).toBe(reason)
    expect(failure?.data.detail).toMatch(says)
    expect(await made.passwordChanged()).toBe(false)

    made.tenant.faults.actionBudgetMs = NO_FAULTS.actionBudgetMs
    made.tenant.setActions('password-reset-post-challenge', [
      { name: 'harmless', code: action("console.log('alive')") },
    ])
    await made.open()
    await drive.choosePassword(made.browser, NEW_PASSWORD)
    expect(await made.passwordChanged()).toBe(true)
  })
})

describe('instances', () => {
  const COUNTING = {
    name: 'counting',
    code: `let runs = 0
      exports.onExecutePostChallenge = async (event, api) => {
        console.log(runs += 1); api.redirect.sendUserTo('${SITE}') }
      exports.onContinuePostChallenge = async () => { console.log(runs += 1) }`,
  }
  it.each([
    ['warm', ['1', '2', '3']],
    ['cold_after_redirect', ['1', '1', '2']],
    ['always_cold', ['1', '1', '1']],
  ] as const)('%s: module-level state lives as long as they do', async (instances, counts) => {
    const made = world([COUNTING], { switches: { instances } })
    tenants.push(made.tenant)
    await made.open()
    const state = made.visits[0]?.searchParams.get('state')
    await made.browser.visit(`${made.tenant.origin}/continue?state=${state}`)
    await made.open()
    expect(made.tenant.trace.of('action.ran').map(({ data }) => data.log.trim())).toEqual(counts)
  })
})

it('a reset of the tenant takes every fault away that it was not created with', async () => {
  const trip = await away({ continueDelayMs: 1 })
  Object.assign(trip.tenant.faults, { continueToken: 'missing', expiredTransaction: true })
  await trip.tenant.reset()
  expect(trip.tenant.faults).toEqual({ ...NO_FAULTS, continueDelayMs: 1 })
})

describe('execution records', () => {
  it('hold every leg in order with event, commands, log and status, and no secret', async () => {
    const trip = await away()
    expect(trip.tenant.executions().at(-1)?.status).toBe('suspended')
    await trip.back()
    const [execution] = trip.tenant.executions()
    expect(execution?.status).toBe('final')
    expect(execution?.results.map(({ entrypoint }) => entrypoint)).toEqual([
      'onExecutePostChallenge',
      'onContinuePostChallenge',
    ])
    expect(execution?.results[0]?.event).toMatchObject({ user: { email: EMAIL } })
    expect(execution?.results[1]?.event).toMatchObject({ request: { method: 'POST' } })
    expect(execution?.results[0]?.commands).toMatchObject([{ type: 'redirect.sendUserTo' }])
    expect(JSON.stringify(trip.tenant.executions())).not.toContain(SECRET)
  })
})
