/** Stored versions of a policy: in a row with others of their flow, or one alone with what can be done with it. */
import type { Flow } from '../../domain/session.ts'
import type { PolicyVersion } from '../../ports-admin.ts'
import { parsePolicy } from '../../schema/policy-document.ts'
import type { AdminContext } from '../admin-deps.ts'
import { FLOW_WORDS, jsonText } from './format.ts'
import { Heading } from './frame.tsx'
import { Card, Csrf, Faults, Json, StatusBadge, Time } from './marks.tsx'
import { policyPath, tenantPath } from './paths.ts'
import { may } from './permissions.ts'
import { Floors, Model, Rules, Settings } from './policy-parts.tsx'
import { Table } from './table.tsx'

export const Versions = (props: {
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

export function OneVersion({
  c,
  version,
}: {
  readonly c: AdminContext
  readonly version: PolicyVersion
}) {
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
