/**
 * A policy document in words, as Markdown: the documentation of context attributes, thresholds and
 * actions that ASVS 5.0 8.1.3 and 8.1.4 ask for, made from what is in force and so never out of date.
 */
import { signalsIn } from './condition.ts'
import type {
  Condition,
  EvidenceRule,
  FloorRule,
  ModelSection,
  NoFactor,
  PolicyDocument,
} from './policy.ts'
import { SIGNALS } from './signals/registry.ts'

export function describePolicy(document: PolicyDocument): string {
  return [
    heading(document),
    decisionSection(document),
    floorSection(document.floors),
    evidenceSection(document.rules),
    ...(document.model === undefined ? [] : [modelSection(document.model)]),
    attributeSection(document),
  ].join('\n\n')
}

const FLOWS_IN_WORDS = { password_reset: 'password reset', login: 'login' } as const

const NO_FACTOR_IN_WORDS: Record<NoFactor, string> = {
  deny: 'is refused',
  hold: 'is held until a person releases it, and told a code to quote',
  form: 'is sent to the recovery form',
  allow: 'is let through, and notified',
}

const heading = ({ flow, version, mode }: PolicyDocument): string =>
  `# Policy ${version} for the ${FLOWS_IN_WORDS[flow]}

${
  mode === 'enforce'
    ? 'In force: what is decided here is answered.'
    : 'Watching: everything but a floor of `deny` that is known to hold is answered `allow`, and what would have been decided is recorded.'
}`

function decisionSection({ prior, thresholds, no_factor, limits }: PolicyDocument): string {
  const rate = ({ per_hour, burst }: { per_hour: number; burst: number }) =>
    `${per_hour} per hour with a burst of ${burst}`
  return `## How it decides

The score is the prior of ${prior}, once, and the evidence of all rules that apply, in natural-log odds.
The most severe of the score's outcome and of all floors is the decision.

| when | then |
|---|---|
| the score is below ${thresholds.step_up} and no floor applies | \`allow\` |
| the score is ${thresholds.step_up} or more, or a floor of \`step_up\` applies | \`step_up\`: a second factor is asked for |
| ${thresholds.deny === null ? '' : `the score is ${thresholds.deny} or more, or `}a floor of \`deny\` applies | \`deny\` |

A user who would be stepped up and has no eligible factor ${NO_FACTOR_IN_WORDS[no_factor]} (\`no_factor: ${no_factor}\`).

Allowances: ${rate(limits.user)} for what one user does, ${rate(limits.address)} for the visits from one address.`
}

const floorSection = (floors: readonly FloorRule[]): string =>
  `## Floors

A floor raises the decision whatever the score is. No trust lowers it.

| rule | when | at least | when unknown | code |
|---|---|---|---|---|
${floors
  .map(
    (rule) =>
      `| ${nameOf(rule)} | ${sentence(rule.when)} | \`${rule.floor}\` | ${
        rule.on_unknown === 'none' ? 'nothing' : `\`${rule.on_unknown}\``
      } | \`${rule.reason}\` |`,
  )
  .join('\n')}`

const evidenceSection = (rules: readonly EvidenceRule[]): string =>
  `## Evidence

Of the rules of one group only the strongest counts. A shadow rule is recorded and counts nothing.

| rule | when | evidence | when unknown | group | code |
|---|---|---|---|---|---|
${rules
  .map(
    (rule) =>
      `| ${nameOf(rule)} | ${sentence(rule.when)} | ${signed(rule.evidence)} | ${
        rule.on_unknown === 0 ? 'nothing' : signed(rule.on_unknown)
      } | ${rule.group ?? ''} | \`${rule.reason}\` |`,
  )
  .join('\n')}`

const modelSection = ({
  beta,
  cap: [least, most],
  feature_cap,
  min_history,
  group,
}: ModelSection) =>
  `## Model of novelty

How unlike the user's confirmed past an event is, by nested back-off over counters (prior strength ${beta} events).
It speaks from ${min_history} confirmed events on, adds ${least} at least and ${most} at most, and ${feature_cap} at most for one feature${
    group === undefined ? '' : `; it belongs to the group ${group}`
  }.`

function attributeSection({ floors, rules }: PolicyDocument): string {
  const names = [...new Set([...floors, ...rules].flatMap(({ when }) => signalsIn(when)))].sort()
  const lines = names.map((name) => {
    const signal = SIGNALS.get(name)
    if (signal === undefined) return `| \`${name}\` | not known to this version | | |`
    const unit = signal.unit === undefined ? '' : ` (${signal.unit})`
    return `| \`${name}\` | ${cell(signal.meaning)}${unit} | ${cell(signal.unknownWhen)} | ${cell(signal.source)} |`
  })
  return `## Attributes

| signal | meaning | unknown when | source |
|---|---|---|---|
${lines.join('\n')}
`
}

const nameOf = ({ id, shadow }: FloorRule | EvidenceRule): string =>
  shadow === true ? `\`${id}\` (shadow)` : `\`${id}\``

const signed = (value: number): string => (value > 0 ? `+${value}` : String(value))

const OPERATORS_IN_WORDS = {
  eq: 'is',
  ne: 'is not',
  lt: 'is below',
  lte: 'is at most',
  gt: 'is above',
  gte: 'is at least',
  in: 'is one of',
  includes: 'includes',
} as const

/** A condition in words, its signals in backquotes. */
export const conditionText = (condition: Condition): string => sentence(condition)

function sentence(condition: Condition, inner = false): string {
  if ('not' in condition) return `not (${sentence(condition.not)})`
  if ('all' in condition || 'any' in condition) {
    const [parts, word] = 'all' in condition ? [condition.all, 'and'] : [condition.any, 'or']
    const joined = parts.map((part) => sentence(part, true)).join(` ${word} `)
    return inner && parts.length > 1 ? `(${joined})` : joined
  }
  const { signal, op, value } = condition
  if (value === true && op === 'eq') return `\`${signal}\``
  const shown = Array.isArray(value) ? value.join(', ') : String(value)
  return `\`${signal}\` ${OPERATORS_IN_WORDS[op]} ${cell(shown)}`
}

/** Values come from documents that people write: none of them may end its table cell or begin markup. */
const cell = (text: string): string =>
  text.replace(/[|<>`\\\r\n]/g, (character) =>
    character === '\r' || character === '\n' ? ' ' : `&#${character.charCodeAt(0)};`,
  )
