/**
 * From what the rules found to one decision: floors and evidence, then `no_factor`, then the mode.
 * Pure and free of order: findings are sorted before anything is added up, and the most severe wins.
 */
import { type Decision, type Outcome, type Reason, type SignalValue, worse } from './decision.ts'
import { eligibleFactors } from './factors.ts'
import type { Facts } from './facts.ts'
import type { NoFactor, PolicyDocument } from './policy.ts'

/**
 * One rule that had something to say: its condition held, or was unknown. Evidence of 0 is said too:
 * in its group it stands above trust, so that not knowing one thing never leaves a kinder one alone.
 */
export interface Finding {
  readonly rule: string
  readonly code: string
  readonly signals: Readonly<Record<string, SignalValue | null>>
  readonly shadow: boolean
  readonly weight:
    | {
        readonly floor: Exclude<Outcome, 'allow'>
        /** The condition held; false when it was unknown. Only a held floor is a hard fact. */
        readonly held: boolean
      }
    | { readonly evidence: number; readonly group?: string }
}

/** Codes this engine adds by itself; a policy's rules bring all others. */
export const NO_FACTOR_CODES: Record<NoFactor | 'released', string> = {
  deny: 'no_factor',
  hold: 'needs_review',
  form: 'recovery_form',
  allow: 'allowed_with_notice',
  released: 'released',
}

/** The continue token travels in a browser; what explains the rest is in the record. */
const CODES_SENT = 10

export function decide(
  document: PolicyDocument,
  findings: readonly Finding[],
  facts: Facts,
): Decision {
  const counted = strongest(findings.filter(({ shadow }) => !shadow)).filter(speaks)
  const reasons = counted.map(reasonOf).sort(bySeverity)
  const score = scoreOf(document.prior, reasons)
  const assessed = reasons.reduce<Outcome>(
    (outcome, { floor }) => (floor === undefined ? outcome : worse(outcome, floor)),
    outcomeOf(score, document.thresholds),
  )
  const answer = answerOf(document, assessed, counted, facts)
  const codes = [
    ...(answer.code === undefined ? [] : [answer.code]),
    ...reasons.filter(raises).map(({ code }) => code),
  ]
  const shadow = findings
    .filter((finding) => finding.shadow && speaks(finding))
    .map(reasonOf)
    .sort(bySeverity)
  return {
    outcome: answer.outcome,
    assessed,
    score,
    reasons,
    codes: [...new Set(codes)].slice(0, CODES_SENT),
    needs_review: answer.outcome === 'deny' && answer.code === NO_FACTOR_CODES.hold,
    mode: document.mode,
    policy_version: document.version,
    ...(shadow.length === 0 ? {} : { shadow }),
  }
}

/** Of each group the finding with the most evidence, the first by name where two are equal. */
function strongest(findings: readonly Finding[]): readonly Finding[] {
  const groups = new Map<string, Finding>()
  const alone: Finding[] = []
  for (const finding of findings) {
    const group = 'evidence' in finding.weight ? finding.weight.group : undefined
    if (group === undefined) {
      alone.push(finding)
      continue
    }
    const rival = groups.get(group)
    if (rival === undefined || outdoes(finding, rival)) groups.set(group, finding)
  }
  return [...alone, ...groups.values()]
}

const outdoes = (finding: Finding, rival: Finding): boolean =>
  evidenceOf(finding) === evidenceOf(rival)
    ? finding.rule < rival.rule
    : evidenceOf(finding) > evidenceOf(rival)

/** Whether a finding changes anything by itself. */
export const speaks = ({ weight }: Finding): boolean => 'floor' in weight || weight.evidence !== 0

const evidenceOf = ({ weight }: Finding): number => ('evidence' in weight ? weight.evidence : 0)

function reasonOf({ rule, code, signals, weight }: Finding): Reason {
  return 'floor' in weight
    ? { rule, code, floor: weight.floor, signals }
    : { rule, code, evidence: weight.evidence, signals }
}

const raises = ({ floor, evidence }: Reason): boolean => floor !== undefined || Number(evidence) > 0

const severity = ({ floor }: Reason): number => (floor === 'deny' ? 2 : floor === 'step_up' ? 1 : 0)

function bySeverity(a: Reason, b: Reason): number {
  if (severity(a) !== severity(b)) return severity(b) - severity(a)
  const difference = (b.evidence ?? 0) - (a.evidence ?? 0)
  if (difference !== 0) return difference
  return a.rule < b.rule ? -1 : 1
}

/** The reasons come sorted, so floating-point addition sees one order whatever the document's was. */
function scoreOf(prior: number, reasons: readonly Reason[]): number {
  const sum = reasons.reduce((total, { evidence = 0 }) => total + evidence, prior)
  // Adding 0 turns -0, which JSON would not keep, into 0.
  return Math.round(sum * 1e6) / 1e6 + 0
}

function outcomeOf(score: number, { step_up, deny }: PolicyDocument['thresholds']): Outcome {
  if (deny !== null && score >= deny) return 'deny'
  // Asked this way round, a score that is no number is friction.
  return score < step_up ? 'allow' : 'step_up'
}

interface AnswerOf {
  readonly outcome: Outcome
  readonly code?: string
}

function answerOf(
  { mode, no_factor }: PolicyDocument,
  assessed: Outcome,
  counted: readonly Finding[],
  facts: Facts,
): AnswerOf {
  if (mode === 'monitor') return { outcome: counted.some(isHardFact) ? 'deny' : 'allow' }
  if (assessed !== 'step_up') return { outcome: assessed }
  const { factors, first_challenge } = facts.request.token
  // An unknown list stays a step-up: the Action asks Auth0 again, and denies when it is still unknown.
  if (eligibleFactors(factors, first_challenge)?.length !== 0) return { outcome: 'step_up' }
  if (facts.store.released === true) return { outcome: 'allow', code: NO_FACTOR_CODES.released }
  const outcome = no_factor === 'allow' ? 'allow' : 'deny'
  return { outcome, code: NO_FACTOR_CODES[no_factor] }
}

/** Someone said so, or it was seen: never a sum, never an unknown. */
const isHardFact = ({ weight }: Finding): boolean =>
  'floor' in weight && weight.floor === 'deny' && weight.held
