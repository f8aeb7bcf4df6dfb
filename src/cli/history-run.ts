/** What `history import` does: reads line by line, stores in portions, and learns in turns. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { learnTurn } from '../verifier/learn.ts'
import { readEvents } from '../verifier/learn-events.ts'
import type { Learning, UserEvent } from '../verifier/ports-learning.ts'
import { noteImport, streamSince, wasImported } from '../verifier/store/history.ts'
import { createPoolStore } from '../verifier/store/pool-store.ts'
import { type AnswerFlags, answer } from './answer.ts'
import { databaseUrl } from './database-url.ts'
import { EXIT, Failure } from './failure.ts'
import { createProgress } from './progress.ts'
import { type OperatorFlags, operate, operatorIdentifiers } from './user-operator.ts'

interface ImportFlags extends OperatorFlags, AnswerFlags {
  readonly days: string
  readonly again?: true
}

const LINES = 1000
/** One connection, and all the time that a large portion needs. */
const LIMITS = {
  connections: 1,
  waiting: 10,
  waitMilliseconds: 60_000,
  lockMilliseconds: 10_000,
  statementMilliseconds: 60_000,
  deadlineMilliseconds: 70_000,
}

export async function importHistory(file: string, flags: ImportFlags): Promise<void> {
  if (!/^[1-9]\d{0,3}$/.test(flags.days)) throw new Failure('--days is a number.', EXIT.usage)
  const identifiers = operatorIdentifiers()
  const counts = await operate(flags, async (sql, operator) => {
    const { tenantId } = operator
    const now = Math.floor(Date.now() / 1000)
    const since = await streamSince(sql, tenantId)
    const period = { from: now - Number(flags.days) * 86_400, until: since ?? now }
    const progress = createProgress('lines', process.stderr)
    const store = createPoolStore(databaseUrl(flags.databaseUrl), LIMITS)
    try {
      const counts = { lines: 0, events: 0, new: 0, users: 0 }
      const digest = createHash('sha256')
      if (file !== '-' && !flags.again)
        await refuseRepeat(file, (text) => wasImported(sql, tenantId, text))
      for await (const lines of portions(open(file))) {
        for (const line of lines) digest.update(line).update('\n')
        const { events } = readEvents(lines.map(parse), tenantId, identifiers, period)
        const logins = events.filter(({ kind }) => kind === 'login' || kind === 'session')
        counts.lines += lines.length
        counts.events += logins.length
        counts.new += await store.recordEvents(tenantId, logins, 'import')
        counts.users += await learn(store, tenantId, logins)
        progress.show(counts.lines)
      }
      await noteImport(sql, operator, digest.digest('hex'), counts)
      return counts
    } finally {
      progress.end()
      await store.close()
    }
  })
  answer(
    flags,
    counts,
    `${counts.lines} lines, ${counts.events} logins, ${counts.new} of them new; profiles changed ${counts.users} times.`,
  )
}

/** The service may fold them as well: each is applied once, whoever comes first. */
async function learn(
  store: Learning,
  tenantId: string,
  events: readonly UserEvent[],
): Promise<number> {
  if (events.length === 0) return 0
  const { folded } = await learnTurn(store, tenantId, { limit: LINES })
  return folded
}

async function refuseRepeat(
  file: string,
  wasDone: (digest: string) => Promise<boolean>,
): Promise<void> {
  const digest = createHash('sha256')
  for await (const lines of portions(open(file))) {
    for (const line of lines) digest.update(line).update('\n')
  }
  if (await wasDone(digest.digest('hex'))) {
    throw new Failure(
      'This file was imported before: its logins are in the profiles. --again counts them once more.',
    )
  }
}

const open = (file: string): Readable => (file === '-' ? process.stdin : createReadStream(file))

async function* portions(input: Readable): AsyncGenerator<readonly string[]> {
  let lines: string[] = []
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue
    lines.push(line)
    if (lines.length < LINES) continue
    yield lines
    lines = []
  }
  if (lines.length > 0) yield lines
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown
  } catch {
    // Counted among the lines, and no event.
    return undefined
  }
}
