/** `list show`, `add` and `remove`: what is loaded, and entries that permit or refuse single ones. */
import { type ListKind, RANGE_KINDS } from '../verifier/domain/facts.ts'
import { entryFault, storedListValue } from '../verifier/lists-values.ts'
import { type Connection, type Operator, writeDomains } from '../verifier/store/lists.ts'
import {
  countDomains,
  putEntry,
  readEntries,
  readFeeds,
  removeEntry,
} from '../verifier/store/lists-entries.ts'
import { type AnswerFlags, answer } from './answer.ts'
import { EXIT, Failure } from './failure.ts'
import { swapList } from './list-feeds.ts'
import type { FeedKind } from './list-import.ts'
import {
  type OperatorFlags,
  operate,
  operatorIdentifiers,
  parseDuration,
  tableOf,
} from './user-operator.ts'

export async function showLists(flags: OperatorFlags & { readonly json?: true }): Promise<void> {
  const { tenant, feeds, entries, domains } = await operate(flags, async (sql, { tenantId }) => ({
    tenant: tenantId,
    feeds: await readFeeds(sql, tenantId),
    entries: await readEntries(sql, tenantId),
    domains: await countDomains(sql, tenantId),
  }))
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ tenant, feeds, domains, entries })}\n`)
    return
  }
  const feedRows = feeds.map((feed) => [
    feed.kind,
    `${feed.entries ?? ''}`,
    `${feed.ranges}`,
    `${feed.networks}`,
    feed.loaded_at,
    feed.source ?? '',
  ])
  const entryRows = entries.map((entry) => [
    entry.action,
    entry.kind,
    entry.value,
    entry.expires_at ?? 'never',
    entry.note ?? '',
  ])
  const parts = [
    feedRows.length === 0
      ? `No feed is loaded for ${tenant}.`
      : tableOf([['FEED', 'ENTRIES', 'RANGES', 'NETWORKS', 'LOADED', 'SOURCE'], ...feedRows]),
    ...(domains === 0 ? [] : [`disposable: ${domains} domains`]),
    entryRows.length === 0
      ? `Nobody is entered for ${tenant}.`
      : tableOf([['ENTRY', 'KIND', 'VALUE', 'EXPIRES', 'REASON'], ...entryRows]),
  ]
  process.stdout.write(`${parts.join('\n\n')}\n`)
}

interface AddFlags extends OperatorFlags, AnswerFlags {
  readonly reason: string
  readonly for?: string
  readonly forever?: true
}

export async function addEntry(
  action: 'deny' | 'allow',
  kind: ListKind,
  value: string,
  flags: AddFlags,
): Promise<void> {
  if (flags.for === undefined && !flags.forever) {
    throw new Failure('Say for how long: --for 30d, or --forever.', EXIT.usage)
  }
  const fault = entryFault({ kind, action })
  if (fault !== undefined) throw new Failure(fault, EXIT.usage)
  const seconds = flags.for === undefined ? undefined : parseDuration(flags.for)
  const note = flags.reason.trim().slice(0, 500)
  const entered = await operate(flags, async (sql, operator) => {
    const entry = { kind, action, value: storedValue(operator.tenantId, kind, value), note }
    const ends = seconds === undefined ? {} : { expiresInSeconds: seconds }
    await putEntry(sql, operator, { ...entry, ...ends })
    return { tenant: operator.tenantId, ...entry, expires_in_seconds: seconds ?? null }
  })
  answer(
    flags,
    entered,
    `${kind} entered: ${action}${flags.for === undefined ? '' : ` for ${flags.for}`}.`,
  )
}

export async function removeListed(
  kind: ListKind | FeedKind,
  value: string | undefined,
  flags: OperatorFlags & AnswerFlags,
): Promise<void> {
  const tenant = await operate(flags, async (sql, operator) => {
    if (isFeed(kind)) {
      if (value !== undefined)
        throw new Failure(`${kind} is a feed: it goes as a whole.`, EXIT.usage)
      await removeFeed(sql, operator, kind)
      return operator.tenantId
    }
    if (value === undefined) throw new Failure(`Which ${kind}?`, EXIT.usage)
    const stored = storedValue(operator.tenantId, kind, value)
    if (!(await removeEntry(sql, operator, { kind, value: stored }))) {
      throw new Failure(`There is no entry for this ${kind}.`)
    }
    return operator.tenantId
  })
  answer(flags, { tenant, kind, removed: true }, `${kind} removed.`)
}

const isFeed = (kind: ListKind | FeedKind): kind is FeedKind =>
  kind === 'disposable' || (RANGE_KINDS as readonly string[]).includes(kind)

async function removeFeed(sql: Connection, operator: Operator, kind: FeedKind): Promise<void> {
  if (kind === 'disposable') return writeDomains(sql, operator, [])
  const { tenantId } = operator
  const loaded = (await readFeeds(sql, tenantId)).some((feed) => feed.kind === kind)
  if (!loaded) throw new Failure(`No ${kind} feed is loaded.`)
  await swapList(sql, operator, kind)
}

/** What the statement will look for: a pseudonym, or the plain value in its one form. */
function storedValue(tenantId: string, kind: ListKind, value: string): string {
  const stored = storedListValue(operatorIdentifiers, tenantId, kind, value)
  if (stored.ok) return stored.value
  throw new Failure(stored.error, EXIT.usage)
}
