/** Enrolling a factor an Action asked for: a picker when there is a choice, then what the factor needs. */
import type { Context, Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import { FACTOR_TYPES, type FactorType } from '../tenant/factors.ts'
import type { Enrolment } from '../tenant/login-enrolment.ts'
import type { Transaction } from '../tenant/transactions.ts'
import { invalidRequest } from './invalid-request.tsx'
import { Alert, documentOf, Page } from './page.tsx'
import { factsOf, formOf, goTo, transactionOf } from './surface.ts'

const NAMES: Record<FactorType, string> = {
  email: 'E-mail',
  otp: 'Authenticator app',
  phone: 'Phone',
  'push-notification': 'Push notification',
  'webauthn-roaming': 'Security key',
  'webauthn-platform': 'This device (face, fingerprint or PIN)',
  'recovery-code': 'Recovery code',
}

const Hidden = ({ state }: { readonly state: string }) => (
  <input type="hidden" name="state" value={state} />
)

const CodeField = ({ described }: { readonly described: string | undefined }) => (
  <>
    <label for="code">Code</label>
    <input
      id="code"
      name="code"
      class="code"
      inputmode="numeric"
      autocomplete="one-time-code"
      required
      aria-describedby={described}
    />
  </>
)

function Fields({ enrolment, fault }: { readonly enrolment: Enrolment; readonly fault?: string }) {
  const described = fault ? 'fault' : undefined
  switch (enrolment.factor) {
    case 'otp':
      return (
        <>
          <p class="lead">Add this key to your authenticator app, then enter the code it shows.</p>
          <p class="lead">
            <strong>{enrolment.secret}</strong>
          </p>
          <CodeField described={described} />
        </>
      )
    case 'phone':
      return enrolment.code === undefined ? (
        <>
          <label for="phone_number">Phone number</label>
          <input
            id="phone_number"
            name="phone_number"
            type="tel"
            autocomplete="tel"
            required
            aria-describedby={described}
          />
        </>
      ) : (
        <>
          <p class="lead">We have sent a code to {enrolment.phoneNumber}. Enter it here.</p>
          <CodeField described={described} />
        </>
      )
    case 'recovery-code':
      return (
        <>
          <p class="lead">Write this code down and keep it safe.</p>
          <p class="lead">
            <strong>{enrolment.recoveryCode}</strong>
          </p>
          <label class="check">
            <input type="checkbox" name="kept" value="true" required /> I have kept this code
          </label>
        </>
      )
    default:
      return (
        <>
          <p class="lead">Set up: {NAMES[enrolment.factor]}</p>
          <input type="hidden" name="device" value="approve" />
        </>
      )
  }
}

function enrolPage(core: TenantCore, transaction: Transaction, state: string, fault?: string) {
  const { enrolment } = transaction
  const hop = transaction.pending[0]
  const choices = hop?.kind === 'enrol' ? hop.factors : []
  const others = choices.filter((choice) => choice !== enrolment?.factor)
  const action = `/u/mfa-enroll?state=${state}`
  return documentOf(
    <Page title="Keep your account secure" tenant={core.displayName}>
      <Alert text={fault} />
      {enrolment ? (
        <form method="post" action={action}>
          <Hidden state={state} />
          <Fields enrolment={enrolment} {...(fault === undefined ? {} : { fault })} />
          <button type="submit">Continue</button>
        </form>
      ) : null}
      {others.length > 0 ? (
        <form method="post" action={action}>
          <Hidden state={state} />
          {others.map((other) => (
            <button class={enrolment ? 'link' : 'plain'} type="submit" name="factor" value={other}>
              {enrolment ? `Use instead: ${NAMES[other]}` : NAMES[other]}
            </button>
          ))}
        </form>
      ) : null}
      {enrolment?.factor === 'phone' ? (
        <div class="emulated">
          <p>
            Codes arrive on the <a href="/emulator/phone">phone</a>.
          </p>
        </div>
      ) : null}
    </Page>,
  )
}

export function mountEnrol(app: Hono, core: TenantCore) {
  const waiting = (c: Context, form: Record<string, string>) => {
    const state = c.req.query('state') ?? form.state ?? ''
    return { state, transaction: transactionOf(core, c, state, 'enrol') }
  }

  app.get('/u/mfa-enroll', (c) => {
    const { state, transaction } = waiting(c, {})
    return typeof transaction === 'string'
      ? invalidRequest(core, c, transaction)
      : c.html(enrolPage(core, transaction, state))
  })

  app.post('/u/mfa-enroll', async (c) => {
    const form = await formOf(c)
    if (!form) return invalidRequest(core, c, 'body_not_urlencoded')
    const { state, transaction } = waiting(c, form)
    if (typeof transaction === 'string') return invalidRequest(core, c, transaction)
    const wanted = FACTOR_TYPES.find((type) => type === form.factor)
    if (wanted && core.hops.chooseEnrolment(transaction, wanted))
      return c.redirect(`/u/mfa-enroll?state=${state}`, 302)
    const sentBefore = transaction.enrolment?.code
    const facts = { ...factsOf(core, c), query: {} }
    const next = await core.hops.answerEnrolment(transaction, form, facts)
    if (next === 'gone') return invalidRequest(core, c, 'state_unknown')
    if (next !== 'wrong') return goTo(c, next)
    if (transaction.enrolment?.code !== sentBefore)
      return c.redirect(`/u/mfa-enroll?state=${state}`, 302)
    return c.html(enrolPage(core, transaction, state, 'That is not right. Try again.'), 400)
  })
}
