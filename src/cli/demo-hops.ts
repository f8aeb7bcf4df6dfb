/**
 * The hops of the demo: what the emulated tenant traced, what the verifier decided and why, in the
 * order in which it happened, as lines for people or JSON for programs.
 */
import { findRecords, type StoredRecord } from '../../db/operator.ts'
import type { TraceEvent } from '../emulator/index.ts'
import type { Reason } from '../verifier/domain/decision.ts'
import type { Paint, Style } from './terminal.ts'

export interface Hop {
  /** Epoch milliseconds, by the clock of whoever acted. */
  readonly at: number
  readonly who: 'user' | 'tenant' | 'action' | 'verifier'
  readonly text: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface Hops {
  readonly all: readonly Hop[]
  trace(event: TraceEvent): void
  /** One line of the verifier's log. */
  log(line: string): void
  /** When everything that was reported has been shown. */
  settled(): Promise<void>
}

export interface HopsOptions {
  readonly show: (hop: Hop) => void
  /** Where the verifier's records are. */
  readonly databaseUrl: string
}

export function createHops({ show, databaseUrl }: HopsOptions): Hops {
  const all: Hop[] = []
  // One after the other: a decision is read back from the store, and what follows it waits.
  let queue: Promise<void> = Promise.resolve()
  const add = (hop: () => Hop | undefined | Promise<Hop | undefined>) => {
    queue = queue.then(hop).then((done) => {
      if (done === undefined) return
      all.push(done)
      show(done)
    })
  }
  return {
    all,
    trace: (event) => add(() => traceHop(event)),
    log: (line) => {
      const entry = JSON.parse(line) as LogLine
      add(() => logHop(entry, databaseUrl))
    },
    settled: () => queue,
  }
}

function traceHop(event: TraceEvent): Hop {
  const actor = event.who === 'user' || event.who === 'tenant' ? event.who : 'action'
  const log = event.kind === 'action.ran' ? event.data.log.trim() : ''
  return {
    at: event.atMs,
    who: actor,
    text: `${actor === 'action' ? `${event.who}: ` : ''}${event.text}${log ? `  log ${log}` : ''}`,
    data: { kind: event.kind, ...event.data },
  }
}

interface LogLine {
  readonly time: number
  readonly event: string
  readonly method?: string
  readonly route?: string
  readonly status?: number
  readonly code?: string
  readonly assessment_id?: string
  readonly outcome?: string
  readonly fresh?: boolean
  readonly store_error?: string
}

async function logHop(line: LogLine, databaseUrl: string): Promise<Hop | undefined> {
  const at = line.time * 1000
  if (line.event === 'assessment' && line.assessment_id !== undefined) {
    if (line.outcome === undefined) {
      const data = { kind: 'verifier.failed', store_error: line.store_error }
      return { at, who: 'verifier', text: `cannot decide: ${line.store_error}`, data }
    }
    // A database that is down, or being stopped, costs the reasons and not the demo.
    const record = await settledRecord(databaseUrl, line.assessment_id).catch(() => undefined)
    return { at, who: 'verifier', ...decisionText(line, record) }
  }
  if (line.event === 'request' && line.route === '/verify') {
    const { method, status, code } = line
    const what = method === 'GET' ? 'shows the arrival page' : 'sends the browser back to /continue'
    const text = code === undefined ? what : `refuses: ${code} (${status})`
    return { at, who: 'verifier', text, data: { kind: 'verifier.request', method, status, code } }
  }
  return undefined
}

/** The decision is written back after the answer has left, so it may be a moment late. */
async function settledRecord(url: string, id: string): Promise<StoredRecord | undefined> {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const [record] = await findRecords(url, { id })
    if (record === undefined || record.decision !== null) return record
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return undefined
}

function decisionText(line: LogLine, record: StoredRecord | undefined) {
  const decision = record?.decision
  if (!record || !decision) {
    return {
      text: `decides ${line.outcome}, without a record`,
      data: { kind: 'verifier.decision', outcome: line.outcome },
    }
  }
  const { outcome, assessed, score, reasons, policy_version } = decision
  const why = reasons.length > 0 ? reasons.map(reasonText).join('; ') : 'nothing spoke against it'
  const again = line.fresh === false ? ' again' : ''
  const softened = outcome === assessed ? '' : ` (found ${assessed})`
  return {
    text: `decides ${outcome}${again}${softened}: ${why}  score ${score}, code ${record.reference}`,
    data: {
      kind: 'verifier.decision',
      outcome,
      assessed,
      score,
      reasons,
      policy_version,
      reference: record.reference,
    },
  }
}

/** `mfa_enrolled (mfa_enrolled=true) → at least step_up`. */
export function reasonText({ rule, signals, evidence, floor }: Reason): string {
  const seen = Object.entries(signals)
    .map(([name, value]) => `${name}=${value === null ? 'unknown' : String(value)}`)
    .join(', ')
  const effect = floor ? `at least ${floor}` : `evidence ${evidence}`
  return `${rule}${seen ? ` (${seen})` : ''} → ${effect}`
}

const STYLES: Record<Hop['who'], Style> = {
  user: 'cyan',
  tenant: 'blue',
  action: 'magenta',
  verifier: 'green',
}

export function hopLine({ who, text }: Hop, paint: Paint): string {
  return `  ${paint(STYLES[who], who.padEnd(9))} ${text}`
}
