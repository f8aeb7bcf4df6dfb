/** `api.session` of post-login (enterprise tenants; contract 3.2). None of its methods returns `api`. */
import { isObject, type LegContext } from '../thread/leg-context.ts'
import {
  booleanFaults,
  numberFaults,
  objectFaults,
  refuseFaults,
  textFaults,
} from './input-faults.ts'
import { createStoredMetadata } from './stored-metadata.ts'

export interface SessionApi {
  revoke(reason: string, options?: { readonly preserveRefreshTokens?: boolean }): void
  /** Epoch milliseconds. */
  setExpiresAt(absolute: number): void
  setIdleExpiresAt(idle: number): void
  setCookieMode(mode: 'persistent' | 'non-persistent'): void
  setMetadata(key: string, value: string | null): void
  deleteMetadata(key: string): void
  evictMetadata(): void
}

export const EXPIRY_MISSING = 'Either inactivity or absolute expiration time must be provided'
const COOKIE_MODES: readonly string[] = ['persistent', 'non-persistent']

export function sessionApi(context: LegContext): SessionApi {
  const { session } = context.event
  const stored = isObject(session) ? createStoredMetadata(session) : undefined
  const publish = () => {
    if (!isObject(session) || stored === undefined) return
    session.metadata = stored.all()
    context.record({ type: 'session.setMetadata', metadata: stored.all() })
  }
  return {
    revoke(reason, options) {
      refuseFaults([
        ...(reason === undefined ? [] : textFaults('message', reason)),
        ...objectFaults('options', options, { allowed: ['preserveRefreshTokens'] }),
        ...booleanFaults('preserveRefreshTokens', options?.preserveRefreshTokens),
      ])
      const preserveRefreshTokens = options?.preserveRefreshTokens ?? false
      context.record({ type: 'session.revoke', reason: reason ?? '', preserveRefreshTokens })
    },
    setExpiresAt(absolute) {
      if (!absolute) throw new Error(EXPIRY_MISSING)
      refuseFaults(numberFaults('absolute', absolute))
      context.record({ type: 'session.setExpiresAt', absolute })
    },
    setIdleExpiresAt(idle) {
      if (!idle) throw new Error(EXPIRY_MISSING)
      refuseFaults(numberFaults('inactivity', idle))
      context.record({ type: 'session.setIdleExpiresAt', idle })
    },
    setCookieMode(mode) {
      if (!mode) throw new Error('Cookie mode must be provided')
      if (!COOKIE_MODES.includes(mode)) {
        throw new Error(
          `Invalid cookie mode: ${mode}. Valid values are 'persistent' and 'non-persistent'.`,
        )
      }
      context.record({ type: 'session.setCookieMode', mode })
      // An empty session object means none: it is not given a cookie.
      if (isObject(session) && Object.keys(session).length > 0) {
        session.cookie = { ...(isObject(session.cookie) ? session.cookie : {}), mode }
      }
    },
    setMetadata(key, value) {
      try {
        if (stored === undefined) {
          throw new Error('Cannot set metadata on a session that does not exist.')
        }
        if (stored.set(key, value)) publish()
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        throw new Error(`Failed to set session metadata: ${reason}`)
      }
    },
    deleteMetadata(key) {
      if (stored?.delete(key)) publish()
    },
    evictMetadata() {
      // Unlike a refresh token's, a session's empty metadata is written again.
      stored?.clear()
      publish()
    },
  }
}
