/** Stored verifications judged by another policy: what to judge by, and the page of what came of it. */
import { FLOWS, type Flow } from '../../domain/session.ts'
import type { PolicyVersion } from '../../ports-admin.ts'
import { parsePolicy } from '../../schema/policy-document.ts'
import type { AdminApp, AdminContext, AdminDeps } from '../admin-deps.ts'
import { BacktestResult } from './backtest-report.tsx'
import { type BacktestRun, type RunBacktest, startBacktests } from './backtest-turn.ts'
import { flowOf } from './choices.ts'
import { sendForbidden, sendStale } from './errors.tsx'
import { Input, type Option, Select, Textarea } from './fields.tsx'
import { queryText, readForm } from './form.ts'
import { FLOW_WORDS } from './format.ts'
import { Heading, sendPage } from './frame.tsx'
import { Card, Csrf, Faults } from './marks.tsx'
import { tenantPath } from './paths.ts'
import { may } from './permissions.ts'
import { parsePolicyText } from './policy-draft.tsx'

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
      asked.document === ''
        ? storedDocument(versions, asked.policy)
        : parsePolicyText(asked.document)
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
      {result === undefined ? null : <BacktestResult result={result} />}
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
