/**
 * Holds a history against the promises. The model is a register that is written once per token, so one
 * pass suffices and no search is needed. It knows the tenant's and the clients' side and the tables; of
 * the service it knows only how identifiers are hashed.
 */
import type { Evidence, Operation, Result } from './history.ts'

export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7'

export const INVARIANTS: Readonly<Record<Invariant, string>> = {
  I1: 'every answer that left stands in a committed record',
  I2: 'one token has one decision, one state one token',
  I3: 'only the first browser is answered',
  I4: 'degraded is never allow',
  I5: 'the way back is the tenant',
  I6: 'nothing secret is in the log',
  I7: 'every request ends in time, and a refusal for now says when to come again',
}

export interface Finding {
  readonly invariant: Invariant
  readonly what: string
  /** The shortest history that shows it: the operations of one token. */
  readonly history: readonly Operation[]
}

export interface Expectation {
  /** As the service stores them. */
  readonly hash: (purpose: 'token' | 'state' | 'subject', value: string) => string
  readonly continueOrigin: string
  /** Milliseconds after which a client must have heard something. */
  readonly deadline: number
  /** What must never be written. */
  readonly secret: RegExp
}

export function check(evidence: Evidence, expected: Expectation): Finding[] {
  const findings: Finding[] = []
  const byToken = groupByToken(evidence.operations)
  const find = (invariant: Invariant, what: string, tokenId?: string) =>
    findings.push({ invariant, what, history: byToken.get(tokenId ?? '') ?? [] })

  checkClients(byToken, expected, find)
  checkRecords(evidence, expected, find)
  checkTables(evidence, find)
  for (const line of evidence.log) {
    const found = expected.secret.exec(line)
    if (found) find('I6', `a log line holds ${found[0].slice(0, 8)}…: ${line.slice(0, 60)}…`)
  }
  return findings
}

function groupByToken(operations: readonly Operation[]): ReadonlyMap<string, Operation[]> {
  const groups = new Map<string, Operation[]>()
  for (const operation of operations) {
    const { tokenId } = operation.transaction
    const group = groups.get(tokenId)
    if (group === undefined) groups.set(tokenId, [operation])
    else group.push(operation)
  }
  return groups
}

type Find = (invariant: Invariant, what: string, tokenId?: string) => void
type Answered = Operation & { readonly result: Extract<Result, { kind: 'ok' }> }

const isAnswered = (operation: Operation): operation is Answered => operation.result.kind === 'ok'
const differs = (values: readonly unknown[]) => new Set(values).size > 1

function checkClients(
  byToken: ReadonlyMap<string, readonly Operation[]>,
  { continueOrigin, deadline }: Expectation,
  find: Find,
): void {
  const stateTokens = new Map<string, Set<string>>()
  for (const [tokenId, operations] of byToken) {
    const answered = operations.filter(isAnswered)
    const recorded = answered.filter(({ result }) => !result.answer.degraded)
    const decisions = recorded.map(
      ({ result }) => `${result.answer.assessmentId} ${result.answer.outcome}`,
    )
    if (differs(decisions))
      find('I2', `decisions ${[...new Set(decisions)].join(' and ')}`, tokenId)
    if (differs(recorded.map(({ browser }) => browser)))
      find('I3', 'two browsers answered', tokenId)
    if (differs(recorded.map(({ state }) => state))) find('I2', 'two states answered', tokenId)
    for (const operation of answered) {
      const { answer } = operation.result
      if (operation.kind === 'forged') find('I1', 'a forged token answered', tokenId)
      if (answer.degraded && answer.outcome === 'allow') find('I4', 'a degraded allow', tokenId)
      const way = `${continueOrigin}/continue?state=${encodeURIComponent(operation.state)}`
      if (answer.action !== way) find('I5', `the page leads to ${answer.action}`, tokenId)
      if (!answer.degraded) {
        const tokens = stateTokens.get(operation.state) ?? new Set()
        stateTokens.set(operation.state, tokens.add(tokenId))
      }
    }
    for (const { kind, start, end, result } of operations) {
      if (end - start > deadline) find('I7', `${kind} took ${Math.round(end - start)} ms`, tokenId)
      if (result.kind === 'broken') find('I7', `${kind}: ${result.what}`, tokenId)
      if (result.kind === 'unavailable' && !result.retryAfter) {
        find('I7', `${result.status} without Retry-After`, tokenId)
      }
    }
  }
  for (const [, tokens] of stateTokens) {
    if (tokens.size > 1) find('I2', `a state answered for ${tokens.size} tokens`, [...tokens][0])
  }
}

/** Every answer that a client holds, and every one that the tenant took, against the rows. */
function checkRecords(
  { operations, continued, tables }: Evidence,
  expected: Expectation,
  find: Find,
) {
  const redemptions = new Map(tables.redemptions.map((row) => [row.token_key, row]))
  const outcomes = new Map(tables.assessments.map(({ id, outcome }) => [id, outcome]))
  const { hash } = expected
  const answers = operations.filter(isAnswered).map(({ transaction, state, result }) => ({
    transaction,
    state,
    ...result.answer,
  }))
  const taken = continued.map((entry) => ({ ...entry, state: entry.transaction.state }))
  for (const { transaction, state, assessmentId, outcome, degraded } of [...answers, ...taken]) {
    const { tokenId, subject } = transaction
    if (degraded) {
      if (outcome === 'allow') find('I4', 'a degraded allow was taken', tokenId)
      continue
    }
    const row = redemptions.get(hash('token', tokenId))
    const stored = outcomes.get(assessmentId)
    if (row === undefined) find('I1', `${outcome} without a redemption`, tokenId)
    else if (row.assessment_id !== assessmentId) find('I1', 'the token has another record', tokenId)
    else if (row.state_hash !== hash('state', state))
      find('I1', 'recorded for another state', tokenId)
    else if (row.subject_hash !== hash('subject', subject)) {
      find('I1', 'recorded for another subject', tokenId)
    }
    if (stored === undefined) find('I1', `${outcome} without a record`, tokenId)
    // Null: not written back yet; whoever judges it finds the same.
    else if (stored !== null && stored !== outcome) {
      find('I2', `${outcome} was sent, ${stored} is stored`, tokenId)
    }
  }
}

/** No half of anything: a spent token has its record, unless its state was another token's. */
function checkTables({ tables: { redemptions, claims, assessments } }: Evidence, find: Find): void {
  const records = new Set(assessments.map(({ id }) => id))
  const claimedBy = new Map(claims.map((claim) => [claim.state_hash, claim.token_key]))
  const named = new Set(redemptions.map((row) => row.assessment_id))
  for (const row of redemptions) {
    const own = claimedBy.get(row.state_hash)
    if (own === undefined) find('I2', 'a spent token whose state nobody claimed')
    else if (own === row.token_key && !records.has(row.assessment_id)) {
      find('I1', 'a spent token without its record')
    } else if (own !== row.token_key && records.has(row.assessment_id)) {
      find('I2', "a record for another token's state")
    }
  }
  for (const id of records) if (!named.has(id)) find('I2', `record ${id} belongs to no spent token`)
}
