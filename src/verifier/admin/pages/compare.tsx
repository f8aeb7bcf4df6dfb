/** The active version and another one side by side: what differs, and where a watched one found otherwise. */
import { OUTCOMES, type Outcome } from '../../domain/decision.ts'
import type { PolicyVersion, ShadowCount } from '../../ports-admin.ts'
import { parsePolicy } from '../../schema/policy-document.ts'
import type { AdminApp, AdminDeps } from '../admin-deps.ts'
import { diffPolicies } from '../policy-changes.ts'
import { DAY } from './choices.ts'
import { ConfusionTable } from './confusion.tsx'
import { sendMissing } from './errors.tsx'
import { FLOW_WORDS, numberText, peopleText, percentText } from './format.ts'
import { Heading, Segments, sendPage } from './frame.tsx'
import { Card, Faults } from './marks.tsx'
import { policyPath } from './paths.ts'
import { findPolicy, NO_POLICY } from './policies.tsx'
import { Changes } from './policy-parts.tsx'

const SPANS = [1, 7, 30, 90] as const

export function addCompare(app: AdminApp, deps: AdminDeps): void {
  app.get('/tenants/:tenant/policies/:flow/:version/compare', async (c) => {
    const tenant = c.req.param('tenant')
    const version = await findPolicy(c, deps)
    if (version === undefined) return sendMissing(c, NO_POLICY, tenant)
    const days = SPANS.find((span) => String(span) === c.req.query('days')) ?? 7
    const active = (await deps.store.listPolicies(tenant)).find(
      ({ flow, status }) => flow === version.flow && status === 'active',
    )
    const counts = await deps.store.countShadow(
      { tenant, flow: version.flow, since: deps.clock() - days * DAY },
      version.version,
    )
    return sendPage(
      c,
      { title: `Compare version ${version.version}`, section: 'policies', tenant },
      <Compare version={version} active={active} counts={counts} days={days} />,
    )
  })
}

interface CompareProps {
  readonly version: PolicyVersion
  readonly active: PolicyVersion | undefined
  readonly counts: readonly ShadowCount[]
  readonly days: (typeof SPANS)[number]
}

function Compare({ version, active, counts, days }: CompareProps) {
  const name = `version ${version.version}`
  return (
    <>
      <Heading
        title={`Version ${version.version} beside ${
          active === undefined ? 'nothing active' : `version ${active.version}`
        }`}
        lead={
          <>
            {FLOW_WORDS[version.flow]}. <a href={policyPath(version)}>Read {name}</a>
            {active === undefined ? null : (
              <>
                {' '}
                or <a href={policyPath(active)}>the active one</a>
              </>
            )}
            .
          </>
        }
      >
        <Segments
          label="Time range"
          choices={SPANS.map((span) => ({
            label: span === 1 ? '1 day' : `${span} days`,
            href: `${policyPath(version, 'compare')}?days=${span}`,
            chosen: span === days,
          }))}
        />
      </Heading>
      <Card title="What it found while it watched">
        <Agreement counts={counts} days={days} name={name} />
      </Card>
      <Card title="What it says otherwise">
        <Differences version={version} active={active} />
      </Card>
    </>
  )
}

function Agreement(props: {
  readonly counts: readonly ShadowCount[]
  readonly days: number
  readonly name: string
}) {
  const { counts, days, name } = props
  const records = counts.reduce((sum, count) => sum + count.records, 0)
  if (records === 0)
    return (
      <p class="empty">
        It was not evaluated in the last {days === 1 ? 'day' : `${days} days`}. Watch it, or
        backtest it over the records that are there.
      </p>
    )
  const cell = (active: Outcome, shadow: Outcome) =>
    counts.find((count) => count.active === active && count.shadow === shadow)
  const others = counts.filter(({ active, shadow }) => active !== shadow)
  const otherRecords = others.reduce((sum, count) => sum + count.records, 0)
  const harder = others.filter(
    ({ active, shadow }) => OUTCOMES.indexOf(shadow) > OUTCOMES.indexOf(active),
  )
  const users = (some: readonly ShadowCount[]) => some.reduce((sum, count) => sum + count.users, 0)
  return (
    <>
      <p>
        Of {numberText(records)} verifications, {numberText(otherRecords)} (
        {percentText(otherRecords, records)}) would have been found otherwise. At most{' '}
        {peopleText(users(harder))} would have been treated more strictly, and{' '}
        {numberText(users(others) - users(harder))} more kindly.
      </p>
      <ConfusionTable
        caption={`Rows: what the active version of the day found. Columns: what ${name} found.`}
        row="Active"
        column={name}
        cell={(active, shadow) => ({
          records: cell(active, shadow)?.records ?? 0,
          note: peopleText(cell(active, shadow)?.users ?? 0),
        })}
      />
    </>
  )
}

function Differences({ version, active }: Pick<CompareProps, 'version' | 'active'>) {
  const after = parsePolicy(version.body)
  const before = active === undefined ? undefined : parsePolicy(active.body)
  if (active?.version === version.version)
    return <p class="empty">It is the active version itself.</p>
  if (!after.ok)
    return <Faults title="This build cannot use this version" faults={after.error.slice(0, 20)} />
  if (!before?.ok) return <p class="empty">There is no active version that this build can read.</p>
  return (
    <Changes
      changes={diffPolicies(before.value, after.value)}
      before={`version ${active?.version} (active)`}
      after={`version ${version.version}`}
    />
  )
}
