/**
 * Where a person at the emulator finds what the tenant sent: the mailbox, and a phone with text messages
 * and an authenticator app.
 */
import type { Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import { documentOf, Page } from './page.tsx'

const at = (epochMs: number) =>
  `${new Date(epochMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`

function mailboxPage(core: TenantCore) {
  const mails = [...core.mailbox.all()].reverse()
  return documentOf(
    <Page title="Mailbox" tenant={core.displayName} wide>
      <p class="lead">Every mail of this tenant, newest first. None of them was sent.</p>
      <ul class="rows">
        {mails.length === 0 ? <li>No mail yet.</li> : null}
        {mails.map((mail) => (
          <li>
            <h2>{mail.subject}</h2>
            <div class="meta">
              To {mail.to} · {at(mail.atMs)}
            </div>
            <p>{mail.text}</p>
            {mail.link === undefined ? null : (
              <a class="button" href={mail.link} rel="noreferrer">
                Open the link
              </a>
            )}
            {mail.code === undefined ? null : <div class="big">{mail.code}</div>}
          </li>
        ))}
      </ul>
    </Page>,
  )
}

/** Factors whose app or paper is looked at here. */
const SHOWN: ReadonlySet<string> = new Set(['otp', 'push-notification', 'recovery-code'])

async function phonePage(core: TenantCore) {
  const messages = [...core.phoneInbox.all()].reverse()
  const holders = core.users
    .all()
    .filter((user) => user.factors.some(({ type }) => SHOWN.has(type)))
  const apps = await Promise.all(
    holders.map(async (user) => {
      const recovery = user.factors.find(({ type }) => type === 'recovery-code')
      return {
        email: user.email,
        recovery: recovery?.type === 'recovery-code' ? recovery.code : undefined,
        code: user.factors.some(({ type }) => type === 'otp')
          ? await core.users.oneTimePassword(user.user_id)
          : undefined,
        push: user.factors.some(({ type }) => type === 'push-notification')
          ? await core.users.oneTimePassword(user.user_id, 'push-notification')
          : undefined,
      }
    }),
  )
  return documentOf(
    <Page title="Phone" tenant={core.displayName} wide>
      <p class="lead">
        Text messages, authenticator codes and recovery codes of the emulated users.
      </p>
      <ul class="rows">
        {messages.length + apps.length === 0 ? <li>Nothing here yet.</li> : null}
        {messages.map((message) => (
          <li>
            <h2>{message.via === 'voice' ? 'Call' : 'Text message'}</h2>
            <div class="meta">
              To {message.to} · {at(message.atMs)}
            </div>
            <p>{message.text}</p>
          </li>
        ))}
        {apps.map(({ email, code, push, recovery }) => (
          <li>
            <h2>{email}</h2>
            {code === undefined ? null : (
              <>
                <div class="meta">Authenticator app</div>
                <div class="big">{code}</div>
              </>
            )}
            {push === undefined ? null : (
              <>
                <div class="meta">App for push notifications</div>
                <div class="big">{push}</div>
              </>
            )}
            {recovery === undefined ? null : (
              <>
                <div class="meta">Recovery code</div>
                <p>{recovery}</p>
              </>
            )}
          </li>
        ))}
      </ul>
    </Page>,
  )
}

export function mountInboxPages(app: Hono, core: TenantCore) {
  app.get('/emulator/mailbox', (c) => c.html(mailboxPage(core)))
  app.get('/emulator/phone', async (c) => c.html(await phonePage(core)))
}
