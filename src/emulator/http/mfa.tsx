/**
 * MFA challenge screens: a picker when there is a choice, then one factor at a time.
 * Codes are typed; what a device would do (push, security key) has a visible emulated control.
 */
import type { Context, Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import { FACTOR_TYPES, type FactorType } from '../tenant/factors.ts'
import { asksToRemember } from '../tenant/hops.ts'
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

const LEADS: Record<FactorType, string> = {
  email: 'We have mailed a code to your address. Enter it here.',
  otp: 'Enter the code your authenticator app shows.',
  phone: 'We have sent a code to your phone. Enter it here.',
  'push-notification': 'We have sent a notification to your phone. Approve it there.',
  'webauthn-roaming': 'Insert your security key and touch it.',
  'webauthn-platform': 'Confirm with this device.',
  'recovery-code': 'Enter the recovery code you kept when you set up your account.',
}

const CODED: ReadonlySet<FactorType> = new Set(['email', 'otp', 'phone', 'recovery-code'])

const Hidden = ({ state }: { readonly state: string }) => (
  <input type="hidden" name="state" value={state} />
)

function pickerPage(core: TenantCore, state: string, factors: readonly FactorType[]) {
  return documentOf(
    <Page title="Verify it is you" tenant={core.displayName}>
      <p class="lead">Choose how.</p>
      <form method="post" action={`/u/mfa-challenge?state=${state}`}>
        <Hidden state={state} />
        {factors.map((factor) => (
          <button class="plain" type="submit" name="factor" value={factor}>
            {NAMES[factor]}
          </button>
        ))}
      </form>
    </Page>,
  )
}

/** `multifactor.enable` of the provider guardian, where browsers may be remembered. */
const RememberBox = () => (
  <label class="check">
    <input type="checkbox" name="remember_browser" value="true" /> Remember this browser for 30 days
  </label>
)

const CodeForm = (props: {
  readonly state: string
  readonly factor: FactorType
  readonly fault: string | undefined
  readonly remember: boolean
}) => (
  <form method="post" action={`/u/mfa-challenge?state=${props.state}`}>
    <Hidden state={props.state} />
    <label for="code">{props.factor === 'recovery-code' ? 'Recovery code' : 'Code'}</label>
    <input
      id="code"
      name="code"
      class={props.factor === 'recovery-code' ? '' : 'code'}
      autocomplete="one-time-code"
      inputmode={props.factor === 'recovery-code' ? 'text' : 'numeric'}
      required
      aria-describedby={props.fault ? 'fault' : undefined}
    />
    {props.remember ? <RememberBox /> : null}
    <button type="submit">Continue</button>
  </form>
)

const DeviceForm = ({
  state,
  factor,
  remember,
}: {
  readonly state: string
  readonly factor: FactorType
  readonly remember: boolean
}) => (
  <div class="emulated">
    <p>Emulated device: {NAMES[factor]}</p>
    <form method="post" action={`/u/mfa-challenge?state=${state}`}>
      <Hidden state={state} />
      {remember ? <RememberBox /> : null}
      <button type="submit" name="device" value="approve">
        Approve
      </button>
      <button class="plain" type="submit" name="device" value="reject">
        Reject
      </button>
    </form>
  </div>
)

function Whereabouts({ factor }: { readonly factor: FactorType }) {
  if (factor === 'email')
    return (
      <p>
        The code is in the <a href="/emulator/mailbox">mailbox</a>.
      </p>
    )
  if (factor === 'phone')
    return (
      <p>
        The code is on the <a href="/emulator/phone">phone</a>.
      </p>
    )
  return (
    <p>
      The <a href="/emulator/phone">phone</a> shows it.
    </p>
  )
}

function challengePage(
  core: TenantCore,
  state: string,
  challenge: NonNullable<Transaction['challenge']>,
  remember: boolean,
  fault?: string,
) {
  const { factor, choices } = challenge
  const otherWay = challenge.ways?.[1]
  const others = choices.filter((choice) => choice !== factor)
  return documentOf(
    <Page title="Verify it is you" tenant={core.displayName}>
      <p class="lead">{LEADS[factor]}</p>
      <Alert text={fault} />
      {CODED.has(factor) ? (
        <CodeForm state={state} factor={factor} fault={fault} remember={remember} />
      ) : (
        <DeviceForm state={state} factor={factor} remember={remember} />
      )}
      {challenge.otpFallback ? (
        <>
          <p class="lead">No notification? Enter the code the app shows.</p>
          <CodeForm state={state} factor={factor} fault={fault} remember={remember} />
        </>
      ) : null}
      {factor === 'email' || factor === 'phone' ? (
        <form method="post" action={`/u/mfa-challenge?state=${state}`}>
          <Hidden state={state} />
          <button class="link" type="submit" name="factor" value={factor}>
            Send a new code
          </button>
        </form>
      ) : null}
      {otherWay ? (
        <form method="post" action={`/u/mfa-challenge?state=${state}`}>
          <Hidden state={state} />
          <input type="hidden" name="factor" value="phone" />
          <button class="link" type="submit" name="way" value={otherWay}>
            {otherWay === 'voice' ? 'Call me instead' : 'Send me a text message instead'}
          </button>
        </form>
      ) : null}
      {others.length > 0 ? (
        <form method="post" action={`/u/mfa-challenge?state=${state}`}>
          <Hidden state={state} />
          {others.map((other) => (
            <button class="link" type="submit" name="factor" value={other}>
              Use instead: {NAMES[other]}
            </button>
          ))}
        </form>
      ) : null}
      {CODED.has(factor) || challenge.otpFallback ? (
        <div class="emulated">
          <Whereabouts factor={factor} />
        </div>
      ) : null}
    </Page>,
  )
}

function screen(core: TenantCore, transaction: Transaction, state: string, fault?: string) {
  const hop = transaction.pending[0]
  const { challenge } = transaction
  if (challenge) return challengePage(core, state, challenge, asksToRemember(transaction), fault)
  return pickerPage(core, state, hop?.kind === 'challenge' ? hop.factors : [])
}

export function mountMfa(app: Hono, core: TenantCore) {
  const waiting = (c: Context, form: Record<string, string>) => {
    const state = c.req.query('state') ?? form.state ?? ''
    return { state, transaction: transactionOf(core, c, state, 'mfa') }
  }

  app.get('/u/mfa-challenge', (c) => {
    const { state, transaction } = waiting(c, {})
    return typeof transaction === 'string'
      ? invalidRequest(core, c, transaction)
      : c.html(screen(core, transaction, state))
  })

  app.post('/u/mfa-challenge', async (c) => {
    const form = await formOf(c)
    if (!form) return invalidRequest(core, c, 'body_not_urlencoded')
    const { state, transaction } = waiting(c, form)
    if (typeof transaction === 'string') return invalidRequest(core, c, transaction)

    const wanted = FACTOR_TYPES.find((type) => type === form.factor)
    const way = form.way === 'voice' || form.way === 'sms' ? form.way : undefined
    if (wanted && core.hops.chooseFactor(transaction, wanted, way))
      return c.redirect(`/u/mfa-challenge?state=${state}`, 302)

    const device = form.device === 'approve' || form.device === 'reject' ? form.device : undefined
    const next = await core.hops.answerChallenge(
      transaction,
      {
        ...(form.code === undefined ? {} : { code: form.code }),
        ...(device ? { device } : {}),
        rememberBrowser: form.remember_browser === 'true',
      },
      { ...factsOf(core, c), query: {} },
    )
    if (next === 'gone') return invalidRequest(core, c, 'state_unknown')
    if (next !== 'wrong') return goTo(c, next)
    return c.html(screen(core, transaction, state, 'That is not right. Try again.'), 400)
  })
}
