/**
 * The Store in memory, for tests of what stands above it. It keeps the rules of the one statement and
 * passes the same contract (test/store/store-contract.ts) as the one on Postgres; it has no
 * concurrency, no deadline and no failures of its own.
 */
import ipaddr from 'ipaddr.js'
import {
  type Facts,
  type ListFact,
  mayVouch,
  type ProfileFacts,
  type RangeKind,
} from '../../src/verifier/domain/facts.ts'
import type { PolicyDocument } from '../../src/verifier/domain/policy.ts'
import type {
  Clock,
  OpenAssessment,
  Opened,
  Opening,
  Settlement,
  Store,
  StoredPolicy,
  TenantSettings,
} from '../../src/verifier/ports.ts'

export interface AddressRange {
  readonly low: string
  readonly high: string
  readonly kinds: readonly RangeKind[]
}

/** What a test arranges beside the Store: the hands of operators, importers and folders. */
export interface StoreArrangement {
  /** Makes the document the active version; answers its id. */
  activatePolicy(tenant: string, document: PolicyDocument): Promise<number>
  /** Adds the document as a shadow version; answers its id. */
  shadowPolicy(tenant: string, document: PolicyDocument): Promise<number>
  /** What is stored of the shadow versions beside a record's decision. */
  shadowOf(tenant: string, id: string): Promise<unknown>
  putProfile(tenant: string, user: string, profile: ProfileFacts): Promise<void>
  putListed(tenant: string, entry: ListFact & ListedValue): Promise<void>
  putRanges(
    tenant: string,
    loaded: readonly RangeKind[],
    ranges: readonly AddressRange[],
  ): Promise<void>
  /** Lets the user's next attempt pass. */
  release(tenant: string, user: string, seconds: number): Promise<void>
  /** Marks the record as confirmed by the user. */
  confirm(tenant: string, id: string): Promise<void>
  putSettings(tenant: string, settings: TenantSettings): Promise<void>
  /** How many rows each table has. */
  rows(): Promise<StoreRows>
}

export interface ListedValue {
  readonly value: string
  /** From now; negative: expired. Absent: for ever. */
  readonly expiresInSeconds?: number
}

export interface StoreRows {
  readonly redemptions: number
  readonly claims: number
  readonly charges: number
  readonly assessments: number
}

interface StoredVersion extends StoredPolicy {
  readonly tenant: string
  readonly document: PolicyDocument
  status: 'shadow' | 'active' | 'retired'
}

interface Row extends OpenAssessment {
  readonly shadow?: Settlement['shadow']
  readonly user: string
  readonly opening: Opening
  readonly at: number
  readonly confirmed: boolean
}

const FIVE_DAYS = 5 * 86_400
const DAY = 86_400

