/**
 * Signing out with a browser. The session here ends at once; the one at the provider is ended by a link
 * of the page after it (OpenID Connect RP-Initiated Logout 1.0). A link, and not the same step: people
 * may share the provider with other applications, and no form of ours may lead to another site. No ID
 * token is sent along, because none is kept: the provider asks the person itself.
 */
import { type AdminContext, type AdminDeps, ProviderError } from './admin-deps.ts'
import type { Attempts } from './attempts.ts'
import { sendPlainPage } from './plain-page.ts'
import { ADMIN_HOME } from './return-path.ts'
import { endSession, hashSession, readSession } from './session-cookie.ts'

const SIGNED_OUT_PATH = '/admin/signed-out'
/** What the provider hands back with the person, who need not be sent there again. */
const BACK = 'back'

/**
 * Behind the gate, as the change that it is. Whom the proxy signed in is signed out by the proxy, at an
 * address that it serves itself.
 */
export function createSignOut({ store, publicOrigin }: AdminDeps) {
  return async function signOut(c: AdminContext): Promise<Response> {
    const session = readSession(c, publicOrigin)
    if (session !== undefined) await store.endSession(hashSession(session))
    endSession(c, publicOrigin)
    const byProxy = c.get('actor').name.startsWith('access:')
    return c.redirect(byProxy ? '/cdn-cgi/access/logout' : SIGNED_OUT_PATH, 303)
  }
}

/**
 * Open to everybody, so nothing of the request decides where its link leads, and `attempts` bounds what
 * the provider is asked.
 */
export function createSignedOut(deps: AdminDeps, attempts: Attempts) {
  const { publicOrigin, signIn, clientAddress } = deps

  async function providerUrl(c: AdminContext): Promise<string | undefined> {
    const address = clientAddress?.(c)
    if (signIn === undefined || !attempts.permits(address)) return undefined
    attempts.count(address)
    try {
      return await signIn.endUrl(`${publicOrigin}${SIGNED_OUT_PATH}`, BACK)
    } catch (error) {
      // The session here has ended all the same.
      if (error instanceof ProviderError) return undefined
      throw error
    }
  }

  return async function signedOut(c: AdminContext): Promise<Response> {
    // Nobody is to read here that they are signed out while they are not.
    if (readSession(c, publicOrigin) !== undefined) return c.redirect(ADMIN_HOME, 303)
    const isBack = c.req.query('state') === BACK
    const url = isBack ? undefined : await providerUrl(c)
    return await sendPlainPage(
      c,
      {
        title: 'You are signed out',
        text: [
          'Your session here has ended.',
          ...(isBack ? [] : ['Your provider may still have you signed in.']),
        ],
        next: { label: 'Sign in again', path: ADMIN_HOME },
        ...(url === undefined
          ? {}
          : { elsewhere: { label: 'Sign out at your provider too', url } }),
      },
      200,
    )
  }
}
