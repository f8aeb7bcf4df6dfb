/**
 * Back-channel logout: tells the applications of a session that an Action revoked that it is over
 * (OpenID Connect Back-Channel Logout 1.0). Sent after the answer; nobody waits for it.
 */
import { SignJWT } from 'jose'
import type { Clients } from './clients.ts'
import type { TenantClock } from './clock.ts'
import { type Random, randomName } from './identifiers.ts'
import type { Keys } from './keys.ts'
import type { Session } from './sessions.ts'
import type { Trace } from './trace.ts'

export interface BackchannelLogout {
  /** To every application of the session that has an address for it. */
  tell(session: Session, about: { readonly issuer: string; readonly transaction: string }): void
}

export interface BackchannelLogoutOptions {
  readonly clients: Clients
  readonly clock: TenantClock
  readonly random: Random
  readonly keys: Keys
  readonly trace: Trace
  readonly outgoing: Outgoing
}

/** How the tenant reaches an application by itself. */
export type Outgoing = (request: Request) => Promise<Response>

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
/** Section 2.4 advises at most two minutes. */
const LIFETIME_SECONDS = 120

export function createBackchannelLogout(options: BackchannelLogoutOptions): BackchannelLogout {
  const { clients, clock, random, keys, trace, outgoing } = options

  const sign = async ({ id, userId }: Session, clientId: string, issuer: string) => {
    const { kid, privateKey } = await keys.signing()
    const iat = Math.floor(clock.now() / 1000)
    return new SignJWT({
      iss: issuer,
      sub: userId,
      aud: clientId,
      iat,
      exp: iat + LIFETIME_SECONDS,
      jti: randomName(random, 22),
      sid: id,
      events: { [EVENT]: {} },
    })
      .setProtectedHeader({ alg: 'RS256', typ: 'logout+jwt', kid })
      .sign(privateKey)
  }

  const send = async (url: string, token: string): Promise<number | undefined> => {
    try {
      const body = new URLSearchParams({ logout_token: token })
      return (await outgoing(new Request(url, { method: 'POST', body }))).status
    } catch {
      // Nobody there: the session is over all the same.
      return undefined
    }
  }

  return {
    tell: (session, { issuer, transaction }) => {
      for (const clientId of session.clientIds)
        for (const url of clients.get(clientId)?.oidc_logout?.backchannel_logout_urls ?? [])
          void sign(session, clientId, issuer)
            .then((token) => send(url, token))
            .then((status) =>
              trace.record('logout.told', {
                who: 'tenant',
                text: `tells ${clientId} that the session is over: ${status ?? 'no answer'}`,
                transaction,
                data: { client_id: clientId, url, ...(status === undefined ? {} : { status }) },
              }),
            )
    },
  }
}
