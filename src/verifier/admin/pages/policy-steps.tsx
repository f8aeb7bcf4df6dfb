/** A version's steps: activated after a page that says what will change, watched, and no longer watched. */
import type { PolicyVersion } from '../../ports-admin.ts'
import { parsePolicy } from '../../schema/policy-document.ts'
import type { AdminApp, AdminContext, AdminDeps } from '../admin-deps.ts'
import { diffPolicies } from '../policy-changes.ts'
import { sendForbidden, sendMissing, sendStale } from './errors.tsx'
import type { Flash } from './flash.ts'
import { readForm } from './form.ts'
import { FLOW_WORDS } from './format.ts'
import { Heading, sendPage } from './frame.tsx'
import { Card, Csrf } from './marks.tsx'
import { policyPath } from './paths.ts'
import { may, type Permission } from './permissions.ts'
import { findPolicy, NO_POLICY } from './policies.tsx'
import { Changes, MODE_WORDS } from './policy-parts.tsx'

export function addPolicySteps(app: AdminApp, deps: AdminDeps): void {
  const { store } = deps

  app.get('/tenants/:tenant/policies/:flow/:version/activate', async (c) => {
    const tenant = c.req.param('tenant')
    if (!may(c.get('actor'), 'activate')) return sendForbidden(c, 'activate', tenant)
    const version = await findPolicy(c, deps)
    if (version === undefined) return sendMissing(c, NO_POLICY, tenant)
    const active = (await store.listPolicies(tenant)).find(
      ({ flow, status }) => flow === version.flow && status === 'active',
    )
    return sendPage(
      c,
      { title: `Activate version ${version.version}`, section: 'policies', tenant },
      <Confirm c={c} version={version} active={active} />,
    )
  })

  const step = (
    name: string,
    permission: Permission,
    act: (c: AdminContext, version: PolicyVersion) => Promise<Flash>,
  ) =>
    app.post(`/tenants/:tenant/policies/:flow/:version/${name}`, async (c) => {
      const tenant = c.req.param('tenant') ?? ''
      if (!may(c.get('actor'), permission)) return sendForbidden(c, permission, tenant)
      if ((await readForm(c)) === undefined) return sendStale(c)
      const version = await findPolicy(c, deps)
      if (version === undefined) return sendMissing(c, NO_POLICY, tenant)
      return c.redirect(`${policyPath(version)}?done=${await act(c, version)}`, 303)
    })

  step('activate', 'activate', async (c, version) => {
    // A body of another build would leave this flow without a policy that can be compiled.
    if (version.status === 'active' || !parsePolicy(version.body).ok) return 'unchanged'
    const done = await store.activatePolicy(version, c.get('actor'))
    return done === 'absent' ? 'unchanged' : 'policy_activated'
  })
  step('watch', 'watch', async (c, version) => {
    if (!parsePolicy(version.body).ok) return 'unchanged'
    const done = await store.shadowPolicy(version, c.get('actor'))
    return done === 'shadowed' ? 'policy_watched' : 'unchanged'
  })
  step('retire', 'watch', async (c, version) =>
    (await store.retireShadow(version, c.get('actor'))) ? 'policy_retired' : 'unchanged',
  )
}

function Confirm(props: {
  readonly c: AdminContext
  readonly version: PolicyVersion
  readonly active: PolicyVersion | undefined
}) {
  const { c, version, active } = props
  const parsed = parsePolicy(version.body)
  const before = active === undefined ? undefined : parsePolicy(active.body)
  const name = `version ${version.version}`
  if (!parsed.ok || version.status === 'active')
    return (
      <>
        <Heading title={`Activate ${name}?`} />
        <Card>
          <p>
            {parsed.ok
              ? `${name} decides already.`
              : 'This build cannot use it, so it cannot be activated here.'}{' '}
            <a href={policyPath(version)}>Back to the version</a>
          </p>
        </Card>
      </>
    )
  return (
    <>
      <Heading title={`Activate ${name}?`} lead={FLOW_WORDS[version.flow]} />
      <Card title="What will change">
        <p>
          From the next request on, {name} decides
          {active === undefined ? '' : ` in place of version ${active.version}`}.{' '}
          {MODE_WORDS[parsed.value.mode]}. The version before is kept and can be activated again.
        </p>
        {before?.ok ? (
          <Changes
            changes={diffPolicies(before.value, parsed.value)}
            before={`version ${active?.version}`}
            after={name}
          />
        ) : null}
      </Card>
      <form class="actions" method="post" action={policyPath(version, 'activate')}>
        <Csrf token={c.get('csrfToken')} />
        <button class="danger" type="submit">
          Activate {name}
        </button>
        <a href={policyPath(version)}>Leave everything as it is</a>
      </form>
    </>
  )
}
