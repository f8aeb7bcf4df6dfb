/** The tenants of the configuration: the first page, unless there is only one. */
import type { AdminApp, AdminDeps } from '../admin-deps.ts'
import { Input } from './fields.tsx'
import { queryText } from './form.ts'
import { numberText } from './format.ts'
import { Heading, sendPage } from './frame.tsx'
import { Card } from './marks.tsx'
import { pathOf, tenantPath } from './paths.ts'
import { Table } from './table.tsx'

/** One that is configured for thousands finds a tenant by a part of its name. */
const SHOWN = 100

export function addTenants(app: AdminApp, { tenants, settings }: AdminDeps): void {
  app.get('/', (c) => {
    const [only, another] = tenants.keys()
    if (only !== undefined && another === undefined) return c.redirect(tenantPath(only), 302)
    const asked = queryText(c, 'q')
    const wanted = asked.toLowerCase()
    const all = [...tenants.keys()].map((id) => ({ id, name: settings(id).name ?? '' }))
    const found = all.filter(({ id, name }) => `${id} ${name.toLowerCase()}`.includes(wanted))
    return sendPage(
      c,
      { title: 'Tenants', section: 'tenants' },
      <>
        <Heading title="Tenants" lead={`${numberText(tenants.size)} are configured.`} />
        <Card>
          <form class="filters" method="get" action={pathOf([])}>
            <Input label="Id or name" name="q" type="search" value={asked} maxlength={100} />
            <button type="submit">Show</button>
          </form>
        </Card>
        <Card>
          <Table
            caption={
              found.length > SHOWN
                ? `The first ${SHOWN} of ${numberText(found.length)}`
                : 'Tenants by id'
            }
            columns={[{ label: 'Tenant' }, { label: 'Name' }]}
            rows={found
              .toSorted((a, b) => (a.id < b.id ? -1 : 1))
              .slice(0, SHOWN)
              .map(({ id, name }) => [<a href={tenantPath(id)}>{id}</a>, name])}
            empty="No tenant has this in its id or name."
          />
        </Card>
      </>,
    )
  })
}
