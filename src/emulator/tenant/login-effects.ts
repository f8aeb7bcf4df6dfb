/**
 * What the Actions of one login asked for that takes effect when the flow is at its end: claims, scopes,
 * metadata, session and refresh token (contract 3.2). Collected leg by leg, so that a redirect in between
 * loses nothing; those of an Action that denied or threw stand.
 */
import type { Command } from '../runtime/commands.ts'
import type { LifetimeChange } from './login-outcome.ts'

export interface SessionChange extends LifetimeChange {
  /** Revoked, and whether its refresh tokens live on. */
  revoked?: { readonly preserveRefreshTokens: boolean }
  cookieMode?: 'persistent' | 'non-persistent'
}

export interface LoginEffects {
  readonly idTokenClaims: Map<string, unknown>
  readonly accessTokenClaims: Map<string, unknown>
  /** In the order asked for: `add` and `remove` of the same scope do not commute. */
  readonly scopes: { readonly change: 'add' | 'remove'; readonly scope: string }[]
  readonly appMetadata: Map<string, unknown>
  readonly userMetadata: Map<string, unknown>
  transactionMetadata: Readonly<Record<string, string | number | boolean | null>>
  /** URLs of methods that were completed on other sites. */
  readonly recordedMethods: string[]
  primaryUserId?: string
  /** The last one wins. */
  multifactor?: Extract<Command, { type: 'multifactor.enable' }>
  readonly session: SessionChange
  readonly refreshToken: LifetimeChange & { revoked?: boolean }
  readonly saml: {
    readonly attributes: Map<string, unknown>
    readonly configuration: Map<string, unknown>
  }
}

export const noEffects = (): LoginEffects => ({
  idTokenClaims: new Map(),
  accessTokenClaims: new Map(),
  scopes: [],
  appMetadata: new Map(),
  userMetadata: new Map(),
  transactionMetadata: {},
  recordedMethods: [],
  session: {},
  refreshToken: {},
  saml: { attributes: new Map(), configuration: new Map() },
})

/** Of several expiries the earliest counts. */
const earlier = (one: number | undefined, other: number) => Math.min(one ?? other, other)

export function collectEffects(effects: LoginEffects, commands: readonly Command[]): void {
  for (const command of commands) collect(effects, command)
}

function collect(effects: LoginEffects, command: Command): void {
  const { session, refreshToken, saml } = effects
  switch (command.type) {
    case 'idToken.setCustomClaim':
      effects.idTokenClaims.set(command.name, command.value)
      break
    case 'accessToken.setCustomClaim':
      effects.accessTokenClaims.set(command.name, command.value)
      break
    case 'accessToken.addScope':
      effects.scopes.push({ change: 'add', scope: command.scope })
      break
    case 'accessToken.removeScope':
      effects.scopes.push({ change: 'remove', scope: command.scope })
      break
    case 'user.setAppMetadata':
      effects.appMetadata.set(command.name, command.value)
      break
    case 'user.setUserMetadata':
      effects.userMetadata.set(command.name, command.value)
      break
    case 'transaction.setMetadata':
      effects.transactionMetadata = command.metadata
      break
    case 'authentication.recordMethod':
      effects.recordedMethods.push(command.providerUrl)
      break
    case 'authentication.setPrimaryUser':
      effects.primaryUserId = command.userId
      break
    case 'multifactor.enable':
      effects.multifactor = command
      break
    case 'session.revoke':
      session.revoked = { preserveRefreshTokens: command.preserveRefreshTokens }
      break
    case 'session.setExpiresAt':
      session.expiresAtMs = earlier(session.expiresAtMs, command.absolute)
      break
    case 'session.setIdleExpiresAt':
      session.idleExpiresAtMs = earlier(session.idleExpiresAtMs, command.idle)
      break
    case 'session.setCookieMode':
      session.cookieMode = command.mode
      break
    case 'session.setMetadata':
      session.metadata = command.metadata
      break
    case 'refreshToken.revoke':
      refreshToken.revoked = true
      break
    case 'refreshToken.setExpiresAt':
      refreshToken.expiresAtMs = earlier(refreshToken.expiresAtMs, command.absolute)
      break
    case 'refreshToken.setIdleExpiresAt':
      refreshToken.idleExpiresAtMs = earlier(refreshToken.idleExpiresAtMs, command.idle)
      break
    case 'refreshToken.setMetadata':
      refreshToken.metadata = command.metadata
      break
    case 'samlResponse.setAttribute':
      saml.attributes.set(command.attribute, command.value)
      break
    case 'samlResponse.setConfiguration':
      saml.configuration.set(command.name, command.value)
      break
    default:
      break
  }
}

/** The scopes that were asked for, after what Actions added and removed. */
export function scopesAfter(asked: readonly string[], effects: LoginEffects): readonly string[] {
  const scopes = new Set(asked)
  for (const { change, scope } of effects.scopes)
    if (change === 'add') scopes.add(scope)
    else scopes.delete(scope)
  return [...scopes]
}
