/**
 * Why a record was answered as it was, as data: outcome, score against thresholds, each reason with the
 * policy's line behind it, and what the facts said to every signal. Pure, and told apart from how it is
 * shown: the command line, the API and the pages put the same explanation into their own form.
 */
import { compilePolicy, MODEL_RULE } from '../domain/compile.ts'
import { signalsIn } from '../domain/condition.ts'
import { speaks } from '../domain/decide.ts'
import type { Decision, Outcome, Reason, SignalValue } from '../domain/decision.ts'
import type { Facts } from '../domain/facts.ts'
import type { Condition, PolicyDocument } from '../domain/policy.ts'
import { conditionText } from '../domain/policy-text.ts'
import type { ShadowVerdict } from '../domain/shadow.ts'
import { SIGNALS } from '../domain/signals/registry.ts'
import type { SignalFamily, UnknownWhy } from '../domain/signals/signal.ts'
import { parsePolicy } from '../schema/policy-document.ts'

export interface Explanation {
  readonly outcome: Outcome
  readonly assessed: Outcome
  /** In natural-log odds; the prior is in it. */
  readonly score: number
  readonly mode: Decision['mode']
  readonly policyVersion: number
  readonly needsReview: boolean
  /** Sentences without a full stop: what stands between what was found and what was answered. */
  readonly notes: readonly string[]
  /** Absent where the policy's body does not tell. */
  readonly prior?: number
  readonly thresholds?: { readonly step_up: number; readonly deny: number | null }
  /** What counted, most severe first. */
  readonly reasons: readonly ExplainedReason[]
  /** What rules marked `shadow` would have added. */
  readonly shadowReasons: readonly ExplainedReason[]
  /** What other versions found on the same facts. */
  readonly shadowVersions: readonly ShadowVerdict[]
  /** Absent where this build cannot judge the record as its policy did. */
  readonly judged?: Judged
}

export interface ExplainedReason {
  readonly rule: string
  readonly code: string
  /** `engine`: not a line of the policy, but added by the engine itself. */
  readonly kind: 'floor' | 'evidence' | 'model' | 'engine'
  readonly floor?: Outcome
  readonly evidence?: number
  readonly signals: readonly ExplainedSignal[]
  /** The rule's condition in words, its signals in backquotes. */
  readonly condition?: string
  readonly group?: string
  /** The policy's line as stored; undefined where the engine added the reason. */
  readonly line: unknown
}

export interface ExplainedSignal {
  readonly name: string
  /** Null: unknown. */
  readonly value: SignalValue | null
  readonly meaning?: string
  readonly unit?: string
}

/** The record judged once more by its own policy: the same decision, with what was left unsaid. */
export interface Judged {
  /** Every signal that this build knows. */
  readonly signals: readonly JudgedSignal[]
  /** Rules whose condition could not be told; `evidence` is what not knowing was worth. */
  readonly unknown: readonly {
    readonly rule: string
    readonly condition: string
    readonly evidence: number
  }[]
  /** Rules that held and were not counted: a stronger one of their group was. */
  readonly outdone: readonly {
    readonly rule: string
    readonly group: string
    readonly evidence: number
  }[]
}

export interface JudgedSignal extends ExplainedSignal {
  readonly family: SignalFamily
  readonly meaning: string
  /** Of an unknown one. */
  readonly why?: UnknownWhy
  readonly unknownWhen: string
  /** Rules of the policy that read it. */
  readonly rules: readonly string[]
}

/** What a record has to bring; bodies as stored. */
export interface Explicable {
  readonly facts: Facts
  readonly decision: unknown
  readonly policy: unknown
  readonly shadow?: unknown
}

/** Undefined while the record is open. A policy of another build is explained as far as it is known here. */
export function explainRecord(record: Explicable): Explanation | undefined {
  if (!isDecision(record.decision)) return undefined
  const { decision, policy } = record
  const { thresholds, prior } = knownPolicy(policy)
  const stepUp = thresholds?.step_up
  const judged = judge(record.facts, decision, policy)
  return {
    outcome: decision.outcome,
    assessed: decision.assessed,
    score: decision.score,
    mode: decision.mode,
    policyVersion: decision.policy_version,
    needsReview: decision.needs_review,
    notes: notesOf(decision),
    ...(typeof prior === 'number' ? { prior } : {}),
    ...(typeof stepUp === 'number'
      ? { thresholds: { step_up: stepUp, deny: thresholds?.deny ?? null } }
      : {}),
    reasons: decision.reasons.map((reason) => explainReason(reason, policy)),
    shadowReasons: (decision.shadow ?? []).map((reason) => explainReason(reason, policy)),
    shadowVersions: Array.isArray(record.shadow) ? record.shadow.filter(isVerdict) : [],
    ...(judged === undefined ? {} : { judged }),
  }
}

function notesOf({ outcome, assessed, needs_review, mode, codes }: Decision): string[] {
  return [
    ...(outcome === assessed ? [] : [`the rules found ${assessed}`]),
    ...(mode === 'monitor' && outcome !== assessed ? ['the policy only watches'] : []),
    ...(codes.includes('released') ? ['a person had released this attempt'] : []),
    ...(needs_review ? ['a person has to release the next attempt'] : []),
  ]
}

