/**
 * A policy document as a function of the facts. Compiling is done once per version, deciding once per
 * record; nothing is evaluated as text, which no Worker would run.
 */
import { type CompiledCondition, compileCondition, type Observe, signalsIn } from './condition.ts'
import { decide, type Finding } from './decide.ts'
import type { Decision, SignalValue } from './decision.ts'
import type { Facts } from './facts.ts'
import { noveltyOf } from './novelty.ts'
import type { EvidenceRule, FloorRule, ModelSection, PolicyDocument } from './policy.ts'
import { SIGNALS, type SignalRegistry } from './signals/registry.ts'
import type { Signal } from './signals/signal.ts'

export interface CompiledDocument {
  readonly document: PolicyDocument
  readonly decide: (facts: Facts) => Decision
  /** The decision with all that was found, shadow rules and outdone ones included: for the backtest. */
  readonly explain: (facts: Facts) => {
    readonly decision: Decision
    readonly findings: readonly Finding[]
  }
}

type CompiledRule = (observe: Observe) => Finding | undefined

/** Takes a document that `parsePolicy` let through: an unknown signal here is a bug and throws. */
export function compilePolicy(
  document: PolicyDocument,
  registry: SignalRegistry = SIGNALS,
): CompiledDocument {
  const rules = [
    ...document.floors.map((rule) => compileFloor(rule)),
    ...document.rules.map((rule) => compileEvidence(rule)),
  ]
  for (const { when } of [...document.floors, ...document.rules]) {
    const missing = signalsIn(when).find((name) => !registry.has(name))
    if (missing !== undefined) throw new Error(`unknown signal in a compiled policy: ${missing}`)
  }
  const find = (facts: Facts): readonly Finding[] => {
    const observe = observer(facts, document, registry)
    const found: Finding[] = []
    for (const rule of rules) {
      const finding = rule(observe)
      if (finding !== undefined) found.push(finding)
    }
    if (document.model !== undefined) found.push(modelFinding(document.model, facts))
    return found
  }
  return {
    document,
    decide: (facts) => decide(document, find(facts), facts),
    explain: (facts) => {
      const findings = find(facts)
      return { decision: decide(document, findings, facts), findings }
    },
  }
}

/** Each signal is computed at most once per decision, and only when a condition asks for it. */
function observer(facts: Facts, document: PolicyDocument, registry: SignalRegistry): Observe {
  const { limits, model } = document
  const input = model === undefined ? { facts, limits } : { facts, limits, novelty: model }
  const seen = new Map<string, Signal>()
  return (name) => {
    const before = seen.get(name)
    if (before !== undefined) return before
    const definition = registry.get(name)
    if (definition === undefined) throw new Error(`unknown signal: ${name}`)
    const signal = definition.observe(input)
    seen.set(name, signal)
    return signal
  }
}

function compileFloor({ id, when, reason, floor, on_unknown, shadow }: FloorRule): CompiledRule {
  const { test, read } = compileWhen(when)
  return (observe) => {
    const truth = test(observe)
    const weight = truth === true ? floor : truth === undefined ? on_unknown : 'none'
    if (weight === 'none') return undefined
    return {
      rule: id,
      code: reason,
      signals: read(observe),
      shadow: shadow === true,
      weight: { floor: weight, held: truth === true },
    }
  }
}

const NO_SIGNALS: Finding['signals'] = {}

function compileEvidence(rule: EvidenceRule): CompiledRule {
  const { test, read } = compileWhen(rule.when)
  const group = rule.group === undefined ? {} : { group: rule.group }
  return (observe) => {
    const truth = test(observe)
    if (truth === false) return undefined
    const evidence = truth === true ? rule.evidence : rule.on_unknown
    return {
      rule: rule.id,
      code: rule.reason,
      // Evidence of 0 is never a reason, and most rules are unknown most of the time.
      signals: evidence === 0 ? NO_SIGNALS : read(observe),
      shadow: rule.shadow === true,
      weight: { evidence, ...group },
    }
  }
}

/** The name the model has among the rules; no rule may take it. */
export const MODEL_RULE = 'model'

function modelFinding(model: ModelSection, facts: Facts): Finding {
  const novelty = noveltyOf(facts, model)
  const [least, most] = model.cap
  let sum = 0
  for (const evidence of Object.values(novelty?.features ?? {}))
    sum += Math.min(model.feature_cap, evidence)
  const evidence = Math.min(most, Math.max(least, Math.round(sum * 1e6) / 1e6))
  return {
    rule: MODEL_RULE,
    code: model.reason,
    signals: novelty?.parts ?? {},
    shadow: model.shadow === true,
    weight: { evidence, ...(model.group === undefined ? {} : { group: model.group }) },
  }
}

interface CompiledWhen {
  readonly test: CompiledCondition
  /** The values a reason is explained with; null stands for unknown. */
  readonly read: (observe: Observe) => Readonly<Record<string, SignalValue | null>>
}

function compileWhen(when: FloorRule['when']): CompiledWhen {
  const names = signalsIn(when)
  return {
    test: compileCondition(when),
    read: (observe) =>
      Object.fromEntries(
        names.map((name) => {
          const signal = observe(name)
          return [name, signal.known ? signal.value : null]
        }),
      ),
  }
}
