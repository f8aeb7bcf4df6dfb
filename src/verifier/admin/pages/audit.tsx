/** Who changed what, newest first: of one tenant, or of the service as a whole. */
import { type AuditFilter, type AuditRow, type Page, SERVICE_TENANT } from '../../ports-admin.ts'
import type { AdminApp, AdminContext, AdminDeps } from '../admin-deps.ts'
import { DAY, DAY_FAULT, dayStart } from './choices.ts'
import { sendForbidden } from './errors.tsx'
import { Input } from './fields.tsx'
import { FilterCard } from './filter-card.tsx'
import { queryText } from './form.ts'
import { Heading, sendPage } from './frame.tsx'
import { Card, Faults, Time } from './marks.tsx'
import { pathOf, tenantPath } from './paths.ts'
import { may } from './permissions.ts'
import { Table } from './table.tsx'

const PER_PAGE = 50
/** By their names in an address. */
const LABELS = { actor: 'Who', action: 'What', from: 'From', to: 'To' } as const
type Name = keyof typeof LABELS
const NAMES = Object.keys(LABELS) as readonly Name[]
type Asked = Readonly<Record<Name, string>>

export function addAudit(app: AdminApp, { store }: AdminDeps): void {
  app.get('/tenants/:tenant/audit', (c) => answer(c, c.req.param('tenant')))
  app.get('/audit', (c) =>
    may(c.get('actor'), 'serviceAudit') ? answer(c) : sendForbidden(c, 'serviceAudit'),
  )

  async function answer(c: AdminContext, tenant?: string): Promise<Response> {
    const asked = Object.fromEntries(NAMES.map((name) => [name, queryText(c, name, 200)])) as Asked
    const cursor = c.req.query('cursor')
    const { filter, faults } = filterOf(asked)
    const page =
      faults.length > 0
        ? { items: [] }
        : await store.listAudit(tenant ?? SERVICE_TENANT, {
            ...filter,
            limit: PER_PAGE,
            ...(cursor === undefined ? {} : { cursor }),
          })
    const path = (query: Readonly<Record<string, string>>) =>
      tenant === undefined ? pathOf(['audit'], query) : tenantPath(tenant, ['audit'], query)
    return sendPage(
      c,
      {
        title: tenant === undefined ? 'Audit of the service' : 'Audit',
        section: 'audit',
        ...(tenant === undefined ? {} : { tenant }),
        ...(faults.length > 0 ? { status: 422 } : {}),
      },
      <>
        <Heading
          title={tenant === undefined ? 'Audit of the service' : 'Audit'}
          lead="Every change that a person or a program made. Nobody can alter it."
        />
        {faults.length > 0 ? <Faults title="These filters cannot be used" faults={faults} /> : null}
        <FilterCard
          filters={NAMES.map((name) => ({ label: LABELS[name], asked: asked[name] }))}
          faulty={faults.length > 0}
        >
          <Filters action={path({})} asked={asked} />
        </FilterCard>
        <Card>
          <Rows page={page} />
          <Pager page={page} asked={asked} path={path} first={cursor === undefined} />
        </Card>
      </>,
    )
  }
}

function filterOf({ actor, action, from, to }: Asked): {
  readonly filter: Omit<AuditFilter, 'limit'>
  readonly faults: readonly string[]
} {
  const [since, lastDay] = [dayStart(from), dayStart(to)]
  const unread = (from !== '' && since === undefined) || (to !== '' && lastDay === undefined)
  return {
    filter: {
      ...(actor === '' ? {} : { actor }),
      ...(action === '' ? {} : { action }),
      ...(since === undefined ? {} : { since }),
      ...(lastDay === undefined ? {} : { until: lastDay + DAY }),
    },
    faults: unread ? [DAY_FAULT] : [],
  }
}

const Filters = ({ action, asked }: { readonly action: string; readonly asked: Asked }) => (
  <form class="filters" method="get" action={action}>
    <Input
      label={LABELS.actor}
      name="actor"
      value={asked.actor}
      placeholder="cli:ada"
      maxlength={200}
    />
    <Input
      label={LABELS.action}
      name="action"
      value={asked.action}
      placeholder="policy.activate"
      maxlength={200}
    />
    <Input label={LABELS.from} name="from" type="date" value={asked.from} />
    <Input label={LABELS.to} name="to" type="date" value={asked.to} />
    <div class="actions">
      <button type="submit">Show</button>
      <a href={action}>Clear</a>
    </div>
  </form>
)

/** Each member with its value as it is stored; what is no object is shown as JSON. */
const Detail = ({ detail }: { readonly detail: unknown }) =>
  typeof detail === 'object' && detail !== null && !Array.isArray(detail) ? (
    <span class="codes">
      {Object.entries(detail).map(([name, value]) => (
        <code>
          <span class="quiet">{name}</span>{' '}
          {typeof value === 'string' ? value : JSON.stringify(value)}
        </code>
      ))}
    </span>
  ) : (
    <code>{JSON.stringify(detail)}</code>
  )

const Rows = ({ page }: { readonly page: Page<AuditRow> }) => (
  <Table
    caption="Changes, newest first"
    hideCaption
    columns={[
      { label: 'When' },
      { label: 'Who' },
      { label: 'What' },
      { label: 'On what' },
      { label: 'Details' },
    ]}
    rows={page.items.map(({ at, actor, action, subject, detail }) => [
      <Time at={at} />,
      actor,
      <code>{action}</code>,
      subject ?? '',
      detail === null || detail === undefined ? '' : <Detail detail={detail} />,
    ])}
    empty="Nothing matches."
  />
)

const Pager = (props: {
  readonly page: Page<AuditRow>
  readonly asked: Asked
  readonly path: (query: Readonly<Record<string, string>>) => string
  readonly first: boolean
}) => {
  const { page, asked, path, first } = props
  if (first && page.next === undefined) return null
  return (
    <nav class="pager" aria-label="Pages">
      {first ? null : (
        <a class="button plain" href={path(asked)}>
          Newest
        </a>
      )}
      {page.next === undefined ? null : (
        <a class="button plain" href={path({ ...asked, cursor: page.next })}>
          Older
        </a>
      )}
    </nav>
  )
}
