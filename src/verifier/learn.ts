/**
 * Learning from what was completed, off the request path: the log stream's events come in, completed
 * records are found and marked, and both go into the users' profiles and everybody's counts, each once.
 * It decides nothing, and a turn that dies is taken up by the next.
 */
import { confirmedByClaim, confirmedByEvent } from './confirm.ts'
import type { Facts, ProfileFacts } from './domain/facts.ts'
import { featuresOf, learn } from './domain/history.ts'
import { readEvents } from './learn-events.ts'
import { type Identifiers, StoreError } from './ports.ts'
import type {
  DueEvent,
  FeatureCounts,
  Learning,
  ProfileFold,
  RecordKey,
  StoredProfile,
} from './ports-learning.ts'

/** Older events come by `history import`. The store keeps what came for longer than this. */
const STREAM_SECONDS = 7 * 86_400
const EARLY_SECONDS = 300

export interface Received {
  readonly accepted: number
  readonly ignored: number
}

/** Takes what a tenant's log stream delivered. Delivered again, it changes nothing. */
export async function receiveEvents(
  { store, identifiers }: { readonly store: Learning; readonly identifiers: Identifiers },
  tenantId: string,
  items: readonly unknown[],
  now: number,
): Promise<Received> {
  const period = { from: now - STREAM_SECONDS, until: now + EARLY_SECONDS }
  const { events, ignored } = readEvents(items, tenantId, identifiers, period)
  await store.recordEvents(tenantId, events, 'stream')
  return { accepted: events.length, ignored }
}

/**
 * The tenants whose secret was replaced and not kept beside the new one: then whole histories look as if
 * there were none, which is unknown to every rule and safe for nobody.
 */
export const unreadHistories = (
  store: Learning,
  tenantIds: Iterable<string>,
  { fingerprint, previous }: Identifiers,
  profileDays: number,
): Promise<readonly string[]> =>
  store.noteSecrets(
    [...tenantIds],
    {
      current: fingerprint,
      ...(previous === undefined ? {} : { previous: previous.fingerprint }),
    },
    profileDays,
  )

export interface Turn {
  readonly confirmed: number
  /** Users whose profiles changed. */
  readonly folded: number
}

export interface TurnOptions {
  /** What belongs to a row may arrive this much later: the decision, the factor's event. */
  readonly olderThanSeconds: number
  readonly limit: number
}

const TURN: TurnOptions = { olderThanSeconds: 120, limit: 500 }
/** The next turn goes on. */
const ROUNDS = 20

/** Tenants for whom a turn would do something now: with many tenants most have nothing to learn. */
export const dueTenants = (
  store: Learning,
  tenantIds: Iterable<string>,
  options: Partial<TurnOptions> = {},
): Promise<readonly string[]> => store.readDue([...tenantIds], { ...TURN, ...options })

/**
 * Takes the turn of each tenant that is due, one after the other. One whose turn fails must not keep those
 * behind it from learning, turn after turn; a database that is not there keeps everybody. Rejects with the
 * first failure, at the end.
 */
export async function forEachDue(
  store: Learning,
  tenantIds: Iterable<string>,
  take: (tenantId: string) => Promise<void>,
  options: Partial<TurnOptions> = {},
): Promise<void> {
  const failures: unknown[] = []
  for (const tenantId of await dueTenants(store, tenantIds, options)) {
    try {
      await take(tenantId)
    } catch (error) {
      failures.push(error)
      if (error instanceof StoreError && error.kind !== 'unknown') break
    }
  }
  if (failures.length > 0) throw failures[0]
}

export async function learnTurn(
  store: Learning,
  tenantId: string,
  options: Partial<TurnOptions> = {},
): Promise<Turn> {
  const batch = { ...TURN, ...options }
  let confirmed = await confirmClaims(store, tenantId, batch)
  let folded = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const events = await store.readEvents(tenantId, batch)
    const completions = await confirmEvents(store, tenantId, events)
    confirmed += completions.confirmed
    const records = await store.readConfirmed(tenantId, batch.limit)
    const lessons = [
      ...completions.left.flatMap(lessonOfEvent),
      ...records.map(({ facts, ...record }) => ({
        ...record,
        facts,
        record: { id: record.id, openedAt: record.openedAt },
      })),
    ]
    if (lessons.length > 0) folded += await foldLessons(store, tenantId, lessons)
    if (events.length < batch.limit && records.length < batch.limit) break
  }
  await store.countBaselines(tenantId)
  return { confirmed, folded }
}

async function confirmClaims(
  store: Learning,
  tenantId: string,
  batch: TurnOptions,
): Promise<number> {
  const claims = await store.readClaims(tenantId, batch)
  const last = claims.at(-1)
  if (last === undefined) return 0
  const records = claims.map(confirmedByClaim).filter((record) => record !== undefined)
  await store.confirm(tenantId, { records, events: [], claimsReadUntil: last.openedAt })
  return records.length
}

