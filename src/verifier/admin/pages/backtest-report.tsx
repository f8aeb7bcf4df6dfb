/** What a backtest found, to read: figures, the threshold for a wanted rate, then and now, days and rules. */
import type { BacktestReport, Solution } from '../../domain/backtest.ts'
import type { PolicyDocument } from '../../domain/policy.ts'
import type { BacktestRun } from './backtest-turn.ts'
import { RateChart, ShareBar } from './charts.tsx'
import { ConfusionTable } from './confusion.tsx'
import { numberText, oddsText, percentText } from './format.ts'
import { Card } from './marks.tsx'
import { Table } from './table.tsx'

export function BacktestResult({ result }: { readonly result: BacktestRun }) {
  if (result.kind === 'busy')
    return (
      <div class="fault" role="alert">
        <h2>Another backtest is running</h2>
        <p>One at a time, so that verifications do not wait for it. Try again in half a minute.</p>
      </div>
    )
  const { report, document, of, complete, target } = result
  if (report.records === 0)
    return (
      <Card>
        <p class="empty">There are no settled records in this time.</p>
      </Card>
    )
  return (
    <>
      {complete ? null : (
        <div class="note" role="status">
          <h2>Not all of it was judged</h2>
          <p>
            {numberText(report.records)} of {numberText(of)} records were judged, the oldest first,
            and only they are shown. Choose fewer days, or use{' '}
            <code>redirect-verifier policy backtest</code>, which has no limit of time or number.
          </p>
        </div>
      )}
      <Figures report={report} />
      {target === null ? null : <Target document={document} target={target} />}
      <Card title="Then and now">
        <ConfusionTable
          caption={`Rows: what was found then. Columns: what version ${report.policy_version} finds.`}
          row="Then"
          column="Now"
          cell={(then, now) => ({ records: report.confusion[then][now] })}
        />
      </Card>
      <Card title="Step-ups and denials per day">
        <Days report={report} />
      </Card>
      <Card title="Rules, most counted first">
        <RuleHits report={report} />
      </Card>
    </>
  )
}

function Figures({ report }: { readonly report: BacktestReport }) {
  const { confusion, records, users, confirmed, false_alarms } = report
  const allowed = {
    before: confusion.allow.allow + confusion.allow.step_up + confusion.allow.deny,
    now: confusion.allow.allow + confusion.step_up.allow + confusion.deny.allow,
  }
  return (
    <dl class="figures">
      <div>
        <dt>Judged</dt>
        <dd class="value">{numberText(records)}</dd>
        <dd class="more">of {numberText(users.seen)} people</dd>
      </div>
      <div>
        <dt>Not allowed</dt>
        <dd class="value">{percentText(records - allowed.now, records)}</dd>
        <dd class="more">was {percentText(records - allowed.before, records)}</dd>
      </div>
      <div>
        <dt>People stopped</dt>
        <dd class="value">{numberText(users.stopped)}</dd>
        <dd class="more">at least once</dd>
      </div>
      <div>
        <dt>Decided otherwise</dt>
        <dd class="value">{numberText(users.changed)}</dd>
        <dd class="more">people, at least once</dd>
      </div>
      <div>
        <dt>Known false alarms</dt>
        <dd class="value">{numberText(false_alarms)}</dd>
        <dd class="more">of {numberText(confirmed)} confirmed by their user</dd>
      </div>
    </dl>
  )
}

const Target = (props: {
  readonly document: PolicyDocument
  readonly target: { readonly rate: number; readonly solution: Solution | null }
}) => {
  const { rate, solution } = props.target
  const wanted = `${Math.round(rate * 10_000) / 100} %`
  return (
    <Card title={`For at most ${wanted} that are not allowed`} id="target">
      {solution === null ? (
        <p>No threshold gives it: floors alone stop more than that. See the rules below.</p>
      ) : (
        <dl class="facts">
          <dt>Threshold</dt>
          <dd>
            <code>thresholds.step_up</code> {oddsText(solution.threshold, false)}, now{' '}
            {oddsText(props.document.thresholds.step_up, false)}
          </dd>
          <dt>Or the prior</dt>
          <dd>
            <code>prior</code> {oddsText(solution.prior, false)} with the threshold as it is, now{' '}
            {oddsText(props.document.prior, false)}
          </dd>
          <dt>Gives</dt>
          <dd>{Math.round(solution.rate * 10_000) / 100} % on these records</dd>
        </dl>
      )}
    </Card>
  )
}

const Days = ({ report }: { readonly report: BacktestReport }) => {
  const { days } = report
  const every = Math.ceil(days.length / 4)
  return (
    <>
      <RateChart
        label="Share of verifications per day that are not allowed; the numbers are in the table below"
        bars={days.map(({ day, rate }, index) => ({
          rate,
          ...(index % every === 0 ? { tick: day.slice(5) } : {}),
        }))}
      />
      <details>
        <summary>The numbers as a table</summary>
        <Table
          caption="Per day, UTC"
          columns={[
            { label: 'Day' },
            { label: 'Records', numeric: true },
            { label: 'Step-up', numeric: true },
            { label: 'Denied', numeric: true },
            { label: 'Not allowed', numeric: true },
          ]}
          rows={days.map(({ day, records, step_up, deny }) => [
            day,
            numberText(records),
            numberText(step_up),
            numberText(deny),
            percentText(step_up + deny, records),
          ])}
          empty=""
        />
      </details>
    </>
  )
}

const RuleHits = ({ report }: { readonly report: BacktestReport }) => {
  const most = Math.max(1, ...report.rules.map(({ counted }) => counted))
  return (
    <Table
      caption="Fired: it had something to say. Counted: it was not only watched, and not outdone in its group."
      columns={[
        { label: 'Rule' },
        { label: 'Fired', numeric: true },
        { label: 'Counted', numeric: true },
        { label: 'People', numeric: true },
        { label: 'Compared' },
      ]}
      rows={report.rules.map(({ rule, fired, counted, users }) => [
        <code>{rule}</code>,
        numberText(fired),
        numberText(counted),
        numberText(users),
        <ShareBar part={counted} of={most} />,
      ])}
      empty="No rule had anything to say."
    />
  )
}
