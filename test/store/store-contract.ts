/**
 * What every Store does, as cases that run over the one on Postgres and over the fake alike. A fake that
 * passes may stand in for Postgres above the port; what needs real concurrency is tested beside it.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Decision } from '../../src/verifier/domain/decision.ts'
import type { ProfileFacts } from '../../src/verifier/domain/facts.ts'
import { ENGINE_VERSION } from '../../src/verifier/judge.ts'
import type {
  OpenAssessment,
  Opened,
  Opening,
  Store,
  TenantSettings,
} from '../../src/verifier/ports.ts'
import type { StoreArrangement } from '../support/memory-store.ts'
import { decisionOf, numberOf, openingOf, policyOf, sha256 } from '../support/openings.ts'

export interface StoreUnderTest {
  readonly store: Store
  readonly arrange: StoreArrangement
}

const NOTHING = { redemptions: 0, claims: 0, charges: 0, assessments: 0 }

/** `create` answers with an empty store; each case gets a tenant of its own name instead, too. */
export function storeContract(name: string, create: () => Promise<StoreUnderTest>): void {
  describe(`the store ${name}`, () => {
    let store: Store
    let arrange: StoreArrangement
    let policyId: number

    beforeEach(async () => {
      const made = await create()
      store = made.store
      arrange = made.arrange
      policyId = await arrange.activatePolicy('acme', policyOf())
    })

    const opened = async (...args: Parameters<typeof openingOf>) => {
      const answer = await store.open(openingOf(...args))
      if (answer.kind !== 'opened') throw new Error(`expected an opened record, got ${answer.kind}`)
      return answer
    }
    const settleAs = (
      { tenantId, id, openedAt }: OpenAssessment,
      outcome: 'allow' | 'step_up' | 'deny',
    ) => store.settle({ tenantId, id, openedAt, decision: decisionOf({ outcome }) })

    describe('opens a record', () => {
      it('of a token it has not seen, with the facts it was given and its own', async () => {
        const opening = openingOf('first')
        const answer = await store.open(opening)
        const { check } = store
        const { epochSeconds } = await check()
        expect(answer).toEqual({
          kind: 'opened',
          fresh: true,
          assessment: {
            tenantId: 'acme',
            id: opening.assessmentId,
            reference: opening.reference,
            openedAt: expect.any(String),
            flow: 'password_reset',
            engineVersion: ENGINE_VERSION,
            policyId,
            facts: {
              decided_at: expect.any(Number),
              request: opening.request,
              store: {
                profile: null,
                lists: [],
                velocity: { user: 720, token_address: 120, visit_address: 120 },
                unconfirmed_recent: false,
                users_per_address: { token: { users: 0 }, visit: { users: 0 } },
                users_per_device: 0,
              },
            },
          },
          policy: { id: policyId, body: policyOf() },
        })
        const { decided_at } = (answer as Extract<Opened, { kind: 'opened' }>).assessment.facts
        expect(Number.isInteger(decided_at)).toBe(true)
        expect(Math.abs(epochSeconds - decided_at)).toBeLessThan(60)
        expect(await arrange.rows()).toEqual({
          redemptions: 1,
          claims: 1,
          charges: 3,
          assessments: 1,
        })
      })

      it('and leaves the policy out when the caller knows it', async () => {
        expect(await opened('known', { knownPolicies: [policyId, 999] })).not.toHaveProperty(
          'policy',
        )
        expect(await opened('unknown', { knownPolicies: [999] })).toHaveProperty('policy')
      })

      it('without any address or device', async () => {
        const answer = await store.open(
          without(
            openingOf('bare'),
            'tokenAddress',
            'visitAddress',
            'device',
            'rawTokenAddress',
            'rawVisitAddress',
          ),
        )
        expect(answer).toMatchObject({ kind: 'opened', fresh: true })
        const { facts } = (answer as Extract<Opened, { kind: 'opened' }>).assessment
        expect(facts.store.velocity).toEqual({ user: 720 })
        expect(facts.store.users_per_address).toEqual({})
        expect(facts.store).not.toHaveProperty('users_per_device')
      })

      it('under the version that is active at that moment, and a repeat stays with it', async () => {
        const first = await opened('early')
        const second = await arrange.activatePolicy('acme', policyOf({ version: 2 }))
        expect((await opened('late')).assessment.policyId).toBe(second)
        const repeat = await opened('early')
        expect(repeat.fresh).toBe(false)
        expect(repeat.assessment).toEqual(first.assessment)
        expect(repeat.policy).toEqual({ id: policyId, body: policyOf() })
      })
    })

    describe('answers a repeat', () => {
      it('from the same browser with the record as it was stored, charging nothing', async () => {
        const first = await opened('again')
        const before = await arrange.rows()
        const repeat = await opened('again', {
          // A repeat brings its own id, and by now other facts: neither counts.
          request: { ...openingOf('again').request, visit_network: { country: 'XX' } },
          engineVersion: '2',
          device: '42',
        })
        expect(repeat).toMatchObject({ fresh: false, assessment: first.assessment })
        expect(await arrange.rows()).toEqual(before)
        expect(
          (await opened('other', { user: numberOf('user again') })).assessment.facts.store,
        ).toHaveProperty('velocity.user', expect.closeTo(1440, -2))
      })

      it('with the decision once there is one', async () => {
        const { assessment } = await opened('settled')
        await settleAs(assessment, 'deny')
        expect((await opened('settled')).assessment).toEqual({
          ...assessment,
          decision: decisionOf({ outcome: 'deny' }),
        })
      })
    })

    describe('refuses a token that was spent', () => {
      it.each([
        ['by another browser', { bindingHash: sha256('another') }],
        ['for another state', { stateHash: sha256('another') }],
        ['for another subject', { subjectHash: sha256('another') }],
      ])('%s, and writes nothing', async (_case, changes) => {
        await opened('spent')
        const before = await arrange.rows()
        expect(await store.open(openingOf('spent', changes))).toEqual({ kind: 'token_spent' })
        expect(await arrange.rows()).toEqual(before)
        expect(await store.open(openingOf('spent'))).toMatchObject({ kind: 'opened', fresh: false })
      })
    })

    it('refuses a second token for one state: the token is spent, nothing else is written', async () => {
      await opened('one')
      const before = await arrange.rows()
      const second = { ...openingOf('two'), stateHash: sha256('state one') }
      expect(await store.open(second)).toEqual({ kind: 'state_conflict' })
      expect(await arrange.rows()).toEqual({ ...before, redemptions: before.redemptions + 1 })
      // Not for its own state either, and not for anybody else.
      expect(await store.open(second)).toEqual({ kind: 'state_conflict' })
      expect(await store.open(openingOf('two'))).toEqual({ kind: 'token_spent' })
      expect(await arrange.rows()).toEqual({ ...before, redemptions: before.redemptions + 1 })
    })

    describe('without an active policy', () => {
      it.each([
        ['for the tenant', { tenantId: 'nobody' }],
        ['for the flow', { flow: 'login' as const }],
      ])('%s writes nothing', async (_case, changes) => {
        expect(await store.open(openingOf('none', changes))).toEqual({ kind: 'no_policy' })
        expect(await arrange.rows()).toEqual(NOTHING)
      })
    })

    it('keeps two tenants apart whatever they share', async () => {
      const theirs = await arrange.activatePolicy('globex', policyOf())
      const ours = await opened('shared')
      await settleAs(ours.assessment, 'deny')
      await arrange.putListed('acme', {
        kind: 'user',
        action: 'deny',
        value: numberOf('user shared'),
      })
      await arrange.putProfile('acme', numberOf('user shared'), {
        n: 9,
        first_at: 1,
        last_at: 2,
        hist: {},
      })
      await arrange.release('acme', numberOf('user shared'), 3600)

      const answer = await opened('shared', { tenantId: 'globex' })
      expect(answer.fresh).toBe(true)
      expect(answer.assessment.policyId).toBe(theirs)
      expect(answer.assessment.facts.store).toEqual({
        profile: null,
        lists: [],
        velocity: { user: 720, token_address: 120, visit_address: 120 },
        unconfirmed_recent: false,
        users_per_address: { token: { users: 0 }, visit: { users: 0 } },
        users_per_device: 0,
      })
      expect(await store.readPolicy('acme', theirs)).toBeUndefined()
    })

    describe('charges', () => {
      it('each visit to its user and its addresses', async () => {
        const same = { user: '1', tokenAddress: '2', visitAddress: '3' }
        await opened('a', same)
        const { velocity } = (await opened('b', same)).assessment.facts.store
        expect(velocity.user).toBeGreaterThan(720)
        expect(velocity.user).toBeLessThanOrEqual(1440)
        expect(velocity.token_address).toBeGreaterThan(120)
        expect(velocity.visit_address).toBeGreaterThan(120)
      })

      it('an address once when both are the same one', async () => {
        const { velocity } = (await opened('c', { tokenAddress: '7', visitAddress: '7' }))
          .assessment.facts.store
        expect(velocity).toMatchObject({ token_address: 120, visit_address: 120 })
      })

      it('by the allowances of the active policy', async () => {
        const limits = { user: { per_hour: 3600, burst: 1 }, address: { per_hour: 1800, burst: 1 } }
        await arrange.activatePolicy('acme', policyOf({ version: 2, limits }))
        const { velocity } = (await opened('d')).assessment.facts.store
        expect(velocity).toEqual({ user: 1, token_address: 2, visit_address: 2 })
      })

      it('never more than a day ahead', async () => {
        const limits = { user: { per_hour: 0.05, burst: 1 }, address: { per_hour: 1, burst: 1 } }
        await arrange.activatePolicy('acme', policyOf({ version: 2, limits }))
        await opened('e', { user: '5' })
        await opened('f', { user: '5' })
        const { velocity } = (await opened('g', { user: '5' })).assessment.facts.store
        expect(velocity.user).toBe(86_400)
      })
    })

    describe('counts', () => {
      const usersOf = async (...args: Parameters<typeof openingOf>) => {
        const { store: known } = (await opened(...args)).assessment.facts
        return { addresses: known.users_per_address, device: known.users_per_device }
      }
      it('other users at each address, as whichever side saw it, and never this one', async () => {
        await opened('a', { user: '1', tokenAddress: '7', visitAddress: '8' })
        await opened('b', { user: '2', tokenAddress: '8', visitAddress: '9' })
        await opened('c', { user: '2', tokenAddress: '9', visitAddress: '9' })
        expect(await usersOf('d', { user: '3', tokenAddress: '8', visitAddress: '9' })).toEqual({
          addresses: { token: { users: 2 }, visit: { users: 1 } },
          device: 0,
        })
        expect(
          (await usersOf('e', { user: '2', tokenAddress: '8', visitAddress: '8' })).addresses,
        ).toEqual({ token: { users: 2 }, visit: { users: 2 } })
      })

      it('other users of a device', async () => {
        await opened('a', { user: '1', device: '5' })
        await opened('b', { user: '1', device: '5' })
        await opened('c', { user: '2', device: '6' })
        expect((await usersOf('d', { user: '2', device: '5' })).device).toBe(1)
        expect((await usersOf('e', { user: '1', device: '5' })).device).toBe(1)
      })

      it('nobody of another tenant', async () => {
        await arrange.activatePolicy('globex', policyOf())
        await opened('a', { tenantId: 'globex', user: '1', tokenAddress: '7', device: '5' })
        expect(await usersOf('b', { user: '2', tokenAddress: '7', device: '5' })).toEqual({
          addresses: { token: { users: 0 }, visit: { users: 0 } },
          device: 0,
        })
      })
    })

    describe('reads', () => {
      it('the history of the user', async () => {
        const profile: ProfileFacts = {
          n: 3,
          first_at: 1_700_000_000,
          last_at: 1_760_000_000,
          hist: { country: { NO: [3, 20_000] }, device: { '-17': [1, 19_999] } },
          last_latitude: 59.9,
          last_longitude: -10.7,
        }
        await arrange.putProfile('acme', '77', profile)
        expect((await opened('p', { user: '77' })).assessment.facts.store.profile).toEqual(profile)
      })

      it.each([
        ['user', numberOf('user l')],
        ['address', numberOf('token address l')],
        ['address', numberOf('visit address l')],
        ['device', numberOf('device l')],
        ['country', 'NO'],
        ['country', 'SE'],
        ['asn', '64500'],
        ['client', 'app'],
      ] as const)('a listed %s %s', async (kind, value) => {
        await arrange.putListed('acme', { kind, action: 'deny', value })
        expect((await opened('l')).assessment.facts.store.lists).toEqual([{ kind, action: 'deny' }])
      })

      it('an entry until it expires, and none of another kind with the same value', async () => {
        await arrange.putListed('acme', {
          kind: 'country',
          action: 'allow',
          value: 'NO',
          expiresInSeconds: -1,
        })
        await arrange.putListed('acme', {
          kind: 'country',
          action: 'deny',
          value: 'SE',
          expiresInSeconds: 60,
        })
        await arrange.putListed('acme', { kind: 'client', action: 'deny', value: 'NO' })
        await arrange.putListed('acme', { kind: 'device', action: 'deny', value: '64500' })
        expect((await opened('x')).assessment.facts.store.lists).toEqual([
          { kind: 'country', action: 'deny' },
        ])
      })

      it.each([
        ['no permitted place that only the browser shows', ['SE'], [], {}],
        ['no permitted place that only Auth0 saw', ['NO'], [], {}],
        ['a permitted place where both are permitted', ['NO', 'SE'], ['country'], {}],
        [
          'a permitted place that Auth0 saw, where the platform tells none',
          ['NO'],
          ['country'],
          { visit_network: {} },
        ],
        ['no permitted network of another address than Auth0 saw', ['64500'], [], {}],
        ['a permitted network of that same address', ['64500'], ['asn'], { same_address: true }],
      ] as const)('%s', async (_case, values, kinds, changes) => {
        for (const value of values) {
          const kind = value === '64500' ? 'asn' : 'country'
          await arrange.putListed('acme', { kind, action: 'allow', value })
        }
        const request = { ...openingOf('allow').request, ...changes }
        const { lists } = (await opened('allow', { request })).assessment.facts.store
        expect(lists).toEqual(kinds.map((kind) => ({ kind, action: 'allow' })))
      })

      it.each([
        ['a permitted user', 'user', numberOf('user vouch'), {}, true],
        ['no permitted device of another address than Auth0 saw', 'device', '5', {}, false],
        ['a permitted device at that same address', 'device', '5', { same_address: true }, true],
        ['no permitted application', 'client', 'app', { same_address: true }, false],
      ] as const)('%s', async (_case, kind, value, changes, counts) => {
        await arrange.putListed('acme', { kind, action: 'allow', value })
        const request = { ...openingOf('vouch').request, ...changes }
        const { lists } = (await opened('vouch', { device: '5', request })).assessment.facts.store
        expect(lists).toEqual(counts ? [{ kind, action: 'allow' }] : [])
      })

      it('two hits of one kind and action as one', async () => {
        await arrange.putListed('acme', { kind: 'country', action: 'deny', value: 'NO' })
        await arrange.putListed('acme', { kind: 'country', action: 'deny', value: 'SE' })
        expect((await opened('y')).assessment.facts.store.lists).toEqual([
          { kind: 'country', action: 'deny' },
        ])
      })

      it('which range lists hold either address', async () => {
        await arrange.putRanges(
          'acme',
          ['tor', 'hosting'],
          [
            { low: '192.0.2.0', high: '192.0.2.255', kinds: ['hosting'] },
            { low: '198.51.100.7', high: '198.51.100.7', kinds: ['tor', 'hosting'] },
            { low: '2001:db8::', high: '2001:db8::f', kinds: ['tor'] },
          ],
        )
        const rangesOf = async (rawTokenAddress: string, rawVisitAddress: string) =>
          (
            await opened(`${rawTokenAddress} ${rawVisitAddress}`, {
              rawTokenAddress,
              rawVisitAddress,
            })
          ).assessment.facts.store.ranges
        expect(await rangesOf('192.0.2.255', '198.51.100.7')).toEqual({
          loaded: ['tor', 'hosting'],
          token: ['hosting'],
          visit: ['tor', 'hosting'],
        })
        expect(await rangesOf('192.0.3.0', '2001:db8::f')).toMatchObject({
          token: [],
          visit: ['tor'],
        })
        expect(await rangesOf('198.51.100.6', '2001:db8::10')).toMatchObject({
          token: [],
          visit: [],
        })
        // The bytes of an IPv4 address in an IPv6 one, and none below all ranges.
        expect(await rangesOf('1.1.1.1', '::192.0.2.1')).toMatchObject({ token: [], visit: [] })
      })

      it('nothing of range lists for an address that is unknown', async () => {
        await arrange.putRanges('acme', ['tor'], [])
        const answer = (await store.open(
          without(openingOf('no raw address'), 'rawTokenAddress'),
        )) as Extract<Opened, { kind: 'opened' }>
        expect(answer.assessment.facts.store.ranges).toEqual({ loaded: ['tor'], visit: [] })
      })

      it.each(['step_up', 'deny'] as const)('an unconfirmed %s of this user', async (outcome) => {
        const { assessment } = await opened('before', { user: '9' })
        await settleAs(assessment, outcome)
        const facts = async (name: string, user: string) =>
          (await opened(name, { user })).assessment.facts.store
        expect(await facts('other', '10')).toMatchObject({ unconfirmed_recent: false })
        expect(await facts('after', '9')).toMatchObject({ unconfirmed_recent: true })
        await arrange.confirm('acme', assessment.id)
        expect(await facts('confirmed', '9')).toMatchObject({ unconfirmed_recent: false })
      })

      describe('that unconfirmed attempts were a program’s', () => {
        const robot = { ...openingOf('x').request, bot: true }
        const driven = { ...openingOf('x').request, client: { script: true, webdriver: true } }
        const attempt = async (
          changes: Partial<Opening>,
          decision: Partial<Decision> = { outcome: 'deny', assessed: 'step_up' },
        ) => {
          attempts += 1
          const { assessment } = await opened(`attempt ${attempts}`, { user: '9', ...changes })
          const { tenantId, id, openedAt } = assessment
          await store.settle({ tenantId, id, openedAt, decision: decisionOf(decision) })
        }
        let attempts = 0
        const told = async (changes: Partial<Opening> = {}) => {
          attempts += 1
          const { assessment } = await opened(`later ${attempts}`, { user: '9', ...changes })
          const { unconfirmed_recent, unconfirmed_automated } = assessment.facts.store
          return [unconfirmed_recent, unconfirmed_automated]
        }

        it('for a robot, a driven browser and a data centre', async () => {
          await arrange.putRanges(
            'acme',
            ['hosting'],
            [{ low: '198.51.100.0', high: '198.51.100.255', kinds: ['hosting'] }],
          )
          await attempt({ request: robot })
          await attempt({ request: driven })
          await attempt({ rawVisitAddress: '198.51.100.7' })
          await attempt(without(openingOf('bare', { request: robot, user: '9' }), 'device'))
          expect(await told()).toEqual([true, true])
        })

        it('not without any', async () => expect(await told()).toEqual([false, undefined]))

        it('not as soon as one was a person’s', async () => {
          await attempt({ request: robot })
          await attempt({})
          expect(await told()).toEqual([true, undefined])
        })

        it('not when one was a denial by the rules', async () => {
          await attempt({ request: robot }, { outcome: 'deny', assessed: 'deny' })
          expect(await told()).toEqual([true, undefined])
        })

        it('not for the device that made them, also under its previous pseudonym', async () => {
          await attempt({ request: robot, device: '77' })
          expect(await told({ device: '77' })).toEqual([true, undefined])
          expect(await told({ device: '78' })).toEqual([true, true])
          const previous = { user: '9', device: '77' }
          expect(await told({ device: '78', previous })).toEqual([true, undefined])
        })
      })

      it('no unconfirmed attempt in an allowed or an open one', async () => {
        await settleAs((await opened('allowed', { user: '9' })).assessment, 'allow')
        await opened('open', { user: '9' })
        expect((await opened('next', { user: '9' })).assessment.facts.store).toMatchObject({
          unconfirmed_recent: false,
        })
      })

      it('a release of this user once', async () => {
        await arrange.release('acme', '9', 3600)
        expect(
          (await opened('another user', { user: '8' })).assessment.facts.store,
        ).not.toHaveProperty('released')
        const used = await opened('used', { user: '9' })
        expect(used.assessment.facts.store.released).toBe(true)
        expect((await opened('next', { user: '9' })).assessment.facts.store).not.toHaveProperty(
          'released',
        )
        expect((await opened('used', { user: '9' })).assessment).toEqual(used.assessment)
      })

      it('no release that has expired', async () => {
        await arrange.release('acme', '9', -1)
        expect((await opened('late', { user: '9' })).assessment.facts.store).not.toHaveProperty(
          'released',
        )
      })
    })

    describe('settles', () => {
      it('once: the first decision stands, and every later writer is told so', async () => {
        const { assessment } = await opened('s')
        expect(await settleAs(assessment, 'step_up')).toEqual(decisionOf({ outcome: 'step_up' }))
        expect(await settleAs(assessment, 'allow')).toEqual(decisionOf({ outcome: 'step_up' }))
        expect((await opened('s')).assessment.decision).toEqual(decisionOf({ outcome: 'step_up' }))
      })

      it('with what the shadow versions would have decided, and null without any', async () => {
        const verdict = {
          policy_version: 2,
          outcome: 'deny' as const,
          assessed: 'step_up' as const,
          score: -1.5,
          rules: ['new_device'],
        }
        const [watched, alone] = [await opened('watched'), await opened('alone')]
        const { tenantId, id, openedAt } = watched.assessment
        const settlement = { tenantId, id, openedAt, decision: decisionOf() }
        await store.settle({ ...settlement, shadow: [verdict] })
        await store.settle({ ...settlement, shadow: [{ ...verdict, score: 3 }] })
        await settleAs(alone.assessment, 'allow')
        expect(await arrange.shadowOf(tenantId, id)).toEqual([verdict])
        expect(await arrange.shadowOf(tenantId, alone.assessment.id)).toBeNull()
      })

      it('not a record of another tenant', async () => {
        await arrange.activatePolicy('globex', policyOf())
        const { assessment } = await opened('mine')
        await expect(settleAs({ ...assessment, tenantId: 'globex' }, 'allow')).rejects.toThrow()
        expect((await opened('mine')).assessment).not.toHaveProperty('decision')
      })

      it('what was left open, oldest first and at most so many', async () => {
        const names = ['r1', 'r2', 'r3']
        const open: OpenAssessment[] = []
        for (const name of names) open.push((await opened(name)).assessment)
        await settleAs((await opened('done')).assessment, 'allow')
        expect(await store.readUnsettled(-60, 10)).toEqual(open)
        expect(await store.readUnsettled(-60, 2)).toEqual(open.slice(0, 2))
        expect(await store.readUnsettled(3600, 10)).toEqual([])
        expect(await store.readUnsettled(-60, 10, [policyId + 1])).toEqual(open)
        expect(await store.readUnsettled(-60, 10, [policyId + 1, policyId])).toEqual([])
        for (const assessment of open) await settleAs(assessment, 'allow')
        expect(await store.readUnsettled(-60, 10)).toEqual([])
      })
    })

    it('reads which versions are watched, the newest first, and bodies only of the unknown', async () => {
      const first = await arrange.shadowPolicy('acme', policyOf({ version: 2 }))
      const second = await arrange.shadowPolicy('other', policyOf({ version: 2, flow: 'login' }))
      const [a, b] = [
        { tenantId: 'acme', flow: 'password_reset', id: first },
        { tenantId: 'other', flow: 'login', id: second },
      ]
      expect(await store.readShadows([])).toEqual([
        { ...b, body: policyOf({ version: 2, flow: 'login' }) },
        { ...a, body: policyOf({ version: 2 }) },
      ])
      expect(await store.readShadows([first, second, policyId])).toEqual([b, a])
    })

    it('reads a policy by tenant and id', async () => {
      expect(await store.readPolicy('acme', policyId)).toEqual({ id: policyId, body: policyOf() })
      expect(await store.readPolicy('globex', policyId)).toBeUndefined()
      expect(await store.readPolicy('acme', policyId + 1)).toBeUndefined()
    })

    it('reads the settings of every tenant', async () => {
      const shown: TenantSettings = {
        name: 'Acme',
        logoUrl: 'https://acme.example/logo.svg',
        color: '#0a7Bcc',
        supportUrl: 'mailto:help@acme.example',
        restartUrl: 'https://acme.example/reset',
        requireClick: true,
        continueMethod: 'get',
      }
      await arrange.putSettings('acme', shown)
      await arrange.putSettings('globex', { requireClick: false, continueMethod: 'post' })
      expect(await store.readSettings()).toEqual(
        new Map<string, TenantSettings>([
          ['acme', shown],
          ['globex', { requireClick: false, continueMethod: 'post' }],
        ]),
      )
    })
  })
}

function without(opening: Opening, ...members: (keyof Opening)[]): Opening {
  const kept = Object.entries(opening).filter(
    ([name]) => !members.some((member) => member === name),
  )
  return Object.fromEntries(kept) as unknown as Opening
}
