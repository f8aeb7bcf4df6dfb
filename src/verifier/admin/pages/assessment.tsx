/** One record, explained: what was answered, what it was measured against, and everything that counted. */
import type { AssessmentRecord } from '../../ports-admin.ts'
import type { AdminApp, AdminContext, AdminDeps } from '../admin-deps.ts'
import { type Explanation, explainRecord } from '../explanation.ts'
import { ScoreScale } from './charts.tsx'
import { durationOf } from './choices.ts'
import { sendForbidden, sendMissing, sendStale } from './errors.tsx'
import { Evidence, Judged, ShadowVersions } from './evidence.tsx'
import { Select } from './fields.tsx'
import { readForm } from './form.ts'
import { FLOW_WORDS, jsonText, oddsText } from './format.ts'
import { Heading, sendPage } from './frame.tsx'
import { Card, Csrf, Json, OutcomeBadge, Time } from './marks.tsx'
import { policyPath, tenantPath } from './paths.ts'
import { may } from './permissions.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const RELEASES = ['30m', '1h', '4h', '24h', '7d'] as const
const MISSING = 'There is no such record: it is of another tenant, was erased, or its time is over.'

export function addAssessment(app: AdminApp, { store }: AdminDeps): void {
  const find = async (tenant: string, id: string) =>
    UUID.test(id) ? await store.readAssessment(tenant, id) : undefined

  app.get('/tenants/:tenant/assessments/:id', async (c) => {
    const { tenant, id } = c.req.param()
    const record = await find(tenant, id)
    if (record === undefined) return sendMissing(c, MISSING, tenant)
    return sendPage(
      c,
      { title: `Assessment ${record.reference}`, section: 'assessments', tenant },
      <Assessment c={c} record={record} />,
    )
  })

  app.post('/tenants/:tenant/assessments/:id/release', async (c) => {
    const { tenant, id } = c.req.param()
    if (!may(c.get('actor'), 'release')) return sendForbidden(c, 'release', tenant)
    const form = await readForm(c)
    if (form === undefined) return sendStale(c)
    const record = await find(tenant, id)
    if (record === undefined) return sendMissing(c, MISSING, tenant)
    const given = RELEASES.find((choice) => choice === form('for'))
    const seconds = given === undefined ? undefined : durationOf(given)
    const done =
      seconds !== undefined &&
      releasable(record) &&
      (await store.releaseAssessment(tenant, id, seconds, c.get('actor')))
    return c.redirect(
      tenantPath(tenant, ['assessments', id], { done: done ? 'released' : 'unchanged' }),
      303,
    )
  })
}

/** A release helps only who was stopped for want of a second factor. */
const releasable = ({ outcome, assessed }: AssessmentRecord) =>
  outcome === 'deny' && assessed === 'step_up'

function Assessment({
  c,
  record,
}: {
  readonly c: AdminContext
  readonly record: AssessmentRecord
}) {
  const { tenant, reference, flow } = record
  const explanation = explainRecord(record)
  return (
    <>
      <Heading
        title={
          <>
            Assessment <code>{reference}</code>
          </>
        }
        lead={
          <>
            {FLOW_WORDS[flow]}, opened <Time at={record.opened_at} />
          </>
        }
      >
        <OutcomeBadge outcome={record.outcome} large />
      </Heading>
      {explanation === undefined ? (
        <Card>
          <p>It is not settled yet: no decision is on record.</p>
        </Card>
      ) : (
        <Answer record={record} explanation={explanation} />
      )}
      {releasable(record) && may(c.get('actor'), 'release') ? (
        <Release c={c} record={record} />
      ) : null}
      {explanation === undefined ? null : (
        <>
          <Card title="What counted">
            <Evidence reasons={explanation.reasons} />
          </Card>
          {explanation.shadowVersions.length + explanation.shadowReasons.length === 0 ? null : (
            <Card title="What was watched and counted nothing">
              <ShadowVersions tenant={tenant} flow={flow} explanation={explanation} />
            </Card>
          )}
          <Card title="Every signal">
            <Judged explanation={explanation} />
          </Card>
        </>
      )}
      <Card title="The record">
        <Facts record={record} />
      </Card>
    </>
  )
}

function Answer(props: { readonly record: AssessmentRecord; readonly explanation: Explanation }) {
  const { record, explanation } = props
  const { outcome, notes, score, prior, thresholds, policyVersion, mode } = explanation
  const { tenant, flow } = record
  return (
    <Card title="The answer">
      <p>
        {ANSWERS[outcome]}
        {notes.length === 0 ? '' : `: ${notes.join('; ').replaceAll('_', '-')}`}.{' '}
        {record.confirmed ? 'The user completed what was asked for.' : ''}
      </p>
      {thresholds === undefined ? null : (
        <ScoreScale
          score={score}
          stepUp={thresholds.step_up}
          deny={thresholds.deny}
          {...(prior === undefined ? {} : { prior })}
        />
      )}
      <dl class="facts">
        <dt>Score</dt>
        <dd>
          {oddsText(score, false)}, in natural-log odds
          {thresholds?.deny === null ? '; evidence alone never denies' : ''}
        </dd>
        <dt>Policy</dt>
        <dd>
          <a href={policyPath({ tenant, flow, version: policyVersion })}>version {policyVersion}</a>
          , {mode === 'enforce' ? 'enforced' : 'only watching'}
        </dd>
        <dt>User</dt>
        <dd>
          <a href={tenantPath(tenant, ['assessments'], { user: record.user })}>
            <code>{record.user}</code>
          </a>
        </dd>
        <dt>Settled</dt>
        <dd>
          <Time at={record.settled_at} />
        </dd>
      </dl>
    </Card>
  )
}

const ANSWERS: Record<Explanation['outcome'], string> = {
  allow: 'Let through',
  step_up: 'A second factor was asked for',
  deny: 'Denied',
}

const Release = ({
  c,
  record,
}: {
  readonly c: AdminContext
  readonly record: AssessmentRecord
}) => (
  <Card title="Release this person">
    <p>
      Be sure who is asking. The next attempt of this user passes, once, wherever it comes from;
      deny lists and other refusals stay as they are. The audit notes that you did it.
    </p>
    <form
      class="filters"
      method="post"
      action={tenantPath(record.tenant, ['assessments', record.id, 'release'])}
    >
      <Csrf token={c.get('csrfToken')} />
      <Select
        label="They have to try again within"
        name="for"
        value="1h"
        options={RELEASES.map((value) => ({ value, label: RELEASE_WORDS[value] }))}
      />
      <button type="submit">Release the next attempt</button>
    </form>
  </Card>
)

const RELEASE_WORDS: Record<(typeof RELEASES)[number], string> = {
  '30m': '30 minutes',
  '1h': '1 hour',
  '4h': '4 hours',
  '24h': '24 hours',
  '7d': '7 days',
}

const Facts = ({ record }: { readonly record: AssessmentRecord }) => (
  <>
    <dl class="facts">
      <dt>Id</dt>
      <dd>
        <code>{record.id}</code>
      </dd>
    </dl>
    <details>
      <summary>Facts, pseudonymous</summary>
      <Json value={jsonText(record.facts)} />
    </details>
    <details>
      <summary>Decision, as stored</summary>
      <Json value={jsonText(record.decision)} />
    </details>
  </>
)
