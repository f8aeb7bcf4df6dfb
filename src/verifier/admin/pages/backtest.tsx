/** Stored verifications judged by another policy: what it would have found, and for whom. */
import type { BacktestReport, Solution } from '../../domain/backtest.ts'
import type { PolicyDocument } from '../../domain/policy.ts'
import { FLOWS, type Flow } from '../../domain/session.ts'
import type { PolicyVersion } from '../../ports-admin.ts'
import { parsePolicy } from '../../schema/policy-document.ts'
import type { AdminApp, AdminContext, AdminDeps } from '../admin-deps.ts'
import { type BacktestRun, type RunBacktest, startBacktests } from './backtest-run.ts'
import { RateChart, ShareBar } from './charts.tsx'
import { flowOf } from './choices.ts'
import { ConfusionTable } from './confusion.tsx'
import { sendForbidden, sendStale } from './errors.tsx'
import { Input, type Option, Select, Textarea } from './fields.tsx'
import { queryText, readForm } from './form.ts'
import { FLOW_WORDS, numberText, oddsText, percentText } from './format.ts'
import { Heading, sendPage } from './frame.tsx'
import { Card, Csrf, Faults } from './marks.tsx'
import { tenantPath } from './paths.ts'
import { may } from './permissions.ts'
import { parseText } from './policies.tsx'
import { Table } from './table.tsx'

const SPANS: readonly Option[] = [
  { value: '1', label: '1 day' },
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
]

/** What was asked, as text. */
interface Asked {
  /** `flow/version` of a stored one. */
  readonly policy: string
  readonly document: string
  readonly days: string
  readonly rate: string
}

export function addBacktest(app: AdminApp, deps: AdminDeps): void {
  const run = startBacktests(deps)
  const path = '/tenants/:tenant/backtest'

  // A stored version is named in the address, so that a result can be passed on; it changes nothing.
  app.get(path, async (c) => {
    if (!may(c.get('actor'), 'backtest')) return sendForbidden(c, 'backtest', c.req.param('tenant'))
    const query = (name: string) => queryText(c, name)
    const flow = flowOf(query('flow'))
    const policy = flow === undefined ? query('policy') : `${flow}/${query('version')}`
    const days = SPANS.some(({ value }) => value === query('days')) ? query('days') : '30'
    const asked = { policy, document: '', days, rate: query('rate') }
    // Without a time span somebody only followed a link to the form.
    return await answer(c, deps, asked, query('days') === '' ? undefined : run)
  })

  // A document does not fit an address.
  app.post(path, async (c) => {
    if (!may(c.get('actor'), 'backtest')) return sendForbidden(c, 'backtest', c.req.param('tenant'))
    const form = await readForm(c)
    if (form === undefined) return sendStale(c)
    const days = SPANS.some(({ value }) => value === form('days')) ? form('days') : '30'
    const asked = { policy: '', document: form('document'), days, rate: form('rate').slice(0, 20) }
    return await answer(c, deps, asked, run)
  })
}

async function answer(
  c: AdminContext,
  { store }: AdminDeps,
  asked: Asked,
  run: RunBacktest | undefined,
): Promise<Response> {
  const tenant = c.req.param('tenant') ?? ''
  const versions = await store.listPolicies(tenant)
  const faults: string[] = []
  const rate = rateOf(asked.rate)
  if (rate === 'unread') faults.push('A step-up rate is a percentage such as 2 or 0.5.')
  let result: BacktestRun | undefined
  if (run !== undefined) {
    const chosen =
      asked.document === '' ? storedDocument(versions, asked.policy) : parseText(asked.document)
    if (!chosen.ok) faults.push(...chosen.error.slice(0, 50))
    else if (faults.length === 0) {
      result = await run(tenant, chosen.value, {
        days: Number(asked.days),
        signal: c.req.raw.signal,
        ...(typeof rate === 'number' ? { rate } : {}),
      })
    }
  }
  return sendPage(
    c,
    {
      title: 'Backtest',
      section: 'backtest',
      tenant,
      ...(faults.length > 0 ? { status: 422 } : result?.kind === 'busy' ? { status: 429 } : {}),
    },
    <>
      <Heading
        title="Backtest"
        lead="The verifications on record, judged once more by another policy. It changes nothing."
      />
      {faults.length > 0 ? <Faults title="Nothing was judged" faults={faults} /> : null}
      <Forms c={c} tenant={tenant} versions={versions} asked={asked} />
      {result === undefined ? null : <Result result={result} />}
    </>,
  )
}

/** Undefined: none is wanted. */
function rateOf(text: string): number | undefined | 'unread' {
  const given = text.replace('%', '').trim()
  if (given === '') return undefined
  const rate = Number(given) / 100
  return rate >= 0 && rate <= 1 ? rate : 'unread'
}

function storedDocument(
  versions: readonly PolicyVersion[],
  name: string,
): ReturnType<typeof parsePolicy> {
  const found = versions.find(({ flow, version }) => `${flow}/${version}` === name)
  return found === undefined
    ? { ok: false, error: ['Choose a version that is stored.'] }
    : parsePolicy(found.body)
}

function Forms(props: {
  readonly c: AdminContext
  readonly tenant: string
  readonly versions: readonly PolicyVersion[]
  readonly asked: Asked
}) {
  const { c, tenant, versions, asked } = props
  const action = tenantPath(tenant, ['backtest'])
  const options = FLOWS.flatMap((flow) => versionOptions(versions, flow))
  return (
    <Card title="What to judge by">
      {options.length === 0 ? (
        <p class="empty">No policy is stored.</p>
      ) : (
        <form
          class="filters"
          method="get"
          action={action}
          data-busy="Judging; this may take half a minute."
        >
          <Select label="Stored version" name="policy" value={asked.policy} options={options} />
          <Select label="Records of the last" name="days" value={asked.days} options={SPANS} />
          <Input
            label="Wanted step-up rate, %"
            name="rate"
            value={asked.document === '' ? asked.rate : ''}
            inputmode="decimal"
            placeholder="optional"
            maxlength={10}
          />
          <button type="submit">Judge</button>
          <span role="status" class="quiet" />
        </form>
      )}
      <details {...(asked.document === '' ? {} : { open: true })}>
        <summary>Or a document that is not stored</summary>
        <form
          class="form"
          method="post"
          action={action}
          data-busy="Judging; this may take half a minute."
        >
          <Csrf token={c.get('csrfToken')} />
          <Textarea
            label="Policy document, as JSON"
            name="document"
            value={asked.document}
            required
          />
          <input type="hidden" name="days" value={asked.days} />
          <div class="actions">
            <button type="submit">Judge by this document</button>
            <span class="quiet">over the last {asked.days} days</span>
            <span role="status" class="quiet" />
          </div>
        </form>
      </details>
    </Card>
  )
}

const versionOptions = (versions: readonly PolicyVersion[], flow: Flow): readonly Option[] =>
  versions
    .filter((one) => one.flow === flow)
    .map(({ version, status }) => ({
      value: `${flow}/${version}`,
      label: `${FLOW_WORDS[flow]}, version ${version} (${status})`,
    }))

function Result({ result }: { readonly result: BacktestRun }) {
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
