/** The reasons of a decision signal by signal, and beside them what was outdone, unknown or only watched. */
import type { SignalValue } from '../../domain/decision.ts'
import type { Flow } from '../../domain/session.ts'
import { FAMILIES, type UnknownWhy } from '../../domain/signals/signal.ts'
import type { ExplainedReason, ExplainedSignal, Explanation, JudgedSignal } from '../explanation.ts'
import { EvidenceBar } from './charts.tsx'
import { jsonText, OUTCOME_WORDS, oddsText, spaced } from './format.ts'
import { Codes, Json, OutcomeBadge, Sentence } from './marks.tsx'
import { policyPath } from './paths.ts'
import { Table } from './table.tsx'

/** The width of a side of the bars, unless something is stronger: the end of the usual scale. */
const USUAL_MOST = 4

export function Evidence({ reasons }: { readonly reasons: readonly ExplainedReason[] }) {
  if (reasons.length === 0) return <p class="empty">No rule applied: the score is the prior.</p>
  const most = Math.max(USUAL_MOST, ...reasons.map(({ evidence = 0 }) => Math.abs(evidence)))
  return (
    <ol class="reasons">
      {reasons.map((reason) => (
        <ReasonItem reason={reason} most={most} />
      ))}
    </ol>
  )
}

const KIND_WORDS: Record<ExplainedReason['kind'], string> = {
  floor: 'floor',
  evidence: 'rule',
  model: 'model of novelty',
  engine: 'added by the engine',
}

const ReasonItem = (props: { readonly reason: ExplainedReason; readonly most: number }) => {
  const { rule, kind, code, signals, condition, group, line } = props.reason
  return (
    <li>
      <div>
        <h3>
          <code>{rule}</code> <span class="quiet small">{KIND_WORDS[kind]}</span>
        </h3>
        {condition === undefined ? null : (
          <p class="small quiet">
            when <Sentence text={condition} />
          </p>
        )}
        <ul class="seen">
          {signals.map((signal) => (
            <li>
              {signal.meaning ?? <code>{signal.name}</code>} <span class="quiet">Seen:</span>{' '}
              <b>{valueText(signal)}</b>
            </li>
          ))}
        </ul>
      </div>
      <div class="weight">
        <Weight reason={props.reason} most={props.most} />
        <span class="small quiet">
          says <code>{code}</code>
          {group === undefined ? '' : `; strongest of ${spaced(group)}`}
        </span>
      </div>
      {line === undefined ? null : (
        <details>
          <summary>
            The policy’s line<span class="visually-hidden"> of {rule}</span>
          </summary>
          <Json value={jsonText(line)} />
        </details>
      )}
    </li>
  )
}

const Weight = ({ reason, most }: { readonly reason: ExplainedReason; readonly most: number }) => {
  const { floor, evidence } = reason
  if (floor !== undefined)
    return (
      <b>
        at least <OutcomeBadge outcome={floor} />
      </b>
    )
  if (evidence === undefined) return <b>no weight</b>
  return (
    <>
      <b>
        {oddsText(evidence)}{' '}
        <span class="quiet small">{evidence < 0 ? 'lowers the risk' : 'raises the risk'}</span>
      </b>
      <EvidenceBar evidence={evidence} most={most} />
    </>
  )
}

function valueText({ value, unit }: Pick<ExplainedSignal, 'value' | 'unit'>): string {
  if (value === null) return 'unknown'
  return `${plain(value)}${unit === undefined || typeof value !== 'number' ? '' : ` ${unit}`}`
}

function plain(value: SignalValue): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return String(Math.round(value * 1000) / 1000)
  return typeof value === 'string' ? value : value.join(', ')
}

export function ShadowVersions(props: {
  readonly tenant: string
  readonly flow: Flow
  readonly explanation: Explanation
}) {
  const { tenant, flow, explanation } = props
  const { shadowVersions, shadowReasons, assessed } = explanation
  return (
    <>
      {shadowVersions.length === 0 ? null : (
        <Table
          caption="Versions that were watched beside the active one, on the same facts"
          columns={[
            { label: 'Version' },
            { label: 'Found' },
            { label: 'Against the active one' },
            { label: 'Score', numeric: true },
            { label: 'What counted' },
          ]}
          rows={shadowVersions.map((verdict) => [
            <a href={policyPath({ tenant, flow, version: verdict.policy_version })}>
              version {verdict.policy_version}
            </a>,
            <OutcomeBadge outcome={verdict.assessed} />,
            verdict.assessed === assessed ? 'the same' : `instead of ${OUTCOME_WORDS[assessed]}`,
            oddsText(verdict.score, false),
            verdict.rules.length === 0 ? (
              <span class="quiet">nothing</span>
            ) : (
              <Codes codes={verdict.rules} />
            ),
          ])}
          empty=""
        />
      )}
      {shadowReasons.length === 0 ? null : (
        <>
          <h3>Rules of this version that are only watched</h3>
          <Evidence reasons={shadowReasons} />
        </>
      )}
    </>
  )
}

const WHY_WORDS: Record<UnknownWhy, string> = {
  no_history: 'no confirmed past',
  not_told: 'the Action did not say',
  not_seen: 'the platform cannot tell',
  not_comparable: 'cannot be compared',
  not_kept: 'no list or counter is kept',
}

export function Judged({ explanation }: { readonly explanation: Explanation }) {
  const { judged } = explanation
  if (judged === undefined)
    return (
      <p>
        This build would not come to the same decision from these facts, or does not know the
        policy: what was stored is above, and more cannot be said.
      </p>
    )
  const unknown = judged.signals.filter(({ value }) => value === null).length
  return (
    <>
      <p>
        {judged.signals.length - unknown} of {judged.signals.length} signals were known.
      </p>
      {judged.outdone.length === 0 ? null : (
        <p>
          Held and not counted, because a stronger rule of the group was:{' '}
          <Codes codes={judged.outdone.map(({ rule }) => rule)} />
        </p>
      )}
      <details>
        <summary>All signals and what they saw</summary>
        {FAMILIES.map((family) => (
          <SignalTable
            family={family}
            signals={judged.signals.filter((signal) => signal.family === family)}
          />
        ))}
      </details>
      {judged.unknown.length === 0 ? null : (
        <details>
          <summary>Rules that nobody could tell ({judged.unknown.length})</summary>
          <Table
            caption="Rules whose condition was unknown, and what not knowing was worth"
            columns={[{ label: 'Rule' }, { label: 'When' }, { label: 'Counted', numeric: true }]}
            rows={judged.unknown.map(({ rule, condition, evidence }) => [
              <code>{rule}</code>,
              <Sentence text={condition} />,
              evidence === 0 ? 'nothing' : oddsText(evidence),
            ])}
            empty=""
          />
        </details>
      )}
    </>
  )
}

const SignalTable = (props: {
  readonly family: string
  readonly signals: readonly JudgedSignal[]
}) => (
  <Table
    caption={`Signals of ${props.family}`}
    columns={[{ label: 'Signal' }, { label: 'Value' }, { label: 'Meaning' }, { label: 'Read by' }]}
    rows={props.signals.map((signal) => [
      <code>{signal.name}</code>,
      signal.value === null ? (
        <span class="quiet">
          unknown: {signal.why === undefined ? signal.unknownWhen : WHY_WORDS[signal.why]}
        </span>
      ) : (
        <b>{valueText(signal)}</b>
      ),
      signal.meaning,
      signal.rules.length === 0 ? (
        <span class="quiet">no rule</span>
      ) : (
        <Codes codes={signal.rules} />
      ),
    ])}
    empty=""
  />
)
