/** One user: found by the subject, which is never put into an address; handed out, or erased. */
import type { AssessmentLine, Page } from '../../ports-admin.ts'
import type { AdminApp, AdminContext, AdminDeps } from '../admin-deps.ts'
import { subjectKeys, userKeys } from '../subject-keys.ts'
import { Lines } from './assessments.tsx'
import { sendForbidden, sendStale } from './errors.tsx'
import { Input } from './fields.tsx'
import { type FormFields, readForm } from './form.ts'
import { jsonText } from './format.ts'
import { Heading, sendPage } from './frame.tsx'
import { Card, Csrf, Faults } from './marks.tsx'
import { tenantPath } from './paths.ts'
import { may } from './permissions.ts'

const PATH = '/tenants/:tenant/users'
const SUBJECT_CHARACTERS = 256
const RECORDS_SHOWN = 20

export function addUsers(app: AdminApp, deps: AdminDeps): void {
  const { store } = deps

  app.get(PATH, (c) =>
    may(c.get('actor'), 'users') ? sendLookUp(c) : sendForbidden(c, 'users', c.req.param('tenant')),
  )

  const post = (
    path: string,
    act: (c: AdminContext, tenant: string, subject: string, form: FormFields) => Promise<Response>,
  ) =>
    app.post(path, async (c) => {
      const tenant = c.req.param('tenant') ?? ''
      if (!may(c.get('actor'), 'users')) return sendForbidden(c, 'users', tenant)
      const form = await readForm(c)
      if (form === undefined) return sendStale(c)
      const subject = form('subject').trim()
      if (subject === '' || subject.length > SUBJECT_CHARACTERS) return sendLookUp(c, WHO)
      return await act(c, tenant, subject, form)
    })

  post(PATH, async (c, tenant, subject) => {
    const page = await store.listAssessments(tenant, {
      users: userKeys(deps.identifiers, tenant, subject),
      limit: RECORDS_SHOWN,
    })
    return sendPage(
      c,
      { title: 'User', section: 'users', tenant },
      <Found c={c} tenant={tenant} subject={subject} page={page} />,
    )
  })

  post(`${PATH}/export`, async (c, tenant, subject) => {
    const data = await store.exportSubject(
      tenant,
      subjectKeys(deps.identifiers, tenant, subject),
      c.get('actor'),
    )
    c.header('Content-Disposition', 'attachment; filename="user-export.json"')
    c.header('Content-Type', 'application/json; charset=utf-8')
    return c.body(jsonText(data))
  })

  post(`${PATH}/erase`, async (c, tenant, subject, form) => {
    if (form('sure') !== 'yes')
      return sendPage(
        c,
        { title: 'Erase a user', section: 'users', tenant },
        <ConfirmErasure c={c} tenant={tenant} subject={subject} />,
      )
    await store.eraseSubject(tenant, subjectKeys(deps.identifiers, tenant, subject), c.get('actor'))
    return c.redirect(tenantPath(tenant, ['users'], { done: 'user_erased' }), 303)
  })
}

const WHO = `Give the user’s user_id, in at most ${SUBJECT_CHARACTERS} characters.`

function sendLookUp(c: AdminContext, fault?: string) {
  const tenant = c.req.param('tenant') ?? ''
  return sendPage(
    c,
    { title: 'Users', section: 'users', tenant, ...(fault === undefined ? {} : { status: 422 }) },
    <>
      <Heading
        title="Users"
        lead="What is on record of one person: to hand it out, or to erase it."
      />
      {fault === undefined ? null : <Faults title="Nobody was looked up" faults={[fault]} />}
      <Card>
        <form class="form" method="post" action={tenantPath(tenant, ['users'])}>
          <Csrf token={c.get('csrfToken')} />
          <Input
            label="Auth0’s user_id"
            name="subject"
            hint="Such as auth0|5f7c8ec7c33c6c004bbafe82. It is not kept, and in no address or log."
            maxlength={SUBJECT_CHARACTERS}
            required
          />
          <div class="actions">
            <button type="submit">Look up</button>
          </div>
        </form>
      </Card>
    </>,
  )
}

const SubjectForm = (props: {
  readonly c: AdminContext
  readonly action: string
  readonly subject: string
  readonly label: string
  readonly sure?: boolean
}) => (
  <form method="post" action={props.action}>
    <Csrf token={props.c.get('csrfToken')} />
    <input type="hidden" name="subject" value={props.subject} />
    {props.sure ? <input type="hidden" name="sure" value="yes" /> : null}
    <button class={props.sure ? 'danger' : 'plain'} type="submit">
      {props.label}
    </button>
  </form>
)

const Found = (props: {
  readonly c: AdminContext
  readonly tenant: string
  readonly subject: string
  readonly page: Page<AssessmentLine>
}) => {
  const { c, tenant, subject, page } = props
  const path = (what: string) => tenantPath(tenant, ['users', what])
  return (
    <>
      <Heading title="User" lead={<code>{subject}</code>}>
        <a href={tenantPath(tenant, ['users'])}>Look up another</a>
      </Heading>
      <Card title="What can be done">
        <p>
          The export is everything that is stored under this person’s pseudonyms, as JSON. Both are
          noted in the audit.
        </p>
        <div class="actions">
          <SubjectForm
            c={c}
            action={path('export')}
            subject={subject}
            label="Download the export"
          />
          <SubjectForm c={c} action={path('erase')} subject={subject} label="Erase…" />
        </div>
      </Card>
      <Card title="Latest assessments">
        <Lines tenant={tenant} page={page} />
      </Card>
    </>
  )
}

const ConfirmErasure = (props: {
  readonly c: AdminContext
  readonly tenant: string
  readonly subject: string
}) => {
  const { c, tenant, subject } = props
  return (
    <>
      <Heading title="Erase this user?" lead={<code>{subject}</code>} />
      <Card title="What will change">
        <p>
          Assessments, the profile, events and list entries of this person are deleted for good.
          Whoever signs in under this user_id afterwards is somebody new. It cannot be undone.
        </p>
      </Card>
      <div class="actions">
        <SubjectForm
          c={c}
          action={tenantPath(tenant, ['users', 'erase'])}
          subject={subject}
          label="Erase for good"
          sure
        />
        <a href={tenantPath(tenant, ['users'])}>Keep everything</a>
      </div>
    </>
  )
}
