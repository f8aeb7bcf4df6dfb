/** The addresses of a tenant's policies: all versions, a single one, and a new one to store. */
import { FLOWS } from '../../domain/session.ts'
import type { PolicyVersion } from '../../ports-admin.ts'
import type { AdminApp, AdminContext, AdminDeps } from '../admin-deps.ts'
import { flowOf } from './choices.ts'
import { sendForbidden, sendMissing, sendStale } from './errors.tsx'
import { readForm } from './form.ts'
import { Heading, sendPage } from './frame.tsx'
import { policyPath, tenantPath } from './paths.ts'
import { may } from './permissions.ts'
import { nextVersion, parsePolicyText, sendDraft, startingPoint } from './policy-draft.tsx'
import { OneVersion, Versions } from './policy-versions.tsx'

export const NO_POLICY = 'There is no such version of a policy.'

/** `:flow` and `:version` of an address; undefined when they name no stored version. */
export async function findPolicy(
  c: AdminContext,
  { store }: Pick<AdminDeps, 'store'>,
): Promise<PolicyVersion | undefined> {
  const tenant = c.req.param('tenant') ?? ''
  const flow = flowOf(c.req.param('flow'))
  const version = c.req.param('version') ?? ''
  if (flow === undefined || !/^[1-9]\d{0,8}$/.test(version)) return undefined
  return await store.readPolicy({ tenant, flow, version: Number(version) })
}

export function addPolicies(app: AdminApp, deps: AdminDeps): void {
  const { store } = deps

  app.get('/tenants/:tenant/policies', async (c) => {
    const tenant = c.req.param('tenant')
    const versions = await store.listPolicies(tenant)
    return sendPage(
      c,
      { title: 'Policies', section: 'policies', tenant },
      <>
        <Heading
          title="Policies"
          lead="One version of each flow decides; others may watch beside it."
        >
          {may(c.get('actor'), 'draft') ? (
            <a class="button" href={tenantPath(tenant, ['policies', 'new'])}>
              Store a new version
            </a>
          ) : null}
        </Heading>
        {FLOWS.map((flow) => (
          <Versions
            tenant={tenant}
            flow={flow}
            versions={versions.filter((version) => version.flow === flow)}
          />
        ))}
      </>,
    )
  })

  app.get('/tenants/:tenant/policies/new', async (c) => {
    const tenant = c.req.param('tenant')
    if (!may(c.get('actor'), 'draft')) return sendForbidden(c, 'draft', tenant)
    const versions = await store.listPolicies(tenant)
    const flow = flowOf(c.req.query('flow')) ?? 'password_reset'
    return sendDraft(c, tenant, { text: startingPoint(versions, flow), faults: [] })
  })

  app.post('/tenants/:tenant/policies', async (c) => {
    const tenant = c.req.param('tenant')
    const actor = c.get('actor')
    if (!may(actor, 'draft')) return sendForbidden(c, 'draft', tenant)
    const form = await readForm(c)
    if (form === undefined) return sendStale(c)
    const text = form('document')
    const document = parsePolicyText(text)
    if (!document.ok) return sendDraft(c, tenant, { text, faults: document.error })
    const { flow, version } = document.value
    const added = await store.addPolicy(tenant, document.value, 'draft', actor)
    if (added === 'taken') {
      const next = nextVersion(await store.listPolicies(tenant), flow)
      const fault = `version: ${version} is stored already, and versions are never changed: give it ${next}`
      return sendDraft(c, tenant, { text, faults: [fault] })
    }
    return c.redirect(`${policyPath({ tenant, flow, version })}?done=policy_added`, 303)
  })

  app.get('/tenants/:tenant/policies/:flow/:version', async (c) => {
    const tenant = c.req.param('tenant')
    const version = await findPolicy(c, deps)
    if (version === undefined) return sendMissing(c, NO_POLICY, tenant)
    return sendPage(
      c,
      { title: `Policy ${version.version}`, section: 'policies', tenant },
      <OneVersion c={c} version={version} />,
    )
  })
}
