/** A policy to read: what it is set to, its floors and its rules in words, and its differences from another. */
import type {
  Condition,
  EvidenceRule,
  FloorRule,
  ModelSection,
  NoFactor,
  PolicyDocument,
} from '../../domain/policy.ts'
import { conditionText } from '../../domain/policy-text.ts'
import type { PolicyChange } from '../policy-changes.ts'
import { EvidenceBar } from './charts.tsx'
import { jsonText, OUTCOME_WORDS, oddsText, spaced } from './format.ts'
import { Code, OutcomeBadge, Sentence } from './marks.tsx'
import { Table } from './table.tsx'

const NO_FACTOR_WORDS: Record<NoFactor, string> = {
  deny: 'is refused',
  hold: 'is held until a person releases the attempt',
  form: 'is sent to the recovery form',
  allow: 'is let through, and notified',
}

export const MODE_WORDS: Record<PolicyDocument['mode'], string> = {
  enforce: 'Enforced: what is decided is answered',
  monitor: 'Only watching: everything but a hard denial is answered “allow”',
}

export const Settings = ({ document }: { readonly document: PolicyDocument }) => {
  const { mode, prior, thresholds, no_factor, limits } = document
  const rate = ({ per_hour, burst }: { readonly per_hour: number; readonly burst: number }) =>
    `${per_hour} an hour, ${burst} at once`
  return (
    <dl class="facts">
      <dt>Mode</dt>
      <dd>{MODE_WORDS[mode]}</dd>
      <dt>Prior</dt>
      <dd>{oddsText(prior, false)}, in natural-log odds of an attack</dd>
      <dt>Step-up</dt>
      <dd>from a score of {oddsText(thresholds.step_up, false)}</dd>
      <dt>Denial</dt>
      <dd>
        {thresholds.deny === null
          ? 'never by evidence alone'
          : `from a score of ${oddsText(thresholds.deny, false)}`}
      </dd>
      <dt>Without a factor</dt>
      <dd>who would be asked for one {NO_FACTOR_WORDS[no_factor]}</dd>
      <dt>Allowances</dt>
      <dd>
        a user {rate(limits.user)}; an address {rate(limits.address)}
      </dd>
    </dl>
  )
}

const RuleName = ({ id, shadow }: FloorRule | EvidenceRule) => (
  <>
    <code>{id}</code>
    {shadow === true ? <span class="badge plain">only watched</span> : null}
  </>
)

export const Floors = ({ floors }: { readonly floors: readonly FloorRule[] }) => (
  <Table
    caption="A floor raises the decision whatever the score is; no trust lowers it."
    columns={[
      { label: 'Floor' },
      { label: 'When' },
      { label: 'At least' },
      { label: 'When unknown' },
      { label: 'Says' },
    ]}
    rows={floors.map((rule) => [
      <RuleName {...rule} />,
      <Sentence text={conditionText(rule.when)} />,
      <OutcomeBadge outcome={rule.floor} />,
      rule.on_unknown === 'none' ? (
        <span class="quiet">nothing</span>
      ) : (
        OUTCOME_WORDS[rule.on_unknown]
      ),
      <Code name={rule.reason} />,
    ])}
    empty="It has no floors."
  />
)

export const Rules = ({ rules }: { readonly rules: readonly EvidenceRule[] }) => {
  const most = Math.max(4, ...rules.map(({ evidence }) => Math.abs(evidence)))
  return (
    <Table
      caption="Of the rules of one group only the strongest counts."
      columns={[
        { label: 'Rule' },
        { label: 'When' },
        { label: 'Evidence' },
        { label: 'When unknown', numeric: true },
        { label: 'Group' },
        { label: 'Says' },
      ]}
      rows={rules
        .toSorted((a, b) => b.evidence - a.evidence)
        .map((rule) => [
          <RuleName {...rule} />,
          <Sentence text={conditionText(rule.when)} />,
          <span class="weighed">
            {oddsText(rule.evidence)}
            <EvidenceBar evidence={rule.evidence} most={most} weak={rule.shadow === true} />
          </span>,
          rule.on_unknown === 0 ? <span class="quiet">nothing</span> : oddsText(rule.on_unknown),
          rule.group === undefined ? '' : spaced(rule.group),
          <Code name={rule.reason} />,
        ])}
      empty="It has no rules."
    />
  )
}

export const Model = ({ model }: { readonly model: ModelSection }) => (
  <p>
    How unlike the user’s confirmed past an event is. It speaks from {model.min_history} confirmed
    events on, adds {oddsText(model.cap[0], false)} to {oddsText(model.cap[1])}, at most{' '}
    {oddsText(model.feature_cap)} for one feature, and its prior is worth {model.beta} events.
    {model.shadow === true ? ' It is only watched.' : ''}
  </p>
)

const CHANGE_WORDS = { added: 'Added', removed: 'Removed', changed: 'Changed' } as const

export const Changes = (props: {
  readonly changes: readonly PolicyChange[]
  readonly before: string
  readonly after: string
}) => (
  <Table
    caption={`From ${props.before} to ${props.after}`}
    columns={[
      { label: 'What' },
      { label: 'Change' },
      { label: props.before },
      { label: props.after },
    ]}
    rows={props.changes.flatMap(({ kind, name, change, members }) =>
      kind === 'setting' || change === 'changed'
        ? members.map(({ member, before, after }) => [
            kind === 'setting' ? (
              <code>{name}</code>
            ) : (
              <>
                {kind} <code>{name}</code>: {spaced(member)}
              </>
            ),
            CHANGE_WORDS[change],
            <Shown value={before} member={member} />,
            <Shown value={after} member={member} />,
          ])
        : [
            [
              <>
                {kind} <code>{name}</code>
              </>,
              CHANGE_WORDS[change],
              change === 'added' ? ABSENT : <Whole members={members} side="before" />,
              change === 'removed' ? ABSENT : <Whole members={members} side="after" />,
            ],
          ],
    )}
    empty="They say the same: there is no difference in any setting, floor or rule."
  />
)

const ABSENT = <span class="quiet">not there</span>

/** A rule that only one side has: when it holds, then its other members. */
const Whole = (props: {
  readonly members: PolicyChange['members']
  readonly side: 'before' | 'after'
}) => {
  const { members, side } = props
  return (
    <>
      {members.map((entry) => (
        <div>
          {spaced(entry.member)} <Shown value={entry[side]} member={entry.member} />
        </div>
      ))}
    </>
  )
}

const Shown = ({ value, member }: { readonly value: unknown; readonly member: string }) => {
  if (value === undefined) return ABSENT
  if (member === 'when') return <Sentence text={conditionText(value as Condition)} />
  return <code>{typeof value === 'string' ? value : jsonText(value)}</code>
}
