/**
 * What an Action asked for: one variant per `api.*` method that has an effect, named after the method.
 * The tenant carries them out; nothing here says how.
 */

/** Names are open: what is not a factor of the tenant is ignored, as on Auth0. There is no `sms`. */
export type FactorSelector = {
  readonly type:
    | 'otp'
    | 'email'
    | 'phone'
    | 'push'
    | 'push-notification'
    | 'recovery-code'
    | 'webauthn-platform'
    | 'webauthn-roaming'
    | (string & {})
  readonly options?: Readonly<Record<string, unknown>>
}

/** Both triggers. */
export type SharedCommand =
  | { readonly type: 'access.deny'; readonly reason: string }
  | { readonly type: 'redirect.sendUserTo'; readonly url: string }
  | {
      readonly type: 'prompt.render'
      readonly promptId: string
      /** Visible in the browser. */
      readonly fields: Readonly<Record<string, unknown>>
      /** Stay on the server. */
      readonly vars: Readonly<Record<string, unknown>>
    }
  | {
      readonly type: 'authentication.challengeWith'
      readonly factor: FactorSelector
      readonly additionalFactors: readonly FactorSelector[]
    }
  | {
      readonly type: 'authentication.challengeWithAny'
      readonly factors: readonly FactorSelector[]
    }

/** password-reset-post-challenge alone. */
export type PostChallengeCommand = {
  readonly type: 'transaction.setResultUrl'
  readonly url: string
}

/** post-login alone. */
export type PostLoginCommand =
  | {
      readonly type: 'authentication.enrollWith'
      readonly factor: FactorSelector
      readonly additionalFactors: readonly FactorSelector[]
    }
  | { readonly type: 'authentication.enrollWithAny'; readonly factors: readonly FactorSelector[] }
  | { readonly type: 'authentication.recordMethod'; readonly providerUrl: string }
  | { readonly type: 'authentication.setPrimaryUser'; readonly userId: string }
  | {
      readonly type: 'multifactor.enable'
      readonly provider: string
      readonly allowRememberBrowser?: boolean
      readonly providerOptions?: Readonly<Record<string, unknown>>
    }
  /** No `value` member when the Action passed `undefined`. */
  | { readonly type: 'accessToken.setCustomClaim'; readonly name: string; readonly value?: unknown }
  | { readonly type: 'idToken.setCustomClaim'; readonly name: string; readonly value?: unknown }
  | { readonly type: 'accessToken.addScope'; readonly scope: string }
  | { readonly type: 'accessToken.removeScope'; readonly scope: string }
  /** A `null` value removes the property. */
  | { readonly type: 'user.setAppMetadata'; readonly name: string; readonly value?: unknown }
  | { readonly type: 'user.setUserMetadata'; readonly name: string; readonly value?: unknown }
  /** The whole metadata of the transaction after the change. */
  | {
      readonly type: 'transaction.setMetadata'
      readonly metadata: Readonly<Record<string, string | number | boolean | null>>
    }
  | {
      readonly type: 'samlResponse.setAttribute'
      readonly attribute: string
      readonly value: unknown
    }
  /** One of the other setters: `name` is the SAML setting, e.g. `audience`. */
  | {
      readonly type: 'samlResponse.setConfiguration'
      readonly name: string
      readonly value?: unknown
    }
  | {
      readonly type: 'session.revoke'
      readonly reason: string
      readonly preserveRefreshTokens: boolean
    }
  /** Epoch milliseconds. */
  | { readonly type: 'session.setExpiresAt'; readonly absolute: number }
  | { readonly type: 'session.setIdleExpiresAt'; readonly idle: number }
  | { readonly type: 'session.setCookieMode'; readonly mode: 'persistent' | 'non-persistent' }
  /** The whole metadata after the change: set, delete and evict all end here. */
  | { readonly type: 'session.setMetadata'; readonly metadata: Readonly<Record<string, string>> }
  | { readonly type: 'refreshToken.revoke'; readonly reason: string }
  | { readonly type: 'refreshToken.setExpiresAt'; readonly absolute: number }
  | { readonly type: 'refreshToken.setIdleExpiresAt'; readonly idle: number }
  | {
      readonly type: 'refreshToken.setMetadata'
      readonly metadata: Readonly<Record<string, string>>
    }
  | { readonly type: 'validation.error'; readonly code: string; readonly message: string }

/** In the order the Action asked. Told apart by `type`. */
export type Command = SharedCommand | PostChallengeCommand | PostLoginCommand
