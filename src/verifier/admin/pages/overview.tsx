/** A tenant at a glance: how many verifications, how they ended, when, and for which reasons. */
import { FLOWS, type Flow } from '../../domain/session.ts'
import type { Summary, SummaryRange } from '../../ports-admin.ts'
import type { AdminApp, AdminDeps } from '../admin-deps.ts'
import {
  type Bar,
  LAYER_WORDS,
  LAYERS,
  type Layer,
  Legend,
  ShareBar,
  StackedChart,
} from './charts.tsx'
import { chosen, DAY, flowOf } from './choices.ts'
import {
  dayText,
  FLOW_WORDS,
  hourText,
  isoOf,
  numberText,
  peopleText,
  percentText,
  timeText,
} from './format.ts'
import { Heading, Segments, sendPage } from './frame.tsx'
import { Card } from './marks.tsx'
import { tenantPath } from './paths.ts'
import { Table } from './table.tsx'

const RANGES = {
  '24h': { seconds: DAY, bucketSeconds: 3600, label: '24 hours' },
  '7d': { seconds: 7 * DAY, bucketSeconds: 6 * 3600, label: '7 days' },
  '30d': { seconds: 30 * DAY, bucketSeconds: DAY, label: '30 days' },
} as const
type RangeName = keyof typeof RANGES
const RANGE_NAMES = Object.keys(RANGES) as RangeName[]
const REASONS_SHOWN = 20

export function addOverview(app: AdminApp, { store, clock }: AdminDeps): void {
  app.get('/tenants/:tenant', async (c) => {
    const tenant = c.req.param('tenant')
    const flow = flowOf(c.req.query('flow'))
    const name = chosen(RANGE_NAMES, c.req.query('range')) ?? '24h'
    const range = rangeOf(name, clock(), flow)
    const summary = await store.summarise(tenant, range)
    return sendPage(
      c,
      { title: 'Overview', section: 'overview', tenant },
      <Overview tenant={tenant} flow={flow} name={name} range={range} summary={summary} />,
    )
  })
}

/** Whole buckets, the running one included, so that a bucket means the same whoever cuts it. */
function rangeOf(name: RangeName, now: number, flow: Flow | undefined): SummaryRange {
  const { seconds, bucketSeconds } = RANGES[name]
  const until = (Math.floor(now / bucketSeconds) + 1) * bucketSeconds
  return { since: until - seconds, until, bucketSeconds, ...(flow === undefined ? {} : { flow }) }
}

interface OverviewProps {
  readonly tenant: string
  readonly flow: Flow | undefined
  readonly name: RangeName
  readonly range: SummaryRange
  readonly summary: Summary
}

function Overview({ tenant, flow, name, range, summary }: OverviewProps) {
  const here = (query: Readonly<Record<string, string | undefined>>) =>
    tenantPath(tenant, [], { range: name, flow, ...query })
  return (
    <>
      <Heading title="Overview" lead={`${timeText(range.since).slice(0, 16)} to now, in UTC`}>
        <div class="actions">
          <Segments
            label="Time range"
            choices={RANGE_NAMES.map((choice) => ({
              label: RANGES[choice].label,
              href: here({ range: choice }),
              chosen: choice === name,
            }))}
          />
          <Segments
            label="Flow"
            choices={[undefined, ...FLOWS].map((choice) => ({
              label: choice === undefined ? 'Both flows' : FLOW_WORDS[choice],
              href: here({ flow: choice }),
              chosen: choice === flow,
            }))}
          />
        </div>
      </Heading>
      <Figures tenant={tenant} flow={flow} range={range} summary={summary} />
      <Card title="Decisions over time">
        <Decisions range={range} summary={summary} />
      </Card>
      <Card title="Reasons, most frequent first">
        <Reasons tenant={tenant} flow={flow} range={range} summary={summary} />
      </Card>
    </>
  )
}

type PartProps = Omit<OverviewProps, 'name'>

const listPath = (
  { tenant, flow, range }: Pick<PartProps, 'tenant' | 'flow' | 'range'>,
  query: Readonly<Record<string, string | undefined>>,
) => tenantPath(tenant, ['assessments'], { flow, from: isoOf(range.since).slice(0, 10), ...query })

