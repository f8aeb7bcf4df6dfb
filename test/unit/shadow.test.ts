/** Shadow versions: evaluated on every request, stored beside the decision, and never part of an answer. */
import { beforeEach, describe, expect, it } from 'vitest'
import { createAssess } from '../../src/verifier/assess.ts'
import { compilePolicy } from '../../src/verifier/domain/compile.ts'
import type { PolicyDocument } from '../../src/verifier/domain/policy.ts'
import { evaluateShadows } from '../../src/verifier/domain/shadow.ts'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { createPolicies, type Policies } from '../../src/verifier/policies.ts'
import type { ContinueClaims, Store } from '../../src/verifier/ports.ts'
import { settleOpen } from '../../src/verifier/sweep.ts'
import { ACME, sessionOf } from '../support/app.ts'
import { createMemoryStore } from '../support/memory-store.ts'
import { NOW } from '../support/tokens.ts'
import { factsOf } from './support/facts.ts'
import { floorOf, policyOf } from './support/policies.ts'

const ACTIVE = policyOf({ version: 1 })
/** Denies everybody: a version that must never be heard. */
const HARSH = policyOf({
  version: 2,
  floors: [
    floorOf({
      id: 'everybody',
      when: { signal: 'unconfirmed_recent', op: 'eq', value: false },
      floor: 'deny',
    }),
  ],
})
const HARSH_VERDICT = {
  policy_version: 2,
  outcome: 'deny',
  assessed: 'deny',
  score: HARSH.prior,
  rules: ['everybody'],
}
const idOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

let now = NOW
let memory: ReturnType<typeof createMemoryStore>
let policies: Policies
let deferred: Promise<unknown>[]
let signed: ContinueClaims[]

beforeEach(async () => {
  now = NOW
  memory = createMemoryStore(() => now)
  policies = createPolicies()
  deferred = []
  signed = []
  await memory.activatePolicy('acme', ACTIVE)
})

function verify(
  number: number,
  store: Store = memory,
  own: Policies = policies,
  readShadows: () => Promise<void> = async () => {},
) {
  const assess = createAssess({
    store,
    readShadows,
    tokens: {
      async signContinueToken(claims) {
        signed.push(claims)
        return 'signed'
      },
    },
    identifiers: createIdentifiers('a test key for identifiers, 32 bytes long'),
    policies: own,
    tenants: new Map([['acme', ACME]]),
    newId: () => idOf(number),
    defer: (work) => void deferred.push(work),
    observe: () => {},
  })
  const session = { ...sessionOf(), tokenId: `jti-${number}` }
  return assess({
    session,
    state: `S${number}`,
    binding: 'browser-1',
    visit: { network: {}, client: { script: true } },
    now,
  })
}

