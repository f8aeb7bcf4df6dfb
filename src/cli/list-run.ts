/** What the `list` commands do. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseAddress } from '../verifier/address.ts'
import { type ListKind, RANGE_KINDS, type RangeKind } from '../verifier/domain/facts.ts'
import {
  type LineNote,
  type MaskedRange,
  numberOf,
  parseFeed,
  replaceList,
  textOf,
} from '../verifier/lists.ts'
import { parseDomains } from '../verifier/lists-domains.ts'
import {
  asOnlyImporter,
  bitOf,
  type Connection,
  countDomains,
  type Operator,
  putEntry,
  readEntries,
  readFeeds,
  readRanges,
  removeEntry,
  type StoredRange,
  writeDomains,
  writeRanges,
} from '../verifier/store/lists.ts'
import { EXIT, Failure } from './failure.ts'
import {
  type OperatorFlags,
  operate,
  operatorIdentifiers,
  parseDuration,
  tableOf,
} from './user-operator.ts'

type FeedKind = RangeKind | 'disposable'

interface ImportFlags extends OperatorFlags {
  readonly skipMalformed?: true
  readonly json?: true
}

interface FileNote extends LineNote {
  readonly file: string
}

const STANDARD_INPUT = 0

export async function importFeed(
  kind: FeedKind,
  files: readonly string[],
  flags: ImportFlags,
): Promise<void> {
  const texts = files.map((file) => readFileSync(file === '-' ? STANDARD_INPUT : file, 'utf8'))
  const source = files.map((file) => (file === '-' ? 'standard input' : basename(file))).join(', ')
  const result = await operate(flags, async (sql, operator) => {
    const imported =
      kind === 'disposable'
        ? await importDomains(sql, operator, texts, flags)
        : await importRanges(sql, operator, kind, texts, source, flags)
    return { ...imported, tenant: operator.tenantId, kind, source }
  })
  const notes: FileNote[] = result.notes
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(result)}\n`)
    return
  }
  reportNotes(notes, files)
  const { networks = 0, ...numbers } = result.counts
  const parts = Object.entries({ ...numbers, ...(networks === 0 ? {} : { networks }) })
  process.stdout.write(
    `${kind} of ${result.tenant}: ${parts.map(([name, count]) => `${count} ${name}`).join(', ')}.\n`,
  )

  function reportNotes(all: readonly FileNote[], names: readonly string[]): void {
    const shown = all.slice(0, NOTES_SHOWN)
    for (const { file, line, kind: what, detail } of shown) {
      process.stderr.write(
        `${names.length > 1 ? `${file} ` : ''}line ${line}: ${what}: ${detail}\n`,
      )
    }
    if (all.length > shown.length) {
      process.stderr.write(`and ${all.length - shown.length} more lines; --json names them all\n`)
    }
  }
}

const NOTES_SHOWN = 50

interface Imported {
  readonly counts: Readonly<Record<string, number>>
  readonly notes: FileNote[]
}

async function importRanges(
  sql: Connection,
  operator: Operator,
  kind: RangeKind,
  texts: readonly string[],
  source: string,
  flags: ImportFlags,
): Promise<Imported> {
  // One feed of all files, so that what two of them say is said once; lines keep their file's numbers.
  const feed = parseFeed(texts.join('\n'))
  const notes = placed(feed.notes, texts, source)
  refuseMalformed(notes, flags)
  if (feed.entries === 0) throw new Failure('There is no entry in it: the list stays as it is.')
  const done = await asOnlyImporter(sql, operator.tenantId, async () => {
    const bit = await bitOf(sql, operator.tenantId, kind)
    const stored = await readRanges(sql, operator.tenantId)
    const flat = replaceList(stored.map(masked), bit, feed.ranges).map(storedFrom)
    await writeRanges(sql, operator, {
      kind,
      bit,
      ...difference(stored, flat),
      networks: feed.networks,
      loaded: { source, entries: feed.entries, hasRanges: feed.ranges.length > 0 },
    })
    const ranges = flat.filter(({ mask }) => (mask & (1 << bit)) !== 0).length
    return { entries: feed.entries, ranges, networks: feed.networks.length }
  })
  if (done === undefined) throw new Failure('Another import is under way for this tenant.')
  return { counts: done, notes }
}

async function importDomains(
  sql: Connection,
  operator: Operator,
  texts: readonly string[],
  flags: ImportFlags,
): Promise<Imported> {
  const feed = parseDomains(texts.join('\n'))
  const notes = placed(feed.notes, texts, 'domains')
  refuseMalformed(notes, flags)
  if (feed.domains.length === 0)
    throw new Failure('There is no domain in it: the list stays as it is.')
  await writeDomains(sql, operator, feed.domains)
  return { counts: { domains: feed.domains.length }, notes }
}

function refuseMalformed(notes: readonly FileNote[], { skipMalformed }: ImportFlags): void {
  const malformed = notes.filter(({ kind }) => kind === 'malformed')
  if (skipMalformed || malformed.length === 0) return
  const lines = malformed
    .slice(0, NOTES_SHOWN)
    .map(({ file, line, detail }) => `${file}:${line}: ${detail}`)
  throw new Failure(
    [
      ...lines,
      `${malformed.length} lines cannot be read; nothing was changed. --skip-malformed leaves them out.`,
    ].join('\n'),
  )
}

/** Each note with its own file's name and line. */
function placed(notes: readonly LineNote[], texts: readonly string[], source: string): FileNote[] {
  const names = source.split(', ')
  const starts = texts.map((_, index) =>
    texts.slice(0, index).reduce((lines, text) => lines + linesOf(text), 0),
  )
  return notes.map((note) => {
    const at = starts.findLastIndex((start) => note.line > start)
    return { ...note, file: names[at] ?? source, line: note.line - (starts[at] ?? 0) }
  })
}

