/** Who is let through or refused by name, and which feeds of addresses are loaded. */
import type { ListFeed } from '../../ports-admin.ts'
import type { AdminApp, AdminContext, AdminDeps } from '../admin-deps.ts'
import { sendForbidden, sendStale } from './errors.tsx'
import { readForm } from './form.ts'
import { numberText } from './format.ts'
import { Heading, sendPage } from './frame.tsx'
import { ConfirmRemoval, Entries, EntryForm, entryOf, type RefusedEntry } from './list-entries.tsx'
import { Card, Faults, Time } from './marks.tsx'
import { tenantPath } from './paths.ts'
import { may } from './permissions.ts'
import { Table } from './table.tsx'

const PATH = '/tenants/:tenant/lists'

export function addLists(app: AdminApp, deps: AdminDeps): void {
  const { store } = deps

  app.get(PATH, (c) => sendLists(c, deps))

  app.post(PATH, async (c) => {
    const { tenant } = c.req.param()
    const actor = c.get('actor')
    if (!may(actor, 'lists')) return sendForbidden(c, 'lists', tenant)
    const form = await readForm(c)
    if (form === undefined) return sendStale(c)
    const { entry, faults } = entryOf(deps, tenant, form)
    if (entry === undefined) return sendLists(c, deps, { form, faults })
    await store.putEntry(tenant, entry, actor)
    return c.redirect(tenantPath(tenant, ['lists'], { done: 'entry_added' }), 303)
  })

  // The first post asks, the second one does it: a value does not belong into an address.
  app.post(`${PATH}/remove`, async (c) => {
    const { tenant } = c.req.param()
    const actor = c.get('actor')
    if (!may(actor, 'lists')) return sendForbidden(c, 'lists', tenant)
    const form = await readForm(c)
    if (form === undefined) return sendStale(c)
    const key = { kind: form('kind'), value: form('value') }
    if (form('sure') === 'yes') {
      const removed = await store.removeEntry(tenant, key, actor)
      const done = removed ? 'entry_removed' : 'unchanged'
      return c.redirect(tenantPath(tenant, ['lists'], { done }), 303)
    }
    const entry = (await store.readEntries(tenant)).find(
      ({ kind, value }) => kind === key.kind && value === key.value,
    )
    if (entry === undefined)
      return c.redirect(tenantPath(tenant, ['lists'], { done: 'unchanged' }), 303)
    return sendPage(
      c,
      { title: 'Remove an entry', section: 'lists', tenant },
      <ConfirmRemoval c={c} tenant={tenant} entry={entry} />,
    )
  })
}

async function sendLists(
  c: AdminContext,
  { store }: AdminDeps,
  refused?: RefusedEntry,
): Promise<Response> {
  const tenant = c.req.param('tenant') ?? ''
  const [entries, feeds] = await Promise.all([store.readEntries(tenant), store.readFeeds(tenant)])
  const allowed = may(c.get('actor'), 'lists')
  return sendPage(
    c,
    {
      title: 'Lists',
      section: 'lists',
      tenant,
      ...(refused === undefined ? {} : { status: 422 }),
    },
    <>
      <Heading title="Lists" lead="What is decided by name, before any score." />
      {refused === undefined ? null : (
        <Faults title="Nothing was entered" faults={Object.values(refused.faults)} />
      )}
      <Card title="Entries">
        <Entries c={c} tenant={tenant} entries={entries} allowed={allowed} />
      </Card>
      {allowed ? (
        <Card title="Enter somebody or something">
          <EntryForm c={c} tenant={tenant} {...(refused === undefined ? {} : { refused })} />
        </Card>
      ) : null}
      <Card title="Feeds">
        <Feeds feeds={feeds} />
      </Card>
    </>,
  )
}

const Feeds = ({ feeds }: { readonly feeds: readonly ListFeed[] }) => (
  <Table
    caption="Loaded with the command line: redirect-verifier list import."
    columns={[
      { label: 'Feed' },
      { label: 'Entries', numeric: true },
      { label: 'Ranges', numeric: true },
      { label: 'Networks', numeric: true },
      { label: 'Loaded' },
      { label: 'Source' },
    ]}
    rows={feeds.map((feed) => [
      <code>{feed.kind}</code>,
      feed.entries === null ? '–' : numberText(feed.entries),
      numberText(feed.ranges),
      numberText(feed.networks),
      <Time at={feed.loaded_at} />,
      feed.source ?? '',
    ])}
    empty="No feed is loaded: rules about Tor, VPNs and hosting providers are unknown and add nothing."
  />
)
