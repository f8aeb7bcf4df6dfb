/** The use case over the in-memory store: what is answered, what is recorded, and what never leaves. */
import { beforeEach, describe, expect, it } from 'vitest'
import { type AssessEvent, createAssess } from '../../src/verifier/assess.ts'
import type { Decision } from '../../src/verifier/domain/decision.ts'
import type { PolicyDocument } from '../../src/verifier/domain/policy.ts'
import type { Session } from '../../src/verifier/domain/session.ts'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { ENGINE_VERSION } from '../../src/verifier/judge.ts'
import { createPolicies } from '../../src/verifier/policies.ts'
import {
  type ContinueClaims,
  type Opened,
  type Store,
  StoreError,
  type Tenant,
} from '../../src/verifier/ports.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { settleOpen } from '../../src/verifier/sweep.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { NOW } from '../support/tokens.ts'

const HOST = 'acme.eu.auth0.com'
const ACME: Tenant = {
  id: 'acme',
  continueOrigins: new Map([[HOST, `https://${HOST}`]]),
  tokenParameter: 'session_token',
  whenUnavailable: 'retry',
}
const [RESET] = defaultPolicies('enforce') as [PolicyDocument]
const sessionOf = (given: object = {}, over: object = {}) => {
  const usual = { flow: 'password_reset', factors: [], first_challenge: ['email'] }
  const facts = { ...usual, ...given }
  return {
    tenantId: 'acme',
    host: HOST,
    subject: 'auth0|one',
    tokenId: 'jti:first',
    issuedAt: NOW,
    expiresAt: NOW + 300,
    keyIndex: 0,
    spoken: { flow: facts.flow },
    address: () => undefined,
    facts: () => facts,
    ...over,
  } as unknown as Session
}
const VISIT = { address: '203.0.113.7', network: {}, client: { script: true } }

let now = NOW
let memory: ReturnType<typeof createMemoryStore>
let deferred: Promise<unknown>[]
let events: AssessEvent[]
let claims: ContinueClaims[]

beforeEach(async () => {
  now = NOW
  memory = createMemoryStore(() => now)
  deferred = []
  events = []
  claims = []
  await memory.activatePolicy('acme', RESET)
})

function assessWith(store: Store = memory, tenant: Tenant = ACME) {
  let ids = 0
  const assess = createAssess({
    store,
    tokens: {
      async signContinueToken(given) {
        claims.push(given)
        return `signed ${given.decision}`
      },
    },
    identifiers: createIdentifiers('a test key for identifiers, 32 bytes long'),
    policies: createPolicies(),
    tenants: new Map([[tenant.id, tenant]]),
    newId: () => {
      ids += 1
      return `00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`
    },
    defer: (work) => void deferred.push(work),
    observe: (event) => void events.push(event),
  })
  return (session = sessionOf(), over: object = {}) =>
    assess({ session, state: 'S1', binding: 'browser-1', visit: VISIT, now, ...over })
}

const failing = (kind: StoreError['kind']): Store => ({
  ...memory,
  open: async () => {
    throw new StoreError(kind, '57P01')
  },
})

describe('an assessment', () => {
  it('answers allow with a record that exists before the answer is signed', async () => {
    const answer = await assessWith()()
    expect(answer).toMatchObject({
      ok: true,
      value: { outcome: 'allow', continueOrigin: `https://${HOST}`, state: 'S1', degraded: false },
    })
    expect((await memory.rows()).assessments).toBe(1)
    expect(claims).toMatchObject([{ decision: 'allow', state: 'S1' }])
  })

  it('settles after the answer, with the decision that was sent', async () => {
    await assessWith()()
    const [settled] = (await Promise.all(deferred)) as Decision[]
    expect(settled?.outcome).toBe('allow')
    now += 120
    expect(await memory.readUnsettled(60, 10)).toEqual([])
  })

  it('writes nothing back before the answer could be sent', async () => {
    let writes = 0
    const settle: Store['settle'] = (settlement) => {
      writes += 1
      return memory.settle(settlement)
    }
    await assessWith({ ...memory, settle })()
    // What sends an answer runs in these, before anything else does.
    for (let turn = 0; turn < 100; turn += 1) await Promise.resolve()
    expect(writes).toBe(0)
    await Promise.all(deferred)
    expect(writes).toBe(1)
  })

  it('gives a repeat from the same browser the same decision under the same id', async () => {
    const assess = assessWith()
    const first = await assess()
    const second = await assess()
    expect(second).toEqual(first)
    expect(claims[0]?.id).toBe(claims[1]?.id)
    expect((await memory.rows()).assessments).toBe(1)
  })

  it('repeats the nonce of the session token to the Action, each time and for each answer', async () => {
    const assess = assessWith()
    await assess(sessionOf({}, { nonce: 'first' }))
    await assess(sessionOf({}, { nonce: 'first' }))
    const degraded = assessWith(failing('unavailable'), { ...ACME, whenUnavailable: 'step_up' })
    await degraded(sessionOf({ factors: ['otp'] }, { nonce: 'first' }))
    expect(claims.map(({ nonce }) => nonce)).toEqual(['first', 'first', 'first'])
  })

  it('names no nonce where the session token has none', async () => {
    await assessWith()()
    expect(claims[0]).not.toHaveProperty('nonce')
  })

  it.each([
    ['another browser', {}, { binding: 'browser-2' }],
    ['another state', {}, { state: 'S2' }],
    ['another subject', { subject: 'auth0|two' }, {}],
  ])('gives a repeat from %s nothing', async (_, session, over) => {
    const assess = assessWith()
    await assess()
    const before = await memory.rows()
    const answer = await assess(sessionOf({}, session), over)
    expect(answer).toMatchObject({ ok: false, error: { code: 'token_spent' } })
    expect(claims).toHaveLength(1)
    expect(await memory.rows()).toEqual(before)
  })

  it('answers a state for one token only', async () => {
    const assess = assessWith()
    await assess()
    const answer = await assess(sessionOf({}, { tokenId: 'jti:second' }))
    expect(answer).toMatchObject({ ok: false, error: { code: 'state_conflict' } })
    expect(claims).toHaveLength(1)
    expect((await memory.rows()).assessments).toBe(1)
  })

  it('steps up a user with a further factor', async () => {
    const answer = await assessWith()(sessionOf({ factors: ['otp'] }))
    expect(answer).toMatchObject({ ok: true, value: { outcome: 'step_up' } })
  })
})

