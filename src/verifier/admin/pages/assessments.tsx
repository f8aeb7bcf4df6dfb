/** The records of a tenant, newest first, under filters that the address keeps. */
import { OUTCOMES } from '../../domain/decision.ts'
import { isPseudonym } from '../../domain/pseudonym.ts'
import { FLOWS } from '../../domain/session.ts'
import type { AssessmentFilter, AssessmentLine, Page } from '../../ports-admin.ts'
import type { AdminApp, AdminDeps } from '../admin-deps.ts'
import { DAY, DAY_FAULT, dayStart, flowOf, outcomeOf, referenceFrom } from './choices.ts'
import { Check, Input, Select } from './fields.tsx'
import { FilterCard } from './filter-card.tsx'
import { queryText } from './form.ts'
import { FLOW_WORDS, OUTCOME_WORDS, oddsText } from './format.ts'
import { Heading, sendPage } from './frame.tsx'
import { Card, Codes, Faults, OutcomeBadge, Time } from './marks.tsx'
import { tenantPath } from './paths.ts'
import { Table } from './table.tsx'

const PER_PAGE = 25

/** By their names in an address. */
const LABELS = {
  code: 'Code',
  outcome: 'Answered',
  assessed: 'Found',
  flow: 'Flow',
  reason: 'Reason',
  from: 'From',
  to: 'To',
  user: 'User',
  review: 'Waiting for a person',
} as const
type Name = keyof typeof LABELS
const NAMES = Object.keys(LABELS) as readonly Name[]
/** As the address has them: text, empty where nothing is asked. */
type Asked = Readonly<Record<Name, string>>

export function addAssessments(app: AdminApp, { store }: AdminDeps): void {
  app.get('/tenants/:tenant/assessments', async (c) => {
    const tenant = c.req.param('tenant')
    const asked = Object.fromEntries(NAMES.map((name) => [name, queryText(c, name)])) as Asked
    const { filter, faults } = filterOf(asked)
    const cursor = c.req.query('cursor')
    const page =
      faults.length > 0
        ? { items: [] }
        : await store.listAssessments(tenant, {
            ...filter,
            limit: PER_PAGE,
            ...(cursor === undefined ? {} : { cursor }),
          })
    return sendPage(
      c,
      {
        title: 'Assessments',
        section: 'assessments',
        tenant,
        ...(faults.length > 0 ? { status: 422 } : {}),
      },
      <>
        <Heading title="Assessments" lead="Every verification that was opened, newest first." />
        {faults.length > 0 ? <Faults title="These filters cannot be used" faults={faults} /> : null}
        <FilterCard
          filters={NAMES.map((name) => ({ label: LABELS[name], asked: asked[name] }))}
          faulty={faults.length > 0}
        >
          <Filters tenant={tenant} asked={asked} />
        </FilterCard>
        <Card>
          <Lines tenant={tenant} page={page} />
          <Pager tenant={tenant} asked={asked} page={page} first={cursor === undefined} />
        </Card>
      </>,
    )
  })
}

function filterOf(asked: Asked): {
  readonly filter: Omit<AssessmentFilter, 'limit'>
  readonly faults: readonly string[]
} {
  const [outcome, assessed, flow] = [
    outcomeOf(asked.outcome),
    outcomeOf(asked.assessed),
    flowOf(asked.flow),
  ]
  const [since, lastDay] = [dayStart(asked.from), dayStart(asked.to)]
  const reference = referenceFrom(asked.code)
  const user = isPseudonym(asked.user) ? asked.user : undefined
  const reason = /^[a-z][a-z0-9_]{0,47}$/.test(asked.reason) ? asked.reason : undefined
  const unread = (name: keyof Asked, value: unknown) => asked[name] !== '' && value === undefined
  return {
    filter: {
      ...(outcome === undefined ? {} : { outcome }),
      ...(assessed === undefined ? {} : { assessed }),
      ...(flow === undefined ? {} : { flow }),
      ...(reason === undefined ? {} : { reason }),
      ...(reference === undefined ? {} : { reference }),
      ...(user === undefined ? {} : { users: [user] }),
      ...(asked.review === 'yes' ? { review: true } : {}),
      ...(since === undefined ? {} : { since }),
      ...(lastDay === undefined ? {} : { until: lastDay + DAY }),
    },
    // A filter that is silently dropped shows more than was asked for, and looks like an answer.
    faults: [
      ...(unread('code', reference)
        ? ['A code has eight letters and digits, such as 7SPR-SDQX.']
        : []),
      ...(unread('reason', reason) ? ['A reason is a code such as second_factor.'] : []),
      ...(unread('user', user) ? ['A user is named by the pseudonym of a record, a number.'] : []),
      ...(unread('from', since) || unread('to', lastDay) ? [DAY_FAULT] : []),
      ...(unread('outcome', outcome) || unread('assessed', assessed)
        ? ['An outcome is allow, step_up or deny.']
        : []),
      ...(unread('flow', flow) ? ['A flow is password_reset or login.'] : []),
      ...(unread('review', asked.review === 'yes' || undefined)
        ? ['Whether it waits for a person is yes, or left out.']
        : []),
    ],
  }
}

