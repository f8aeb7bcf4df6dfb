/**
 * Signing in with a browser. What has to be kept while the person is at the provider lives in
 * a signed cookie of ten minutes; a session begins only with a valid answer and a role.
 */
import { getSignedCookie, setCookie, setSignedCookie } from 'hono/cookie'
import {
  type AdminContext,
  type AdminDeps,
  type Identified,
  ProviderError,
  type SignIn,
} from './admin-deps.ts'
import type { Attempts } from './attempts.ts'
import { refusal } from './gate.ts'
import { sendPlainPage } from './plain-page.ts'
import type { Problem } from './problem.ts'
import { ADMIN_HOME, returnPathOf } from './return-path.ts'
import {
  cookieOptions,
  cookiePrefix,
  hashSession,
  keepSession,
  newSession,
  readSession,
  SESSION_SECONDS,
} from './session-cookie.ts'

const TRANSACTION_COOKIE = 'rv_admin_login'
const TRANSACTION_SECONDS = 600
const CALLBACK_PATH = '/admin/callback'

/** What the signed cookie holds. */
interface Transaction {
  readonly kept: string
  readonly return: string
  /** Epoch seconds: a cookie's own end is a wish of ours, and nothing that a thief would heed. */
  readonly until: number
}

/** `attempts` counts sign-ins that were begun and not completed. */
export function createSignInPages(
  deps: AdminDeps,
  signIn: SignIn,
  sessionSecret: string,
  attempts: Attempts,
) {
  const { store, clock, publicOrigin, clientAddress, sessionSeconds = SESSION_SECONDS } = deps
  const prefix = cookiePrefix(publicOrigin)
  const options = cookieOptions(publicOrigin)
  // Apart from what else the secret is for.
  const signingKey = `redirect-verifier/admin-login/1\0${sessionSecret}`

  async function login(c: AdminContext): Promise<Response> {
    const address = clientAddress?.(c)
    if (!attempts.permits(address)) return await refusal(c, TOO_MANY)
    attempts.count(address)
    const begun = await asking(() => signIn.start(`${publicOrigin}${CALLBACK_PATH}`))
    if (begun === undefined) return await refusal(c, PROVIDER_DOWN)
    const transaction: Transaction = {
      kept: begun.transaction,
      return: returnPathOf(c.req.query('return'), publicOrigin),
      until: clock() + TRANSACTION_SECONDS,
    }
    await setSignedCookie(c, TRANSACTION_COOKIE, JSON.stringify(transaction), signingKey, {
      ...options,
      maxAge: TRANSACTION_SECONDS,
    })
    return c.redirect(begun.url, 303)
  }

  async function callback(c: AdminContext): Promise<Response> {
    const address = clientAddress?.(c)
    if (!attempts.permits(address)) return await refusal(c, TOO_MANY)
    const text = await getSignedCookie(c, signingKey, TRANSACTION_COOKIE, prefix)
    const transaction = typeof text === 'string' ? readTransaction(text) : undefined
    // Whatever comes of it, it was the only answer to this transaction.
    setCookie(c, TRANSACTION_COOKIE, '', { ...options, maxAge: 0 })
    if (transaction === undefined || transaction.until <= clock()) {
      return await failedPage(c, 'You took longer than ten minutes, or began in another browser.')
    }
    const { search } = new URL(c.req.url)
    // Of the configured origin: what a proxy in front calls us is not what the provider was told.
    const url = new URL(`${publicOrigin}${CALLBACK_PATH}${search}`)
    const asked = await asking(async () => ({
      identified: await signIn.complete(url, transaction.kept),
    }))
    if (asked === undefined) return await refusal(c, PROVIDER_DOWN)
    const { identified } = asked
    if (identified === undefined) {
      attempts.count(address)
      return await failedPage(c, 'Your provider did not sign you in, or its answer is not valid.')
    }
    return await admitted(c, identified, returnPathOf(transaction.return, publicOrigin))
  }

  async function admitted(c: AdminContext, person: Identified, to: string): Promise<Response> {
    const { subject, displayName, role } = person
    if (role === undefined) {
      return await sendPlainPage(
        c,
        {
          title: 'No role here',
          text: [
            `You are known as ${displayName} (${subject}), and nothing gives you a role here.`,
            'Ask whoever looks after the roles for viewer, operator or admin, then sign in again.',
          ],
          next: { label: 'Sign in again', path: '/admin/login' },
        },
        403,
      )
    }
    const previous = readSession(c, publicOrigin)
    if (previous !== undefined) await store.endSession(hashSession(previous))
    const session = newSession(deps.random)
    await store.addSession({
      hash: hashSession(session),
      actor: { name: `oidc:${subject}`, role },
      displayName,
      seconds: sessionSeconds,
    })
    keepSession(c, publicOrigin, session, sessionSeconds)
    return c.redirect(to, 303)
  }

  return { login, callback }
}

const TOO_MANY: Problem = {
  code: 'too_many',
  detail: 'Too many sign-ins were begun from your network. Wait a minute.',
  retryAfterSeconds: 60,
}

const PROVIDER_DOWN: Problem = {
  code: 'unavailable',
  detail: 'The provider that signs you in does not answer. Try again in a minute.',
  retryAfterSeconds: 30,
}

const failedPage = (c: AdminContext, why: string): Promise<Response> =>
  sendPlainPage(
    c,
    {
      title: 'You are not signed in',
      text: [why],
      next: { label: 'Sign in again', path: '/admin/login' },
    },
    400,
  )

async function asking<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof ProviderError) return undefined
    throw error
  }
}

/** Signed by us, so it is what we wrote, or the writing of another build. */
function readTransaction(text: string): Transaction | undefined {
  try {
    const value = JSON.parse(text) as Partial<Transaction> | null
    if (typeof value?.kept !== 'string' || typeof value.until !== 'number') return undefined
    return { kept: value.kept, return: value.return ?? ADMIN_HOME, until: value.until }
  } catch {
    return undefined
  }
}