describe('while Postgres does not answer', () => {
  it.each(['unavailable', 'unknown', 'overloaded'] as const)(
    'refuses with a retry when the store is %s, and signs nothing',
    async (kind) => {
      const answer = await assessWith(failing(kind))()
      expect(answer).toMatchObject({ ok: false, error: { tenantId: 'acme' } })
      expect(claims).toEqual([])
      expect(events).toMatchObject([{ storeError: '57P01' }])
    },
  )

  it.each([
    ['step_up', ['otp', 'email']],
    ['deny', []],
    ['deny', ['email']],
    ['step_up', undefined],
  ])(
    'answers %s for the factors %j where the tenant prefers friction',
    async (outcome, factors) => {
      const assess = assessWith(failing('unavailable'), { ...ACME, whenUnavailable: 'step_up' })
      const answer = await assess(sessionOf({ factors }))
      expect(answer).toMatchObject({ ok: true, value: { outcome, degraded: true } })
      expect(claims[0]?.reasons).toEqual(['unavailable'])
    },
  )

  it.each(['unknown', 'overloaded'] as const)(
    'never degrades when the store is %s: the record may exist, or a retry will do',
    async (kind) => {
      const assess = assessWith(failing(kind), { ...ACME, whenUnavailable: 'step_up' })
      expect(await assess(sessionOf({ factors: ['otp'] }))).toMatchObject({ ok: false })
      expect(claims).toEqual([])
    },
  )

  it('lets a bug of the store through as a bug', async () => {
    const broken: Store = { ...memory, open: () => Promise.reject(new TypeError('a bug')) }
    await expect(assessWith(broken)()).rejects.toThrow(TypeError)
  })

  it('refuses when no policy is active', async () => {
    const assess = assessWith()
    const answer = await assess(sessionOf({ flow: 'login' }))
    expect(answer).toMatchObject({ ok: false, error: { code: 'unavailable' } })
    expect((await memory.rows()).redemptions).toBe(0)
  })

  it('refuses when this build cannot compile the policy', async () => {
    const strange = { ...RESET, version: 2, rules: [{ nonsense: true }] }
    await memory.activatePolicy('acme', strange as unknown as PolicyDocument)
    expect(await assessWith()()).toMatchObject({ ok: false, error: { code: 'unavailable' } })
    expect(claims).toEqual([])
  })
})

describe('a record that another engine opened and nobody settled', () => {
  const opened = (age: number): Store => ({
    ...memory,
    async open(opening) {
      const result = (await memory.open(opening)) as Extract<Opened, { kind: 'opened' }>
      const { facts } = result.assessment
      return {
        ...result,
        assessment: {
          ...result.assessment,
          engineVersion: `not ${ENGINE_VERSION}`,
          facts: { ...facts, decided_at: now - age },
        },
      }
    },
  })

  it('is left to that engine while an answer may be on its way', async () => {
    expect(await assessWith(opened(5))()).toMatchObject({
      ok: false,
      error: { code: 'unavailable' },
    })
    expect(claims).toEqual([])
    expect(deferred).toEqual([])
  })

  it.each([
    ['step_up', ['otp']],
    ['deny', []],
  ])(
    'is answered with %s afterwards for factors %j, never decided anew',
    async (outcome, factors) => {
      const answer = await assessWith(opened(60))(sessionOf({ factors }))
      expect(answer).toMatchObject({ ok: true, value: { outcome } })
      expect(claims[0]?.reasons).toEqual(['engine_changed'])
    },
  )
})

