/** `api.refreshToken` of post-login (enterprise tenants; contract 3.2). */
import { REVOKE_REASON_CHARACTERS } from '../limits.ts'
import { isObject, type LegContext } from '../thread/leg-context.ts'
import { numberFaults, refuseFaults, textFaults } from './input-faults.ts'
import { EXPIRY_MISSING } from './session.ts'
import { createStoredMetadata } from './stored-metadata.ts'

export interface RefreshTokenApi {
  revoke(reason: string): void
  /** Epoch milliseconds. */
  setExpiresAt(absolute: number): void
  setIdleExpiresAt(idle: number): void
  setMetadata(key: string, value: string | null): void
  deleteMetadata(key: string): void
  evictMetadata(): void
}

/** Metadata may be set before there is a refresh token: it belongs to the one the flow will issue. */
export function refreshTokenApi(context: LegContext): RefreshTokenApi {
  const token = context.event.refresh_token
  const stored = createStoredMetadata(isObject(token) ? token : {})
  const publish = () => {
    // Without a token the event gets none: later Actions ask `if (event.refresh_token)`.
    if (isObject(token)) token.metadata = stored.all()
    context.record({ type: 'refreshToken.setMetadata', metadata: stored.all() })
  }
  const refuseOnline = (method: string) => {
    if (isObject(token) && token.access === 'online') {
      throw new Error(`Cannot call ${method} on an online refresh token.`)
    }
  }
  return {
    revoke(reason) {
      refuseFaults(
        reason === undefined ? [] : textFaults('message', reason, REVOKE_REASON_CHARACTERS),
      )
      context.record({ type: 'refreshToken.revoke', reason: reason ?? '' })
    },
    setExpiresAt(absolute) {
      refuseOnline('setExpiresAt')
      if (!absolute) throw new Error(EXPIRY_MISSING)
      refuseFaults(numberFaults('absolute', absolute))
      context.record({ type: 'refreshToken.setExpiresAt', absolute })
    },
    setIdleExpiresAt(idle) {
      refuseOnline('setIdleExpiresAt')
      if (!idle) throw new Error(EXPIRY_MISSING)
      refuseFaults(numberFaults('inactivity', idle))
      context.record({ type: 'refreshToken.setIdleExpiresAt', idle })
    },
    setMetadata(key, value) {
      try {
        refuseOnline('setMetadata')
        if (stored.set(key, value)) publish()
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        throw new Error(`Failed to set refresh token metadata: ${reason}`)
      }
    },
    deleteMetadata(key) {
      refuseOnline('deleteMetadata')
      if (stored.delete(key)) publish()
    },
    evictMetadata() {
      refuseOnline('evictMetadata')
      if (stored.clear()) publish()
    },
  }
}