export function createMemoryStore(clock: Clock): Store & StoreArrangement {
  const policies: StoredVersion[] = []
  const redemptions = new Map<string, Opening>()
  const claims = new Map<string, string>()
  const arrivals = new Map<string, number>()
  const rows = new Map<string, Row>()
  const profiles = new Map<string, ProfileFacts>()
  const listed: (ListFact & { tenant: string; value: string; until: number })[] = []
  const ranges = new Map<string, { loaded: readonly RangeKind[]; all: readonly AddressRange[] }>()
  const releases = new Map<string, number>()
  const settings = new Map<string, TenantSettings>()
  const key = (...parts: readonly string[]) => JSON.stringify(parts)

  function add(tenant: string, document: PolicyDocument, status: StoredVersion['status']): number {
    const id = policies.length + 1
    const body: unknown = JSON.parse(JSON.stringify(document))
    policies.push({ id, tenant, document, body, status })
    return id
  }

  /** One GCRA step; answers the debt in seconds. */
  function charge(at: string, step: number): number {
    const now = clock()
    const arrival = Math.min(
      Math.max(arrivals.get(at) ?? now, now) + Math.min(step, DAY),
      now + DAY,
    )
    arrivals.set(at, arrival)
    return arrival - now
  }

  function readFacts(opening: Opening, { limits }: PolicyDocument): Facts {
    const { tenantId: tenant, user, tokenAddress, visitAddress, request } = opening
    const now = clock()
    const released = (releases.get(key(tenant, user)) ?? 0) > now
    if (released) releases.delete(key(tenant, user))

    const debts = new Map<string, number>()
    for (const address of new Set([tokenAddress, visitAddress])) {
      if (address === undefined) continue
      const at = key(tenant, 'address', address)
      debts.set(address, charge(at, 3600 / limits.address.per_hour))
    }
    const debtOf = (address: string | undefined, name: string) =>
      address === undefined ? {} : { [name]: debts.get(address) }

    const sides: readonly (readonly [ListFact['kind'], string, string | undefined])[] = [
      ['user', '', user],
      ['address', 'token', tokenAddress],
      ['address', 'visit', visitAddress],
      ['device', 'visit', opening.device],
      ['country', 'token', request.token_network.country],
      ['country', 'visit', request.visit_network.country],
      ['asn', 'token', request.token_network.asn?.toString()],
      ['asn', 'visit', request.visit_network.asn?.toString()],
      ['client', '', request.token.client_id],
    ]
    const asked = sides.filter(([, , value]) => value !== undefined)
    const says = (action: ListFact['action']) => (kind: ListFact['kind'], value?: string) =>
      listed.some(
        (entry) =>
          entry.tenant === tenant &&
          entry.until > now &&
          entry.action === action &&
          entry.kind === kind &&
          entry.value === value,
      )
    const lists = [...new Set(asked.map(([kind]) => kind))].sort().flatMap((kind) => {
      const own = asked.filter(([asks]) => asks === kind)
      const denied = own.some(([, , value]) => says('deny')(kind, value))
      const allowed =
        mayVouch(kind) &&
        own.every(([, , value]) => says('allow')(kind, value)) &&
        (own.some(([, side]) => side !== 'visit') || request.same_address === true)
      return [
        ...(allowed ? [{ kind, action: 'allow' } as const] : []),
        ...(denied ? [{ kind, action: 'deny' } as const] : []),
      ]
    })

    const recent = [...rows.values()].filter(
      (row) =>
        row.tenantId === tenant &&
        row.user === user &&
        row.at > now - FIVE_DAYS &&
        !row.confirmed &&
        row.decision !== undefined &&
        row.decision.outcome !== 'allow',
    )
    const others = (seconds: number, matches: (earlier: Opening) => boolean) =>
      new Set(
        [...rows.values()]
          .filter((row) => row.tenantId === tenant && row.at > now - seconds && row.user !== user)
          .filter((row) => matches(row.opening))
          .map((row) => row.user),
      ).size
    const usersAt = (address: string | undefined, name: string) => {
      if (address === undefined) return {}
      const users = others(3600, (earlier) =>
        [earlier.tokenAddress, earlier.visitAddress].includes(address),
      )
      return { [name]: { users } }
    }
    const known = ranges.get(tenant)
    const facts: Facts = {
      decided_at: Math.floor(now),
      request,
      store: {
        profile: profiles.get(key(tenant, user)) ?? null,
        lists,
        velocity: {
          user: charge(key(tenant, 'user', user), 3600 / limits.user.per_hour),
          ...debtOf(tokenAddress, 'token_address'),
          ...debtOf(visitAddress, 'visit_address'),
        },
        unconfirmed_recent: recent.length > 0,
        ...(recent.length > 0 && recent.every((row) => isAutomated(row, opening))
          ? { unconfirmed_automated: true }
          : {}),
        users_per_address: { ...usersAt(tokenAddress, 'token'), ...usersAt(visitAddress, 'visit') },
        ...(opening.device === undefined
          ? {}
          : { users_per_device: others(DAY, (earlier) => earlier.device === opening.device) }),
        ...(released ? { released } : {}),
        ...(known?.loaded.length
          ? {
              ranges: {
                loaded: known.loaded,
                ...kindsOf(known, opening.rawTokenAddress, 'token'),
                ...kindsOf(known, opening.rawVisitAddress, 'visit'),
              },
            }
          : {}),
      },
    }
    // As stored and read back: a document and nothing else.
    return JSON.parse(JSON.stringify(facts)) as Facts
  }

  function open(opening: Opening): Opened {
    const { tenantId: tenant, tokenKey } = opening
    const policy = policies.find(
      (one) =>
        one.tenant === tenant && one.document.flow === opening.flow && one.status === 'active',
    )
    if (policy === undefined) return { kind: 'no_policy' }
    const first = redemptions.get(key(tenant, tokenKey))
    const same =
      first === undefined ||
      (first.bindingHash === opening.bindingHash &&
        first.stateHash === opening.stateHash &&
        first.subjectHash === opening.subjectHash)
    if (!same) return { kind: 'token_spent' }
    if (first === undefined) redemptions.set(key(tenant, tokenKey), opening)
    const state = key(tenant, opening.stateHash)
    const claimed = claims.get(state) ?? tokenKey
    if (claimed !== tokenKey) return { kind: 'state_conflict' }
    claims.set(state, claimed)
    if (first === undefined) {
      rows.set(key(tenant, opening.assessmentId), {
        tenantId: tenant,
        id: opening.assessmentId,
        reference: opening.reference,
        openedAt: new Date(clock() * 1000).toISOString(),
        flow: opening.flow,
        engineVersion: opening.engineVersion,
        policyId: policy.id,
        facts: readFacts(opening, policy.document),
        user: opening.user,
        opening,
        at: clock(),
        confirmed: false,
      })
    }
    const row = rows.get(key(tenant, (first ?? opening).assessmentId))
    if (row === undefined) return { kind: 'token_spent' }
    const stored = policies.find(({ id }) => id === row.policyId)
    return {
      kind: 'opened',
      fresh: first === undefined,
      assessment: assessmentOf(row),
      ...(stored && !opening.knownPolicies.includes(stored.id)
        ? { policy: { id: stored.id, body: stored.body } }
        : {}),
    }
  }

  return {
    open: async (opening) => open(opening),
    async settle({ tenantId, id, decision, shadow }) {
      const row = rows.get(key(tenantId, id))
      if (row === undefined) throw new Error('settled a record that was never opened')
      if (row.decision !== undefined) return row.decision
      rows.set(key(tenantId, id), {
        ...row,
        decision,
        ...(shadow === undefined ? {} : { shadow: JSON.parse(JSON.stringify(shadow)) }),
      })
      return decision
    },
    async readUnsettled(olderThanSeconds, limit, exceptPolicies = []) {
      return [...rows.values()]
        .filter((row) => row.decision === undefined && row.at < clock() - olderThanSeconds)
        .filter(({ policyId }) => !exceptPolicies.includes(policyId))
        .slice(0, limit)
        .map(assessmentOf)
    },
    async readPolicy(tenantId, policyId) {
      const found = policies.find(({ tenant, id }) => tenant === tenantId && id === policyId)
      return found && { id: found.id, body: found.body }
    },
    readShadows: async (known) =>
      policies
        .filter(({ status }) => status === 'shadow')
        .toReversed()
        .map(({ tenant, document, id, body }) => ({
          ...{ tenantId: tenant, flow: document.flow, id },
          ...(known.includes(id) ? {} : { body }),
        })),
    readSettings: async () => new Map(settings),
    check: async () => ({ schema: 'memory', epochSeconds: clock() }),

    async activatePolicy(tenant, document) {
      for (const policy of policies) {
        const same = policy.tenant === tenant && policy.document.flow === document.flow
        if (same && policy.status === 'active') policy.status = 'retired'
      }
      return add(tenant, document, 'active')
    },
    shadowPolicy: async (tenant, document) => add(tenant, document, 'shadow'),
    shadowOf: async (tenant, id) => rows.get(key(tenant, id))?.shadow ?? null,
    async putProfile(tenant, user, profile) {
      profiles.set(key(tenant, user), profile)
    },
    async putListed(tenant, { kind, action, value, expiresInSeconds }) {
      const until = expiresInSeconds === undefined ? Infinity : clock() + expiresInSeconds
      listed.push({ tenant, kind, action, value, until })
    },
    async putRanges(tenant, loaded, all) {
      ranges.set(tenant, { loaded, all })
    },
    async release(tenant, user, seconds) {
      releases.set(key(tenant, user), clock() + seconds)
    },
    async confirm(tenant, id) {
      const row = rows.get(key(tenant, id))
      if (row !== undefined) rows.set(key(tenant, id), { ...row, confirmed: true })
    },
    async putSettings(tenant, shown) {
      settings.set(tenant, shown)
    },
    rows: async () => ({
      redemptions: redemptions.size,
      claims: claims.size,
      charges: arrivals.size,
      assessments: rows.size,
    }),
  }
}