describe('a decision that somebody else wrote first', () => {
  it('is the one that is sent, not the one that came too late', async () => {
    const outrun: Store = {
      ...memory,
      async open(opening) {
        const result = (await memory.open(opening)) as Extract<Opened, { kind: 'opened' }>
        const { facts } = result.assessment
        const old = { engineVersion: `not ${ENGINE_VERSION}`, facts: { ...facts, decided_at: 0 } }
        return { ...result, assessment: { ...result.assessment, ...old } }
      },
      // The other engine was still alive.
      settle: async ({ decision }) => ({ ...decision, outcome: 'deny', codes: ['not_permitted'] }),
    }
    const answer = await assessWith(outrun)(sessionOf({ factors: ['otp'] }))
    expect(answer).toMatchObject({ ok: true, value: { outcome: 'deny' } })
    expect(claims).toMatchObject([{ decision: 'deny', reasons: ['not_permitted'] }])
  })

  it('is not written again by a repeat', async () => {
    const assess = assessWith()
    await assess()
    await Promise.all(deferred)
    expect(deferred).toHaveLength(1)
    await assess()
    expect(deferred).toHaveLength(1)
  })
})

describe('the sweep', () => {
  it('settles what a dead process left open, with the decision it would have sent', async () => {
    const neverSettles: Store = { ...memory, settle: () => new Promise(() => {}) }
    const answer = await assessWith(neverSettles)(sessionOf({ factors: ['otp'] }))
    expect(await settleOpen(memory, createPolicies())).toEqual({ settled: 0, left: 0 })
    now += 120
    expect(await settleOpen(memory, createPolicies())).toEqual({ settled: 1, left: 0 })
    expect(await settleOpen(memory, createPolicies())).toEqual({ settled: 0, left: 0 })
    const repeat = await assessWith()(sessionOf({ factors: ['otp'] }))
    expect(repeat).toMatchObject({ ok: true, value: { outcome: 'step_up' } })
    expect(answer).toMatchObject({ ok: true, value: { outcome: 'step_up' } })
  })

  /** Three records that were left open, the oldest first, before a sweep that may see them. */
  async function threeOpen() {
    const assess = assessWith({ ...memory, settle: () => new Promise(() => {}) })
    for (const one of ['first', 'second', 'third'])
      await assess(sessionOf({}, { tokenId: `jti:${one}` }), { state: one })
    now += 120
    const open = await memory.readUnsettled(60, 10)
    expect(open).toHaveLength(3)
    return open.map(({ id }) => id)
  }
  const leftOpen = async () => (await memory.readUnsettled(60, 10)).map(({ id }) => id)

  it('goes on behind a record that cannot be judged, and says so at the end', async () => {
    const [broken] = await threeOpen()
    const damaged: Store = {
      ...memory,
      readUnsettled: async (...asked) =>
        (await memory.readUnsettled(...asked)).map((one) =>
          one.id === broken ? ({ ...one, facts: {} } as typeof one) : one,
        ),
    }
    await expect(settleOpen(damaged, createPolicies())).rejects.toThrow(TypeError)
    expect(await leftOpen()).toEqual([broken])
  })

  it.each([
    ['goes on behind a record that the database refuses', 'unknown', [0]],
    ['asks no more of a database that is not there', 'unavailable', [0, 1, 2]],
    ['asks no more of a database that takes no more', 'overloaded', [0, 1, 2]],
  ] as const)('%s', async (_, kind, left) => {
    const ids = await threeOpen()
    const refusing: Store = {
      ...memory,
      async settle(settlement) {
        if (settlement.id === ids[0]) throw new StoreError(kind, '22P05')
        return await memory.settle(settlement)
      },
    }
    await expect(settleOpen(refusing, createPolicies())).rejects.toMatchObject({ code: '22P05' })
    expect(await leftOpen()).toEqual(left.map((at) => ids[at]))
  })

  it('settles what stands behind any number of records whose policy it cannot compile', async () => {
    const strange = { ...RESET, version: 2, floors: 'none' } as unknown as PolicyDocument
    const assess = assessWith({ ...memory, settle: () => new Promise(() => {}) })
    await memory.activatePolicy('acme', strange)
    for (let i = 0; i < 600; i += 1)
      await assess(sessionOf({}, { tokenId: `jti:${i}` }), { state: `${i}` })
    await memory.activatePolicy('acme', { ...RESET, version: 3 })
    await assess(sessionOf({}, { tokenId: 'jti:behind' }), { state: 'behind' })
    now += 120
    let read = 0
    const counting: Store = {
      ...memory,
      async readPolicy(...asked) {
        read += 1
        return await memory.readPolicy(...asked)
      },
    }
    expect(await settleOpen(counting, createPolicies())).toMatchObject({ settled: 1 })
    // Each policy once, and not for each record.
    expect(read).toBe(2)
    expect(await memory.readUnsettled(60, 1000)).toHaveLength(600)
  })

  it('leaves a record open whose policy it cannot compile', async () => {
    const strange = { ...RESET, version: 2, floors: 'none' }
    await memory.activatePolicy('acme', strange as unknown as PolicyDocument)
    await assessWith()()
    now += 120
    expect(await settleOpen(memory, createPolicies())).toEqual({ settled: 0, left: 1 })
  })
})