describe('a shadow version', () => {
  beforeEach(async () => {
    await memory.shadowPolicy('acme', HARSH)
  })

  it('is stored beside the decision and changes nothing of the answer', async () => {
    const alone = await verify(1)
    await Promise.all(deferred)
    await policies.refreshShadows(memory)
    const watched = await verify(2)
    await Promise.all(deferred)
    expect(watched).toMatchObject({ ok: true, value: { outcome: 'allow' } })
    const plain = { ...(alone.ok ? alone.value : {}), state: 'S2', assessmentId: idOf(2) }
    expect(watched).toMatchObject({ value: { ...plain, reference: expect.any(String) } })
    const [first, second] = signed
    expect({ ...second, id: '', state: '', reference: '' }).toEqual({
      ...{ ...first, id: '', state: '', reference: '' },
    })
    expect(await memory.shadowOf('acme', idOf(1))).toBeNull()
    expect(await memory.shadowOf('acme', idOf(2))).toEqual([HARSH_VERDICT])
  })

  it('is judged only after the answer was made', async () => {
    await policies.refreshShadows(memory)
    const order: string[] = []
    const watching: Policies = {
      ...policies,
      shadows: (tenant, flow) =>
        policies.shadows(tenant, flow).map((policy) => ({
          ...policy,
          decide: (facts) => {
            order.push('shadow')
            return policy.decide(facts)
          },
        })),
    }
    await verify(1, memory, watching)
    order.push('answered')
    await Promise.all(deferred)
    expect(order).toEqual(['answered', 'shadow'])
  })

  it('is read after the answer by a process that was just started, and stored with its first record', async () => {
    let answered = () => {}
    const answer = new Promise<void>((resolve) => {
      answered = resolve
    })
    // An answer that waited for the reading would never come.
    await verify(1, memory, policies, async () => {
      await answer
      await policies.refreshShadows(memory)
    })
    answered()
    await Promise.all(deferred)
    expect(await memory.shadowOf('acme', idOf(1))).toEqual([HARSH_VERDICT])
  })

  it('that throws costs the record nothing but its own verdict', async () => {
    await policies.refreshShadows(memory)
    const broken: Policies = {
      ...policies,
      shadows: () => [
        {
          document: HARSH,
          decide: () => {
            throw new TypeError('broken')
          },
        },
      ],
    }
    expect(await verify(1, memory, broken)).toMatchObject({ value: { outcome: 'allow' } })
    await expect(Promise.all(deferred)).resolves.toMatchObject([{ outcome: 'allow' }])
    expect(await memory.shadowOf('acme', idOf(1))).toBeNull()
  })

  it('is evaluated by the sweep for a record that its process left open', async () => {
    await policies.refreshShadows(memory)
    await verify(1, { ...memory, settle: () => Promise.reject(new Error('died')) })
    await Promise.allSettled(deferred)
    now += 120
    expect(await settleOpen(memory, policies)).toEqual({ settled: 1, left: 0 })
    expect(await memory.shadowOf('acme', idOf(1))).toEqual([HARSH_VERDICT])
  })

  it('of another tenant or flow is not evaluated', async () => {
    await memory.shadowPolicy('other', { ...HARSH, version: 3 })
    await memory.shadowPolicy('acme', { ...HARSH, version: 4, flow: 'login' })
    await policies.refreshShadows(memory)
    await verify(1)
    await Promise.all(deferred)
    expect(await memory.shadowOf('acme', idOf(1))).toEqual([HARSH_VERDICT])
  })

  it('is no longer evaluated once it is gone', async () => {
    await policies.refreshShadows(memory)
    await policies.refreshShadows({ readShadows: async () => [] })
    await verify(1)
    await Promise.all(deferred)
    expect(await memory.shadowOf('acme', idOf(1))).toBeNull()
  })

  it('is sent and compiled once, and not at every refresh', async () => {
    const asked: (readonly number[])[] = []
    const store: Pick<Store, 'readShadows'> = {
      readShadows(known) {
        asked.push(known)
        return memory.readShadows(known)
      },
    }
    await policies.refreshShadows(store)
    const [compiled] = policies.shadows('acme', 'password_reset')
    await policies.refreshShadows(store)
    expect(asked).toEqual([[], [2]])
    expect(policies.shadows('acme', 'password_reset')).toEqual([compiled])
  })

  it('that this build cannot compile is counted and left out, and the others go on', async () => {
    await memory.shadowPolicy('acme', { ...HARSH, version: 3, flow: 'password_reset', prior: NaN })
    expect(await policies.refreshShadows(memory)).toBe(1)
    expect(policies.shadows('acme', 'password_reset')).toHaveLength(1)
    expect(await policies.refreshShadows(memory)).toBe(1)
  })

  it('is one of the four newest, however many there are', async () => {
    for (const version of [3, 4, 5, 6]) await memory.shadowPolicy('acme', { ...HARSH, version })
    await policies.refreshShadows(memory)
    await verify(1)
    await Promise.all(deferred)
    const stored = (await memory.shadowOf('acme', idOf(1))) as { policy_version: number }[]
    expect(stored.map(({ policy_version }) => policy_version)).toEqual([3, 4, 5, 6])
  })
})

it('verdicts come in the order of versions and explain themselves', () => {
  const compiled = [HARSH, ACTIVE].map((document: PolicyDocument) => compilePolicy(document))
  expect(evaluateShadows(compiled, factsOf({}))).toEqual([
    { policy_version: 1, outcome: 'allow', assessed: 'allow', score: ACTIVE.prior, rules: [] },
    HARSH_VERDICT,
  ])
})