const isAutomated = ({ decision, facts: { request, store }, opening }: Row, now: Opening) =>
  decision?.assessed === 'step_up' &&
  opening.device !== now.device &&
  (now.previous?.device === undefined || opening.device !== now.previous.device) &&
  (request.bot === true ||
    request.client.webdriver === true ||
    store.ranges?.visit?.includes('hosting') === true)

function assessmentOf({
  user: _user,
  opening: _opening,
  at: _at,
  confirmed: _confirmed,
  shadow: _shadow,
  ...row
}: Row): OpenAssessment {
  return row
}

function kindsOf(
  { loaded, all }: { loaded: readonly RangeKind[]; all: readonly AddressRange[] },
  address: string | undefined,
  name: 'token' | 'visit',
) {
  if (address === undefined) return {}
  const bytes = bytesOf(address)
  const hit = all.find(
    ({ low, high }) => compare(bytesOf(low), bytes) <= 0 && compare(bytes, bytesOf(high)) <= 0,
  )
  return { [name]: loaded.filter((kind) => hit?.kinds.includes(kind)) }
}

const bytesOf = (address: string) => Buffer.from(ipaddr.parse(address).toByteArray())

/** Families apart, as Postgres orders them. */
const compare = (a: Buffer, b: Buffer) => a.length - b.length || Buffer.compare(a, b)