function explainReason(reason: Reason, policy: unknown): ExplainedReason {
  const { rule, code, evidence, floor, signals } = reason
  const { floors, rules, model, no_factor } = knownPolicy(policy)
  const line = [...floors, ...rules].find(({ id }) => id === rule)
  const engine = rule === 'no_factor' && no_factor !== undefined ? { no_factor } : undefined
  return {
    rule,
    code,
    kind:
      floor !== undefined
        ? 'floor'
        : line !== undefined
          ? 'evidence'
          : rule === MODEL_RULE
            ? 'model'
            : 'engine',
    ...(floor === undefined ? {} : { floor }),
    ...(evidence === undefined ? {} : { evidence }),
    signals: Object.entries(signals).map(([name, value]) => {
      const known = SIGNALS.get(name)
      return {
        name,
        value,
        ...(known === undefined ? {} : { meaning: known.meaning }),
        ...(known?.unit === undefined ? {} : { unit: known.unit }),
      }
    }),
    ...conditionOf(line?.when),
    ...(typeof line?.group === 'string' ? { group: line.group } : {}),
    line: line ?? (rule === MODEL_RULE ? model : engine),
  }
}

/** A condition of another build may be of a form that is not known here. */
function conditionOf(when: unknown): { readonly condition?: string } {
  try {
    return when === undefined ? {} : { condition: conditionText(when as Condition) }
  } catch {
    return {}
  }
}

/** Judges the facts again, and answers nothing unless the same decision comes out. */
function judge(facts: Facts, stored: Decision, body: unknown): Judged | undefined {
  const parsed = parsePolicy(body)
  if (!parsed.ok) return undefined
  const document = parsed.value
  const again = explainAgain(facts, document)
  if (again === undefined || !sameJudgement(again.decision, stored)) return undefined
  const { decision, findings } = again
  const counted = new Set(decision.reasons.map(({ rule }) => rule))
  const rules = [...document.floors, ...document.rules]
  const whenOf = new Map(rules.map(({ id, when }) => [id, when]))
  const silent = findings.filter(({ rule, shadow }) => !shadow && !counted.has(rule))
  return {
    signals: observeAll(facts, document),
    unknown: silent.flatMap(({ rule, weight }) => {
      const when = whenOf.get(rule)
      return 'evidence' in weight && weight.evidence === 0 && when !== undefined
        ? [{ rule, condition: conditionText(when), evidence: weight.evidence }]
        : []
    }),
    outdone: silent.flatMap((finding) =>
      speaks(finding) && 'evidence' in finding.weight && finding.weight.group !== undefined
        ? [
            {
              rule: finding.rule,
              group: finding.weight.group,
              evidence: finding.weight.evidence,
            },
          ]
        : [],
    ),
  }
}

/** Facts of an earlier build may lack what a signal of this one reads. */
function explainAgain(facts: Facts, document: PolicyDocument) {
  try {
    return compilePolicy(document).explain(facts)
  } catch {
    return undefined
  }
}

const sameJudgement = (now: Decision, then: Decision): boolean =>
  now.assessed === then.assessed &&
  now.score === then.score &&
  now.reasons.map(({ rule }) => rule).join() === then.reasons.map(({ rule }) => rule).join()

function observeAll(facts: Facts, document: PolicyDocument): readonly JudgedSignal[] {
  const { limits, model } = document
  const input = model === undefined ? { facts, limits } : { facts, limits, novelty: model }
  const readers = readersOf(document)
  return [...SIGNALS.values()].map((definition) => {
    const observed = definition.observe(input)
    return {
      name: definition.name,
      family: definition.family,
      meaning: definition.meaning,
      unknownWhen: definition.unknownWhen,
      ...(definition.unit === undefined ? {} : { unit: definition.unit }),
      value: observed.known ? observed.value : null,
      ...(observed.known ? {} : { why: observed.why }),
      rules: readers.get(definition.name) ?? [],
    }
  })
}

function readersOf({ floors, rules }: PolicyDocument): ReadonlyMap<string, readonly string[]> {
  const readers = new Map<string, string[]>()
  for (const { id, when } of [...floors, ...rules])
    for (const name of new Set(signalsIn(when)))
      readers.set(name, [...(readers.get(name) ?? []), id])
  return readers
}

interface KnownPolicy {
  readonly prior?: unknown
  readonly thresholds?: { readonly step_up?: unknown; readonly deny?: number | null }
  readonly no_factor?: unknown
  readonly model?: unknown
  readonly floors: readonly KnownLine[]
  readonly rules: readonly KnownLine[]
}

interface KnownLine {
  readonly id?: unknown
  readonly when?: unknown
  readonly group?: unknown
}

function knownPolicy(body: unknown): KnownPolicy {
  const policy = (typeof body === 'object' && body !== null ? body : {}) as Partial<KnownPolicy>
  const lines = (value: unknown): readonly KnownLine[] =>
    Array.isArray(value) ? value.filter((line) => typeof line === 'object' && line !== null) : []
  return { ...policy, floors: lines(policy.floors), rules: lines(policy.rules) }
}

/** What the store holds was written by some build's `decide`; its two lists are what is walked here. */
const isDecision = (value: unknown): value is Decision =>
  typeof value === 'object' &&
  value !== null &&
  'outcome' in value &&
  'reasons' in value &&
  Array.isArray(value.reasons) &&
  'codes' in value &&
  Array.isArray(value.codes)

const isVerdict = (value: unknown): value is ShadowVerdict =>
  typeof value === 'object' &&
  value !== null &&
  'policy_version' in value &&
  'assessed' in value &&
  'rules' in value &&
  Array.isArray(value.rules)
