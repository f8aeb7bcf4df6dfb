/** API tokens of programs: made and shown once, listed by name, revoked after a page that asks. */
import { type ApiTokenRow, ROLES } from '../../ports-admin.ts'
import type { AdminApp, AdminContext, AdminDeps } from '../admin-deps.ts'
import { hashApiToken, newApiToken } from '../api-token.ts'
import { chosen, DAY } from './choices.ts'
import { sendForbidden, sendMissing, sendStale } from './errors.tsx'
import { Input, Select } from './fields.tsx'
import { type FormFields, readForm } from './form.ts'
import { Heading, sendPage } from './frame.tsx'
import { Card, Csrf, Faults, Time } from './marks.tsx'
import { pathOf } from './paths.ts'
import { may } from './permissions.ts'
import { Table } from './table.tsx'

const EXPIRIES = { '30': '30 days', '90': '90 days', '365': 'a year', never: 'it never expires' }
const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/

export function addTokens(app: AdminApp, { store, random, clock }: AdminDeps): void {
  app.get('/tokens', async (c) =>
    may(c.get('actor'), 'tokens')
      ? sendTokens(c, { tokens: await store.listTokens(), now: clock() })
      : sendForbidden(c, 'tokens'),
  )

  app.post('/tokens', async (c) => {
    const actor = c.get('actor')
    if (!may(actor, 'tokens')) return sendForbidden(c, 'tokens')
    const form = await readForm(c)
    if (form === undefined) return sendStale(c)
    const [name, role, days] = [
      form('name').trim(),
      chosen(ROLES, form('role')),
      chosen(Object.keys(EXPIRIES), form('days')),
    ]
    const refuse = async (fault: string) =>
      sendTokens(c, { tokens: await store.listTokens(), now: clock(), form, fault })
    if (!NAME.test(name)) return await refuse(NAME_FAULT)
    if (role === undefined || days === undefined) return await refuse('Choose a role and a time.')
    const token = newApiToken(random)
    const added = await store.addToken(
      {
        name,
        role,
        hash: hashApiToken(token),
        ...(days === 'never' ? {} : { expiresInSeconds: Number(days) * DAY }),
      },
      actor,
    )
    if (added === 'taken') return await refuse(`There is a token with the name ${name}.`)
    // Not redirected: the token is in this answer alone, and in no address or cookie.
    return sendPage(
      c,
      { title: 'New API token', section: 'tokens' },
      <Made name={name} token={token} />,
    )
  })

  const find = async (id: string) => (await store.listTokens()).find((token) => token.id === id)

  app.get('/tokens/:id/revoke', async (c) => {
    if (!may(c.get('actor'), 'tokens')) return sendForbidden(c, 'tokens')
    const token = await find(c.req.param('id'))
    if (token === undefined || token.revoked_at !== null)
      return sendMissing(c, 'There is no such token, or it is revoked already.')
    return sendPage(
      c,
      { title: 'Revoke a token', section: 'tokens' },
      <Confirm c={c} token={token} />,
    )
  })

  app.post('/tokens/:id/revoke', async (c) => {
    const actor = c.get('actor')
    if (!may(actor, 'tokens')) return sendForbidden(c, 'tokens')
    if ((await readForm(c)) === undefined) return sendStale(c)
    const token = await find(c.req.param('id'))
    const done = token !== undefined && (await store.revokeToken(token.id, actor))
    return c.redirect(pathOf(['tokens'], { done: done ? 'token_revoked' : 'unchanged' }), 303)
  })
}

const NAME_FAULT =
  'A name has small letters, digits, dots and dashes, at most 63, such as grafana or ci-deploy.'

interface TokensView {
  readonly tokens: readonly ApiTokenRow[]
  readonly now: number
  readonly form?: FormFields
  readonly fault?: string
}

const sendTokens = (c: AdminContext, { tokens, now, form, fault }: TokensView) =>
  sendPage(
    c,
    { title: 'API tokens', section: 'tokens', ...(fault === undefined ? {} : { status: 422 }) },
    <>
      <Heading title="API tokens" lead="For programs that use the API of all tenants." />
      {fault === undefined ? null : <Faults title="No token was made" faults={[fault]} />}
      <Card title="Tokens">
        <Table
          caption="Tokens are stored as digests: none can be shown again."
          columns={[
            { label: 'Name' },
            { label: 'Role' },
            { label: 'Made' },
            { label: 'Last used' },
            { label: 'State' },
            { label: 'Change' },
          ]}
          rows={tokens.map((token) => [
            token.name,
            token.role,
            <Time at={token.created_at} />,
            <Time at={token.last_used_at} />,
            <State token={token} now={now} />,
            token.revoked_at === null ? (
              <a href={pathOf(['tokens', token.id, 'revoke'])}>
                Revoke…<span class="visually-hidden"> {token.name}</span>
              </a>
            ) : (
              ''
            ),
          ])}
          empty="There are no tokens."
        />
      </Card>
      <Card title="Make a token">
        <form class="form" method="post" action={pathOf(['tokens'])}>
          <Csrf token={c.get('csrfToken')} />
          <Input
            label="Name"
            name="name"
            hint="What the audit will call it."
            value={form?.('name')}
            maxlength={63}
            required
          />
          <div class="pair">
            <Select
              label="Role"
              name="role"
              value={form?.('role') || 'viewer'}
              options={ROLES.map((value) => ({ value, label: value }))}
            />
            <Select
              label="Expires after"
              name="days"
              value={form?.('days') || '90'}
              options={Object.entries(EXPIRIES).map(([value, label]) => ({ value, label }))}
            />
          </div>
          <div class="actions">
            <button type="submit">Make the token</button>
          </div>
        </form>
      </Card>
    </>,
  )

const State = ({ token, now }: { readonly token: ApiTokenRow; readonly now: number }) => {
  const { revoked_at, expires_at } = token
  if (revoked_at !== null)
    return (
      <>
        revoked <Time at={revoked_at} />
      </>
    )
  if (expires_at === null) return <>valid for ever</>
  return (
    <>
      {Date.parse(expires_at) / 1000 <= now ? 'expired ' : 'valid until '}
      <Time at={expires_at} />
    </>
  )
}

const Made = ({ name, token }: { readonly name: string; readonly token: string }) => (
  <>
    <Heading title="The token was made" lead={name} />
    <Card title="Copy it now">
      <p>It is shown this once. Whoever has it can do what its role may do.</p>
      <div class="token">
        <code id="new-token">{token}</code>
        <button type="button" class="plain small" data-copy="new-token" hidden>
          Copy
        </button>
      </div>
      <p>
        <a href={pathOf(['tokens'])}>I have it: back to the tokens</a>
      </p>
    </Card>
  </>
)

const Confirm = ({ c, token }: { readonly c: AdminContext; readonly token: ApiTokenRow }) => (
  <>
    <Heading title={`Revoke the token ${token.name}?`} />
    <Card title="What will change">
      <p>
        Requests with this token ({token.role}, last used <Time at={token.last_used_at} />) are
        refused from now on. It cannot be made valid again.
      </p>
    </Card>
    <form class="actions" method="post" action={pathOf(['tokens', token.id, 'revoke'])}>
      <Csrf token={c.get('csrfToken')} />
      <button class="danger" type="submit">
        Revoke the token
      </button>
      <a href={pathOf(['tokens'])}>Keep it</a>
    </form>
  </>
)