const linesOf = (text: string) => text.split('\n').length

const masked = ({ low, high, mask }: StoredRange): MaskedRange => ({
  family: low.includes(':') ? 6 : 4,
  low: numberOf(low),
  high: numberOf(high),
  mask,
})

const storedFrom = ({ family, low, high, mask }: MaskedRange): StoredRange => ({
  low: textOf(family, low),
  high: textOf(family, high),
  mask,
})

/** Only what is new or other than before is written: a feed changes little from day to day. */
function difference(before: readonly StoredRange[], after: readonly StoredRange[]) {
  const standing = new Map(before.map((range) => [numberOf(range.low) + familyOf(range), range]))
  const put: StoredRange[] = []
  for (const range of after) {
    const key = numberOf(range.low) + familyOf(range)
    const old = standing.get(key)
    standing.delete(key)
    const same = old?.mask === range.mask && numberOf(old.high) === numberOf(range.high)
    if (!same) put.push(range)
  }
  return { put, gone: [...standing.values()].map(({ low }) => low) }
}

/** Keeps the two families apart in one map of numbers. */
const familyOf = ({ low }: StoredRange) => (low.includes(':') ? 1n << 128n : 0n)

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
    ...(domains === 0 ? [] : [`disposable: ${domains} domains, kept and not used yet`]),
    entryRows.length === 0
      ? `Nobody is entered for ${tenant}.`
      : tableOf([['ENTRY', 'KIND', 'VALUE', 'EXPIRES', 'REASON'], ...entryRows]),
  ]
  process.stdout.write(`${parts.join('\n\n')}\n`)
}

interface AddFlags extends OperatorFlags {
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
  const seconds = flags.for === undefined ? undefined : parseDuration(flags.for)
  const note = flags.reason.trim().slice(0, 500)
  await operate(flags, (sql, operator) =>
    putEntry(sql, operator, {
      kind,
      action,
      value: storedValue(operator.tenantId, kind, value),
      note,
      ...(seconds === undefined ? {} : { expiresInSeconds: seconds }),
    }),
  )
  process.stdout.write(
    `${kind} entered: ${action}${flags.for === undefined ? '' : ` for ${flags.for}`}.\n`,
  )
}

export async function removeListed(
  kind: ListKind | FeedKind,
  value: string | undefined,
  flags: OperatorFlags,
): Promise<void> {
  await operate(flags, async (sql, operator) => {
    if (isFeed(kind)) {
      if (value !== undefined)
        throw new Failure(`${kind} is a feed: it goes as a whole.`, EXIT.usage)
      await removeFeed(sql, operator, kind)
      return
    }
    if (value === undefined) throw new Failure(`Which ${kind}?`, EXIT.usage)
    const stored = storedValue(operator.tenantId, kind, value)
    if (!(await removeEntry(sql, operator, { kind, value: stored }))) {
      throw new Failure(`There is no entry for this ${kind}.`)
    }
  })
  process.stdout.write(`${kind} removed.\n`)
}

const isFeed = (kind: ListKind | FeedKind): kind is FeedKind =>
  kind === 'disposable' || (RANGE_KINDS as readonly string[]).includes(kind)

async function removeFeed(sql: Connection, operator: Operator, kind: FeedKind): Promise<void> {
  if (kind === 'disposable') return writeDomains(sql, operator, [])
  const { tenantId } = operator
  const loaded = (await readFeeds(sql, tenantId)).some((feed) => feed.kind === kind)
  if (!loaded) throw new Failure(`No ${kind} feed is loaded.`)
  const done = await asOnlyImporter(sql, tenantId, async () => {
    const bit = await bitOf(sql, tenantId, kind)
    const stored = await readRanges(sql, tenantId)
    const flat = replaceList(stored.map(masked), bit, []).map(storedFrom)
    await writeRanges(sql, operator, { kind, bit, ...difference(stored, flat), networks: [] })
    return true
  })
  if (done === undefined) throw new Failure('An import is under way for this tenant.')
}

/** What the statement will look for: a pseudonym, or the plain value in its one form. */
function storedValue(tenantId: string, kind: ListKind, value: string): string {
  switch (kind) {
    case 'user':
      return operatorIdentifiers().pseudonym(tenantId, 'user', value)
    case 'address': {
      const address = parseAddress(value)
      if (address === undefined)
        throw new Failure('That is no address: give one, not a range.', EXIT.usage)
      return operatorIdentifiers().pseudonym(tenantId, 'address', address.network)
    }
    case 'device':
      if (/^-?\d{1,19}$/.test(value)) return value
      throw new Failure(
        'A device is named by its pseudonym: assessment show prints it.',
        EXIT.usage,
      )
    case 'country':
      if (/^[A-Za-z]{2}$/.test(value)) return value.toUpperCase()
      throw new Failure('A country has two letters, such as NO.', EXIT.usage)
    case 'asn': {
      const [, digits] = /^(?:AS)?([1-9]\d{0,9})$/i.exec(value) ?? []
      if (digits !== undefined) return digits
      throw new Failure('An AS number is such as AS64500.', EXIT.usage)
    }
    case 'client':
      return value
  }
}
