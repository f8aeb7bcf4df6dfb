/** The versions of a tenant's policies, a single one to read, and a new one to store. */
import { FLOWS, type Flow } from '../../domain/session.ts'
import type { PolicyVersion } from '../../ports-admin.ts'
import { parsePolicy } from '../../schema/policy-document.ts'
import type { AdminApp, AdminContext, AdminDeps } from '../admin-deps.ts'
import { flowOf } from './choices.ts'
import { sendForbidden, sendMissing, sendStale } from './errors.tsx'
import { Textarea } from './fields.tsx'
import { readForm } from './form.ts'
import { FLOW_WORDS, jsonText } from './format.ts'
import { Heading, sendPage } from './frame.tsx'
import { Card, Csrf, Faults, Json, StatusBadge, Time } from './marks.tsx'
import { policyPath, tenantPath } from './paths.ts'
import { may } from './permissions.ts'
import { Floors, Model, Rules, Settings } from './policy-parts.tsx'
import { Table } from './table.tsx'

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
    return sendNew(c, tenant, { text: startingPoint(versions, flow), faults: [] })
  })

  app.post('/tenants/:tenant/policies', async (c) => {
    const tenant = c.req.param('tenant')
    const actor = c.get('actor')
    if (!may(actor, 'draft')) return sendForbidden(c, 'draft', tenant)
    const form = await readForm(c)
    if (form === undefined) return sendStale(c)
    const text = form('document')
    const document = parseText(text)
    if (!document.ok) return sendNew(c, tenant, { text, faults: document.error })
    const { flow, version } = document.value
    const added = await store.addPolicy(tenant, document.value, 'draft', actor)
    if (added === 'taken') {
      const next = nextVersion(await store.listPolicies(tenant), flow)
      const fault = `version: ${version} is stored already, and versions are never changed: give it ${next}`
      return sendNew(c, tenant, { text, faults: [fault] })
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

const Versions = (props: {
  readonly tenant: string
  readonly flow: Flow
  readonly versions: readonly PolicyVersion[]
}) => {
  const active = props.versions.find(({ status }) => status === 'active')
  return (
    <Card title={FLOW_WORDS[props.flow]} id={`flow-${props.flow}`}>
      <Table
        caption={`Versions of the policy for the ${FLOW_WORDS[props.flow].toLowerCase()}, newest first`}
        hideCaption
        columns={[
          { label: 'Version' },
          { label: 'Status' },
          { label: 'Stored' },
          { label: 'What it is' },
          { label: 'Next' },
        ]}
        rows={props.versions.map((version) => [
          <a href={policyPath(version)}>version {version.version}</a>,
          <StatusBadge status={version.status} />,
          <Time at={version.created_at} />,
          aboutBody(version.body),
          version.status === 'shadow' && active !== undefined ? (
            <a href={policyPath(version, 'compare')}>
              Compare<span class="visually-hidden"> version {version.version}</span> with the active
              one
            </a>
          ) : (
            <a
              href={tenantPath(props.tenant, ['backtest'], {
                flow: props.flow,
                version: version.version,
              })}
            >
              Backtest<span class="visually-hidden"> version {version.version}</span>
            </a>
          ),
        ])}
        empty="There is no policy for this flow: its verifications are refused."
      />
    </Card>
  )
}

function aboutBody(body: unknown): string {
  const parsed = parsePolicy(body)
  if (!parsed.ok) return 'of another build: it cannot be used here'
  const { mode, floors, rules } = parsed.value
  return `${mode === 'enforce' ? 'enforced' : 'only watching'}, ${floors.length} floors, ${rules.length} rules`
}

function OneVersion({ c, version }: { readonly c: AdminContext; readonly version: PolicyVersion }) {
  const { flow, status } = version
  const parsed = parsePolicy(version.body)
  return (
    <>
      <Heading
        title={`Policy version ${version.version}`}
        lead={
          <>
            {FLOW_WORDS[flow]}, stored <Time at={version.created_at} />
          </>
        }
      >
        <StatusBadge status={status} />
      </Heading>
      <Steps c={c} version={version} usable={parsed.ok} />
      {parsed.ok ? (
        <>
          <Card title="How it decides">
            <Settings document={parsed.value} />
          </Card>
          <Card title="Floors">
            <Floors floors={parsed.value.floors} />
          </Card>
          <Card title="Evidence">
            <Rules rules={parsed.value.rules} />
          </Card>
          {parsed.value.model === undefined ? null : (
            <Card title="Model of novelty">
              <Model model={parsed.value.model} />
            </Card>
          )}
        </>
      ) : (
        <Faults title="This build cannot use this version" faults={parsed.error.slice(0, 20)} />
      )}
      <Card title="The document">
        <details>
          <summary>As JSON</summary>
          <Json value={jsonText(version.body)} />
        </details>
      </Card>
    </>
  )
}

/** What can be done with a version, by its status and by who asks. */
function Steps(props: {
  readonly c: AdminContext
  readonly version: PolicyVersion
  readonly usable: boolean
}) {
  const { c, version, usable } = props
  const { tenant, flow, status } = version
  const actor = c.get('actor')
  return (
    <div class="actions">
      {status === 'active' || !usable ? null : (
        <a class="button plain" href={policyPath(version, 'compare')}>
          Compare with the active one
        </a>
      )}
      {usable && may(actor, 'backtest') ? (
        <a
          class="button plain"
          href={tenantPath(tenant, ['backtest'], { flow, version: version.version })}
        >
          Backtest
        </a>
      ) : null}
      {usable && status !== 'active' && may(actor, 'activate') ? (
        <a class="button plain" href={policyPath(version, 'activate')}>
          Activate…
        </a>
      ) : null}
      {usable && (status === 'draft' || status === 'retired') && may(actor, 'watch') ? (
        <StepForm c={c} action={policyPath(version, 'watch')} label="Watch beside the active one" />
      ) : null}
      {status === 'shadow' && may(actor, 'watch') ? (
        <StepForm c={c} action={policyPath(version, 'retire')} label="Stop watching" />
      ) : null}
    </div>
  )
}

const StepForm = (props: {
  readonly c: AdminContext
  readonly action: string
  readonly label: string
}) => (
  <form method="post" action={props.action}>
    <Csrf token={props.c.get('csrfToken')} />
    <button class="plain" type="submit">
      {props.label}
    </button>
  </form>
)

interface Draft {
  readonly text: string
  readonly faults: readonly string[]
}

const sendNew = (c: AdminContext, tenant: string, { text, faults }: Draft) =>
  sendPage(
    c,
    {
      title: 'New policy version',
      section: 'policies',
      tenant,
      ...(faults.length > 0 ? { status: 422 } : {}),
    },
    <>
      <Heading
        title="Store a new version"
        lead="It is checked whole and stored as a draft: it decides nothing until it is activated."
      />
      {faults.length > 0 ? (
        <Faults title="This is no policy yet" faults={faults.slice(0, 50)} />
      ) : null}
      <Card>
        <form class="form" method="post" action={tenantPath(tenant, ['policies'])}>
          <Csrf token={c.get('csrfToken')} />
          <Textarea
            label="Policy document, as JSON"
            name="document"
            hint="It begins as the version in force, under the next free number. “flow” and “version” say what it is for."
            value={text}
            required
          />
          <div class="actions">
            <button type="submit">Check and store as a draft</button>
            <a href={tenantPath(tenant, ['policies'])}>Cancel</a>
          </div>
        </form>
      </Card>
    </>,
  )

/** The document, or every fault with its place. */
export function parseText(text: string): ReturnType<typeof parsePolicy> {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (error) {
    const { message } = error as SyntaxError
    const [, position] = /position (\d+)/.exec(message) ?? []
    const place = position === undefined ? '' : `${placeIn(text, Number(position))}: `
    return { ok: false, error: [`${place}this is no JSON: ${message}`] }
  }
  return parsePolicy(body)
}

function placeIn(text: string, position: number): string {
  const before = text.slice(0, position).split('\n')
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`
}

const nextVersion = (versions: readonly PolicyVersion[], flow: Flow): number =>
  Math.max(0, ...versions.filter((one) => one.flow === flow).map(({ version }) => version)) + 1

function startingPoint(versions: readonly PolicyVersion[], flow: Flow): string {
  const own = versions.filter((one) => one.flow === flow)
  const base = own.find(({ status }) => status === 'active') ?? own[0]
  if (typeof base?.body !== 'object' || base.body === null) return ''
  return jsonText({ ...base.body, version: nextVersion(versions, flow) })
}
