/**
 * The inspector: users, mailbox, Actions and every flow hop by hop. It only shows; what changes the tenant
 * is the control plane. No secret, state or raw token is on its pages.
 */
import type { Hono } from 'hono'
import type { TriggerId } from '../runtime/execution.ts'
import type { TenantCore } from '../tenant/core.ts'
import { NO_FAULTS } from '../tenant/faults.ts'
import { DEFAULT_SWITCHES } from '../tenant/switches.ts'
import { FlowView } from './inspector-flow.tsx'
import { type FlowSummary, flowOf, flowsOf } from './inspector-flows.ts'
import {
  Chip,
  dateOf,
  INSPECTOR_PATH,
  INSPECTOR_POLICY,
  InspectorPage,
  timeOf,
} from './inspector-page.tsx'
import { INSPECTOR_SCRIPT, INSPECTOR_STYLESHEET } from './inspector-style.ts'
import { documentOf } from './page.tsx'

export function mountInspector(app: Hono, core: TenantCore) {
  const page = (title: string, body: unknown) =>
    documentOf(
      <InspectorPage title={title} tenant={core.displayName}>
        {body as never}
      </InspectorPage>,
    )
  const headers = { 'content-security-policy': INSPECTOR_POLICY }

  app.get(INSPECTOR_PATH, (c) => c.html(page('What happens here', overview(core)), 200, headers))
  app.get(`${INSPECTOR_PATH}/flows/:id`, (c) => {
    const flow = flowOf(core, c.req.param('id'))
    if (!flow)
      return c.html(page('No such flow', <p>It was forgotten, or never was.</p>), 404, headers)
    const { what, user } = flow.summary
    return c.html(page(`${what} of ${user}`, <FlowView {...flow} />), 200, headers)
  })
  app.get('/emulator/inspector.css', (c) =>
    c.body(INSPECTOR_STYLESHEET, 200, { 'content-type': 'text/css' }),
  )
  app.get('/emulator/inspector.js', (c) =>
    c.body(INSPECTOR_SCRIPT, 200, { 'content-type': 'text/javascript' }),
  )
}

const MAILS_SHOWN = 5
const LOOSE_SHOWN = 10

function overview(core: TenantCore) {
  return (
    <>
      <section aria-labelledby="flows">
        <h2 id="flows">Flows</h2>
        <div class="panel">
          <Flows flows={flowsOf(core)} />
        </div>
      </section>
      <div class="columns">
        <section aria-labelledby="users">
          <h2 id="users">Users</h2>
          <div class="panel">
            <Users core={core} />
          </div>
        </section>
        <section aria-labelledby="mails">
          <h2 id="mails">Newest mail</h2>
          <div class="panel">
            <Mails core={core} />
          </div>
        </section>
        <section aria-labelledby="actions">
          <h2 id="actions">Actions, in order</h2>
          <div class="panel">
            <Actions core={core} />
          </div>
        </section>
        <section aria-labelledby="settings">
          <h2 id="settings">Not as usual</h2>
          <div class="panel">
            <Unusual core={core} />
          </div>
        </section>
      </div>
      <section aria-labelledby="loose">
        <h2 id="loose">Before and beside the flows</h2>
        <div class="panel">
          <Loose core={core} />
        </div>
      </section>
    </>
  )
}

function Flows({ flows }: { readonly flows: readonly FlowSummary[] }) {
  if (flows.length === 0)
    return (
      <p>
        None yet. <a href="/">Start one</a>.
      </p>
    )
  return (
    <ul class="list">
      {flows.map(({ id, what, user, client, startedAtMs, hops, status }) => (
        <li class="row">
          <span class="when">{timeOf(startedAtMs)}</span>{' '}
          <span class="grow">
            <a href={`${INSPECTOR_PATH}/flows/${id}`}>
              {what} of {user}
            </a>
            <br />
            <span class="meta">
              {client} · {hops} hops
            </span>
          </span>
          <Chip {...status} />
        </li>
      ))}
    </ul>
  )
}

interface Core {
  readonly core: TenantCore
}

function Users({ core }: Core) {
  const users = core.users.all()
  if (users.length === 0) return <p>No user yet.</p>
  return (
    <ul class="list">
      {users.map((user) => (
        <li>
          <div class="row">
            <span class="grow">{user.email}</span>
            {user.blocked ? <Chip tone="bad" text="blocked" /> : null}
          </div>
          <div class="meta">
            <code>{user.user_id}</code>
          </div>
          <div class="meta">
            Factors: {[...core.users.enrolledTypes(user)].join(', ') || 'none'}
          </div>
        </li>
      ))}
    </ul>
  )
}

function Mails({ core }: Core) {
  const mails = core.mailbox.all().slice(-MAILS_SHOWN).reverse()
  if (mails.length === 0) return <p>No mail yet.</p>
  return (
    <ul class="list">
      {mails.map((mail) => (
        <li>
          <div class="row">
            <span class="grow">{mail.subject}</span>
            <span class="when">{timeOf(mail.atMs)}</span>{' '}
          </div>
          <div class="meta">To {mail.to}</div>
        </li>
      ))}
      <li>
        <a href="/emulator/mailbox">Open the mailbox</a>
      </li>
    </ul>
  )
}

const TRIGGERS: readonly TriggerId[] = ['password-reset-post-challenge', 'post-login']

function Actions({ core }: Core) {
  return (
    <ul class="list">
      {TRIGGERS.map((trigger) => (
        <li>
          <code>{trigger}</code>
          {core.actions.bound(trigger).length === 0 ? <div class="meta">none</div> : null}
          {core.actions.bound(trigger).map(({ name, version, secrets }) => (
            <div>
              {name} <span class="meta">version {version}</span>
              <div class="meta">Secrets: {Object.keys(secrets).join(', ') || 'none'}</div>
            </div>
          ))}
        </li>
      ))}
    </ul>
  )
}

function Unusual({ core }: Core) {
  const changed = [
    ...differences('fault', core.faults, NO_FAULTS),
    ...differences('switch', core.switches, DEFAULT_SWITCHES),
  ]
  return (
    <ul class="list">
      {changed.map(({ kind, name, value }) => (
        <li class="row">
          <code class="grow">{name}</code>{' '}
          <Chip tone={kind === 'fault' ? 'bad' : ''} text={`${kind}: ${value}`} />
        </li>
      ))}
      {changed.length === 0 ? <li>No fault, and every switch at its default.</li> : null}
      <li class="meta">The tenant’s clock: {dateOf(core.clock.now())}</li>
    </ul>
  )
}

const differences = (kind: 'fault' | 'switch', now: object, usual: object) =>
  Object.entries(now)
    .filter(([name, value]) => value !== Reflect.get(usual, name))
    .map(([name, value]) => ({ kind, name, value: String(value) }))

function Loose({ core }: Core) {
  const events = core.trace
    .all()
    .filter(({ transaction }) => transaction === undefined)
    .slice(-LOOSE_SHOWN)
    .reverse()
  if (events.length === 0) return <p>Nothing yet.</p>
  return (
    <ul class="list">
      {events.map((event) => (
        <li class="row">
          <span class="when">{timeOf(event.atMs)}</span>{' '}
          <span class="grow">
            <span class="who">{event.who}</span> {event.text}
          </span>
        </li>
      ))}
    </ul>
  )
}
