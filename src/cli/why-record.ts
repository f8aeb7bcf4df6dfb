/** Looks up the records of a reference code and puts each into words: outcome, reasons, policy lines. */
import { findRecords, type StoredRecord } from '../../db/operator.ts'
import type { Decision, Reason } from '../verifier/domain/decision.ts'
import { databaseUrl } from './database-url.ts'
import { hasDemoDatabase, openDemoDatabase } from './demo-database.ts'
import { reasonText } from './demo-hops.ts'
import type { Paint } from './terminal.ts'

/** In the database of the flag, else of DATABASE_URL, else in the demo's. */
export async function lookUp(
  code: string,
  flag: string | undefined,
): Promise<readonly StoredRecord[]> {
  const key = { reference: code }
  if (flag !== undefined || process.env.DATABASE_URL || !hasDemoDatabase()) {
    return findRecords(databaseUrl(flag), key)
  }
  const demo = await openDemoDatabase(undefined)
  try {
    return await findRecords(demo.url, key)
  } finally {
    await demo.stop()
  }
}

export function explain(record: StoredRecord, paint: Paint): string {
  const { reference, tenant, flow, opened_at, decision, policy } = record
  const head = [
    `${paint('bold', reference)}  tenant ${tenant}, ${flow.replace('_', ' ')}, ${opened_at}`,
  ]
  if (decision === null) return [...head, '  not settled yet: no decision is on record'].join('\n')
  return [
    ...head,
    `  outcome  ${paint('bold', decision.outcome)}${outcomeNote(decision)}`,
    `  score    ${decision.score}${thresholdNote(policy)}`,
    `  policy   version ${decision.policy_version}, ${decision.mode}`,
    ...(decision.reasons.length === 0 ? ['  no rule applied'] : []),
    ...decision.reasons.flatMap((reason) => [
      '',
      `  ${paint('cyan', reasonText(reason))}`,
      `    ${paint('dim', policyLine(policy, reason))}`,
    ]),
  ].join('\n')
}

function outcomeNote({ outcome, assessed, needs_review }: Decision): string {
  const notes = [
    ...(outcome === assessed ? [] : [`the rules found ${assessed}`]),
    ...(needs_review ? ['a person has to release the next attempt'] : []),
  ]
  return notes.length === 0 ? '' : ` (${notes.join('; ')})`
}

/** A policy that was stored by another build is shown as far as it is known here. */
interface KnownPolicy {
  readonly thresholds?: { readonly step_up?: number; readonly deny?: number | null }
  readonly no_factor?: string
  readonly floors?: readonly { readonly id?: string }[]
  readonly rules?: readonly { readonly id?: string }[]
}

function thresholdNote(policy: unknown): string {
  const { thresholds } = (policy ?? {}) as KnownPolicy
  if (thresholds === undefined) return ''
  const { step_up, deny } = thresholds
  return ` (step-up from ${step_up}${deny === null ? ', evidence alone never denies' : `, denial from ${deny}`})`
}

function policyLine(policy: unknown, { rule }: Reason): string {
  const { floors = [], rules = [], no_factor } = (policy ?? {}) as KnownPolicy
  const line = [...floors, ...rules].find(({ id }) => id === rule)
  if (line !== undefined) return JSON.stringify(line)
  if (rule === 'no_factor') return JSON.stringify({ no_factor })
  return 'not a line of the policy: the engine added it'
}
