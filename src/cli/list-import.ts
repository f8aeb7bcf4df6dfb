/** `list import`: reads feeds, reports their lines, and hands them on whole. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { RangeKind } from '../verifier/domain/facts.ts'
import { type LineNote, parseFeed } from '../verifier/lists.ts'
import { parseDomains } from '../verifier/lists-domains.ts'
import { type Connection, type Operator, writeDomains } from '../verifier/store/lists.ts'
import { Failure } from './failure.ts'
import { swapList } from './list-feeds.ts'
import { type OperatorFlags, operate } from './user-operator.ts'

export type FeedKind = RangeKind | 'disposable'

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
  const ranges = await swapList(sql, operator, kind, { ...feed, source })
  const counts = { entries: feed.entries, ranges, networks: feed.networks.length }
  return { counts, notes }
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