function Figures(props: PartProps) {
  const { summary } = props
  const count = (layer: Layer) => summary.buckets.reduce((sum, bucket) => sum + bucket[layer], 0)
  const [allow, stepUp, deny, open] = [
    count('allow'),
    count('step_up'),
    count('deny'),
    count('open'),
  ]
  const decided = allow + stepUp + deny
  return (
    <dl class="figures">
      <Figure label="Verifications" value={numberText(decided + open)} href={listPath(props, {})}>
        of {peopleText(summary.users)}
        {open > 0 ? `, ${numberText(open)} still open` : ''}
      </Figure>
      <Figure
        label="Asked for more"
        value={percentText(stepUp, decided)}
        href={listPath(props, { outcome: 'step_up' })}
      >
        {numberText(stepUp)} step-ups
      </Figure>
      <Figure label="Denied" value={numberText(deny)} href={listPath(props, { outcome: 'deny' })}>
        {percentText(deny, decided)} of all
      </Figure>
      <Figure
        label="Waiting for a person"
        value={numberText(summary.review)}
        href={listPath(props, { review: 'yes' })}
      >
        held until released
      </Figure>
      <Figure label="Confirmed" value={percentText(summary.confirmed, decided)}>
        {numberText(summary.confirmed)} completed what was asked
      </Figure>
    </dl>
  )
}

const Figure = (props: {
  readonly label: string
  readonly value: string
  readonly href?: string
  readonly children?: unknown
}) => (
  <div>
    <dt>{props.label}</dt>
    <dd class="value">
      {props.href === undefined ? props.value : <a href={props.href}>{props.value}</a>}
    </dd>
    <dd class="more">{props.children as string}</dd>
  </div>
)

function Decisions({ range, summary }: Pick<PartProps, 'range' | 'summary'>) {
  if (summary.buckets.length === 0) return <p class="empty">Nothing was verified in this time.</p>
  const bars = barsOf(range, summary)
  const layers = LAYERS.filter((layer) => bars.some(({ values }) => (values[layer] ?? 0) > 0))
  return (
    <>
      <StackedChart label="Decisions over time; the numbers are in the table below" bars={bars} />
      <Legend layers={layers} />
      <details>
        <summary>The numbers as a table</summary>
        <Table
          caption="Decisions per period, UTC"
          columns={[
            { label: 'From' },
            ...LAYERS.map((layer) => ({ label: LAYER_WORDS[layer], numeric: true })),
          ]}
          rows={bars
            .filter(({ values }) => LAYERS.some((layer) => (values[layer] ?? 0) > 0))
            .map(({ label, values }) => [
              label,
              ...LAYERS.map((layer) => numberText(values[layer] ?? 0)),
            ])}
          empty="None."
        />
      </details>
    </>
  )
}

/** A bar per bucket, those without a record too: a gap in time is to be seen as one. */
function barsOf({ since, until, bucketSeconds }: SummaryRange, summary: Summary): readonly Bar[] {
  const count = Math.round((until - since) / bucketSeconds)
  const byIndex = new Map(
    summary.buckets.map((bucket) => [Math.floor((bucket.at - since) / bucketSeconds), bucket]),
  )
  // Five words fit beneath the chart on a phone.
  const every = Math.ceil(count / 4)
  return Array.from({ length: count }, (_, index): Bar => {
    const at = since + index * bucketSeconds
    return {
      label: timeText(at).slice(0, 16),
      values: byIndex.get(index) ?? {},
      ...(index % every === 0
        ? { tick: bucketSeconds < 6 * 3600 ? hourText(at) : dayText(at) }
        : {}),
    }
  })
}

function Reasons(props: PartProps) {
  const reasons = props.summary.reasons.slice(0, REASONS_SHOWN)
  const most = Math.max(1, ...reasons.map(({ records }) => records))
  return (
    <Table
      caption="Reason codes of decided verifications"
      hideCaption
      columns={[
        { label: 'Reason' },
        { label: 'Verifications', numeric: true },
        { label: 'People', numeric: true },
        { label: 'Compared' },
      ]}
      rows={reasons.map(({ code, records, users }) => [
        <a href={listPath(props, { reason: code })}>
          <code>{code}</code>
        </a>,
        numberText(records),
        numberText(users),
        <ShareBar part={records} of={most} />,
      ])}
      empty="Nothing spoke against anybody in this time."
    />
  )
}