const ANY = { value: '', label: 'Any' }
const OUTCOME_OPTIONS = [
  ANY,
  ...OUTCOMES.map((value) => ({ value: value as string, label: OUTCOME_WORDS[value] })),
]
const FLOW_OPTIONS = [
  ANY,
  ...FLOWS.map((value) => ({ value: value as string, label: FLOW_WORDS[value] })),
]

const Filters = ({ tenant, asked }: { readonly tenant: string; readonly asked: Asked }) => (
  <form class="filters" method="get" action={tenantPath(tenant, ['assessments'])}>
    <Input
      label={LABELS.code}
      name="code"
      value={asked.code}
      placeholder="7SPR-SDQX"
      maxlength={20}
    />
    <Select label={LABELS.outcome} name="outcome" value={asked.outcome} options={OUTCOME_OPTIONS} />
    <Select
      label={LABELS.assessed}
      name="assessed"
      value={asked.assessed}
      options={OUTCOME_OPTIONS}
    />
    <Select label={LABELS.flow} name="flow" value={asked.flow} options={FLOW_OPTIONS} />
    <Input label={LABELS.reason} name="reason" value={asked.reason} maxlength={48} />
    <Input label={LABELS.from} name="from" type="date" value={asked.from} />
    <Input label={LABELS.to} name="to" type="date" value={asked.to} />
    {asked.user === '' ? null : <Input label={LABELS.user} name="user" value={asked.user} />}
    <Check label={LABELS.review} name="review" checked={asked.review === 'yes'} />
    <div class="actions">
      <button type="submit">Show</button>
      <a href={tenantPath(tenant, ['assessments'])}>Clear</a>
    </div>
  </form>
)

export const Lines = (props: { readonly tenant: string; readonly page: Page<AssessmentLine> }) => (
  <Table
    caption="Assessments"
    hideCaption
    columns={[
      { label: 'Code' },
      { label: 'Opened' },
      { label: 'Flow' },
      { label: 'Outcome' },
      { label: 'Score', numeric: true },
      { label: 'Reasons' },
    ]}
    rows={props.page.items.map((line) => [
      <a href={tenantPath(props.tenant, ['assessments', line.id])}>
        <code>{line.reference}</code>
      </a>,
      <Time at={line.opened_at} />,
      FLOW_WORDS[line.flow],
      <span class="badges">
        <OutcomeBadge outcome={line.outcome} />
        {line.assessed !== null && line.assessed !== line.outcome ? (
          <span class="small quiet">found {OUTCOME_WORDS[line.assessed].toLowerCase()}</span>
        ) : null}
        {line.needs_review ? <span class="badge strong">Waits</span> : null}
        {line.confirmed ? <span class="badge plain">Confirmed</span> : null}
      </span>,
      line.score === null ? '–' : oddsText(line.score, false),
      line.codes.length === 0 ? <span class="quiet">none</span> : <Codes codes={line.codes} />,
    ])}
    empty="No record matches."
  />
)

const Pager = (props: {
  readonly tenant: string
  readonly asked: Asked
  readonly page: Page<AssessmentLine>
  readonly first: boolean
}) => {
  const { tenant, asked, page, first } = props
  if (first && page.next === undefined) return null
  return (
    <nav class="pager" aria-label="Pages">
      {first ? null : (
        <a class="button plain" href={tenantPath(tenant, ['assessments'], asked)}>
          Newest
        </a>
      )}
      {page.next === undefined ? null : (
        <a
          class="button plain"
          href={tenantPath(tenant, ['assessments'], { ...asked, cursor: page.next })}
        >
          Older
        </a>
      )}
    </nav>
  )
}
