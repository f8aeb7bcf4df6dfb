/** Conditions as closures of three-valued logic (Kleene): an undecided part leaves the whole undecided. */
import type { SignalValue } from './decision.ts'
import type { Condition, Operator } from './policy.ts'
import type { Signal } from './signals/signal.ts'

/** `undefined` is unknown. */
export type Truth = boolean | undefined

/** The signal of that name, observed once per decision. */
export type Observe = (name: string) => Signal

export type CompiledCondition = (observe: Observe) => Truth

export function compileCondition(condition: Condition): CompiledCondition {
  if ('all' in condition) return every(condition.all.map(compileCondition))
  if ('any' in condition) return some(condition.any.map(compileCondition))
  if ('not' in condition) {
    const inner = compileCondition(condition.not)
    return (observe) => negate(inner(observe))
  }
  const { signal, op, value } = condition
  const compare = COMPARE[op]
  return (observe) => {
    const observed = observe(signal)
    return observed.known ? compare(observed.value, value) : undefined
  }
}

/** The signals a condition reads, each once, in the order of their first mention. */
export function signalsIn(condition: Condition): readonly string[] {
  if ('all' in condition) return [...new Set(condition.all.flatMap(signalsIn))]
  if ('any' in condition) return [...new Set(condition.any.flatMap(signalsIn))]
  if ('not' in condition) return signalsIn(condition.not)
  return [condition.signal]
}

const negate = (truth: Truth): Truth => (truth === undefined ? undefined : !truth)

function every(parts: readonly CompiledCondition[]): CompiledCondition {
  return (observe) => {
    let undecided = false
    for (const part of parts) {
      const truth = part(observe)
      if (truth === false) return false
      undecided ||= truth === undefined
    }
    return undecided ? undefined : true
  }
}

function some(parts: readonly CompiledCondition[]): CompiledCondition {
  const none = every(parts.map((part) => (observe) => negate(part(observe))))
  return (observe) => negate(none(observe))
}

/** The document's schema lets only values of the signal's own kind come here. */
const COMPARE: Record<Operator, (observed: SignalValue, value: SignalValue) => boolean> = {
  eq: (observed, value) => observed === value,
  ne: (observed, value) => observed !== value,
  lt: (observed, value) => observed < value,
  lte: (observed, value) => observed <= value,
  gt: (observed, value) => observed > value,
  gte: (observed, value) => observed >= value,
  in: (observed, value) => Array.isArray(value) && value.includes(observed),
  includes: (observed, value) => Array.isArray(observed) && observed.includes(value),
}
