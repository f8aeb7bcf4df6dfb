/** `api.accessToken` and `api.idToken` of post-login: what goes into the tokens, which are made later. */
import { RESERVED_CLAIMS, SCOPE_CHARACTERS, SCOPES_ADDED } from '../limits.ts'
import type { LegContext } from '../thread/leg-context.ts'

export interface IdTokenApi<Api> {
  setCustomClaim(name: string, value: unknown): Api
}

export interface AccessTokenApi<Api> extends IdTokenApi<Api> {
  addScope(scope: string): void
  removeScope(scope: string): void
}

export function idTokenApi<Api>(context: LegContext, api: () => Api): IdTokenApi<Api> {
  return {
    setCustomClaim(name, value) {
      refuseReserved(name)
      context.record({ type: 'idToken.setCustomClaim', name, value })
      return api()
    },
  }
}

export function accessTokenApi<Api>(context: LegContext, api: () => Api): AccessTokenApi<Api> {
  const added = new Set<string>()
  return {
    setCustomClaim(name, value) {
      refuseReserved(name)
      context.record({ type: 'accessToken.setCustomClaim', name, value })
      return api()
    },
    addScope(given) {
      const scope = scopeOf(given)
      if (added.size >= SCOPES_ADDED && !added.has(scope)) {
        throw new Error(`The number of scopes exceeds the allowed maximum of ${SCOPES_ADDED}.`)
      }
      added.add(scope)
      context.record({ type: 'accessToken.addScope', scope })
    },
    removeScope(given) {
      const scope = scopeOf(given)
      added.delete(scope)
      context.record({ type: 'accessToken.removeScope', scope })
    },
  }
}

function refuseReserved(name: string): void {
  if (RESERVED_CLAIMS.includes(name)) {
    throw new Error(`The ${JSON.stringify(name)} claim cannot be set.`)
  }
}

function scopeOf(given: unknown): string {
  if (typeof given !== 'string') throw new TypeError('The value for the scope must be a string.')
  const scope = given.trim()
  if (scope === '') throw new Error('The value for the scope is required.')
  if (scope.length > SCOPE_CHARACTERS) {
    throw new Error(
      `The value for the scope exceeds the allowed maximum of ${SCOPE_CHARACTERS} characters.`,
    )
  }
  if (/\s/.test(scope)) throw new Error('The value for the scope must not have whitespace.')
  return scope
}