/**
 * A login that completes a record is not counted beside it. A reset has said all it can say. What is
 * left goes into the profiles as it is.
 */
async function confirmEvents(store: Learning, tenantId: string, events: readonly DueEvent[]) {
  const records: RecordKey[] = []
  const done: string[] = []
  const left: DueEvent[] = []
  for (const event of events) {
    const record = confirmedByEvent(event)
    if (record !== undefined) records.push(record)
    if (record !== undefined || event.kind === 'reset') done.push(event.key)
    else left.push(event)
  }
  if (done.length > 0) await store.confirm(tenantId, { records, events: done })
  return { confirmed: records.length, left }
}

/** One thing to learn of a user. */
interface Lesson {
  readonly user: string
  readonly previousUser?: string
  readonly facts: Pick<Facts, 'request' | 'decided_at'>
  readonly record?: RecordKey
  readonly event?: string
  readonly disposableEmail?: boolean
}

const lessonOfEvent = ({ request, at, key, ...event }: DueEvent): readonly Lesson[] =>
  request === undefined ? [] : [{ ...event, event: key, facts: { request, decided_at: at } }]

async function foldLessons(
  store: Learning,
  tenantId: string,
  lessons: readonly Lesson[],
): Promise<number> {
  const byUser = new Map<string, Lesson[]>()
  for (const lesson of lessons) {
    const own = byUser.get(lesson.user)
    if (own === undefined) byUser.set(lesson.user, [lesson])
    else own.push(lesson)
  }
  const keys = lessons.flatMap(({ user, previousUser }) =>
    previousUser === undefined ? [user] : [user, previousUser],
  )
  const profiles = await store.readProfiles(tenantId, [...new Set(keys)])
  return store.fold(
    tenantId,
    [...byUser].map(([user, own]) => foldOf(user, own, profiles)),
  )
}

/** A user's lessons in the order in which they happened, on top of what is known already. */
function foldOf(
  user: string,
  lessons: readonly Lesson[],
  profiles: ReadonlyMap<string, StoredProfile>,
): ProfileFold {
  const known = profiles.get(user)
  const previousUser = lessons.find((lesson) => lesson.previousUser !== undefined)?.previousUser
  const adopted =
    known === undefined && previousUser !== undefined ? profiles.get(previousUser) : undefined
  const inOrder = lessons.toSorted((a, b) => a.facts.decided_at - b.facts.decided_at)
  const start = (known ?? adopted)?.profile ?? null
  const profile = inOrder.reduce((before, { facts }) => learn(before, facts), start)
  // Unreachable: there is at least one lesson.
  if (profile === null) throw new Error('folded nothing')
  return {
    user,
    profile: { ...profile, ...mailboxOf(inOrder, start) },
    ...(known === undefined ? {} : { revision: known.revision }),
    ...(adopted === undefined || previousUser === undefined
      ? {}
      : { adopts: { user: previousUser, revision: adopted.revision } }),
    records: lessons.flatMap(({ record }) => record ?? []),
    events: lessons.flatMap(({ event }) => event ?? []),
    counts: countsOf(lessons),
  }
}

/** As the last login told it. One that is told late says nothing of a mailbox that is known since. */
function mailboxOf(
  inOrder: readonly Lesson[],
  before: ProfileFacts | null,
): Pick<ProfileFacts, 'disposable_email'> {
  const told = inOrder.findLast(({ disposableEmail }) => disposableEmail !== undefined)
  if (told?.disposableEmail === undefined) return {}
  const late = before?.disposable_email !== undefined && told.facts.decided_at < before.last_at
  return late ? {} : { disposable_email: told.disposableEmail }
}

/** Coarse ones alone: a count of everybody's addresses or devices would be a list of them. */
const COUNTED = ['country', 'asn', 'device_type', 'os', 'agent'] as const

function countsOf(lessons: readonly Lesson[]): FeatureCounts {
  const counts = new Map<string, { feature: string; value: string; count: number }>()
  const add = (feature: string, value: string) => {
    const key = `${feature} ${value}`
    const one = counts.get(key) ?? { feature, value, count: 0 }
    counts.set(key, { ...one, count: one.count + 1 })
  }
  for (const { facts } of lessons) {
    const { request, decided_at } = facts
    const sides = [request.token_network, request.visit_network].map((network) =>
      featuresOf(request, network, decided_at),
    )
    for (const feature of COUNTED) {
      for (const value of new Set(sides.map((side) => side[feature]))) {
        if (value === undefined) continue
        add(feature, value)
        // The row without a value is the sum of its feature.
        add(feature, '')
      }
    }
  }
  return { n: lessons.length, features: [...counts.values()] }
}
