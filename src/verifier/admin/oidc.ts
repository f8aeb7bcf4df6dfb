/**
 * Signing in at an OpenID provider, with the certified client: discovery, authorization code with PKCE,
 * state, nonce, and the ID token's signature although it comes from the provider itself. Roles come
 * from one claim of the ID token, by the configuration.
 */
import { Buffer } from 'node:buffer'
import * as client from 'openid-client'
import type { OidcSettings } from '../config-admin.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../ports.ts'
import { type Identified, ProviderError, type SignIn } from './admin-deps.ts'
import { highestRole } from './roles.ts'

export interface OidcParts {
  readonly settings: OidcSettings
  readonly clientSecret?: string
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
  readonly log: Log
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
}

const TIMEOUT_SECONDS = 5
/** Endpoints and keys of a provider move within days; keys that are unknown are asked for at once. */
const DISCOVERY_SECONDS = 3600
const RANDOM_BYTES = 32

/** What is kept until the person is back; nobody needs it afterwards. */
interface Kept {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

/** Asks the provider nothing before the first sign-in. */
export function createSignIn(parts: OidcParts): SignIn {
  const { settings, clock, random, log } = parts
  // A value and no promise: on Workers a promise of one request must not be awaited by another.
  let known: { readonly config: client.Configuration; readonly at: number } | undefined

  async function configuration(): Promise<client.Configuration> {
    if (known !== undefined && Math.abs(clock() - known.at) < DISCOVERY_SECONDS) return known.config
    const config = await discover(parts)
    known = { config, at: clock() }
    return config
  }

  const fail = (error: unknown) => {
    log('failure', {
      where: 'oidc',
      error_class: error instanceof Error ? error.name : 'Thrown',
      store_error: codeOf(error),
    })
  }

  return {
    async start(redirectUri) {
      const word = () => Buffer.from(random(RANDOM_BYTES)).toString('base64url')
      const kept: Kept = { state: word(), nonce: word(), verifier: word() }
      try {
        const url = client.buildAuthorizationUrl(await configuration(), {
          redirect_uri: redirectUri,
          scope: settings.scope,
          state: kept.state,
          nonce: kept.nonce,
          code_challenge: await client.calculatePKCECodeChallenge(kept.verifier),
          code_challenge_method: 'S256',
        })
        return { url: url.href, transaction: JSON.stringify(kept) }
      } catch (error) {
        fail(error)
        throw new ProviderError()
      }
    },
    async complete(callbackUrl, transaction) {
      const kept = readKept(transaction)
      if (kept === undefined) return undefined
      try {
        const tokens = await client.authorizationCodeGrant(await configuration(), callbackUrl, {
          expectedState: kept.state,
          expectedNonce: kept.nonce,
          pkceCodeVerifier: kept.verifier,
          idTokenExpected: true,
        })
        return identifiedBy(tokens.claims(), settings)
      } catch (error) {
        fail(error)
        if (isAnswer(error)) return undefined
        throw new ProviderError()
      }
    },
    async endUrl(returnTo, state) {
      try {
        const config = await configuration()
        if (config.serverMetadata().end_session_endpoint === undefined) return undefined
        const sent = { post_logout_redirect_uri: returnTo, state }
        const url = client.buildEndSessionUrl(config, sent)
        // It becomes a link, and where the issuer has no TLS the library lets it have any scheme.
        const isSafe = url.protocol === 'https:' || url.origin === new URL(settings.issuer).origin
        return isSafe ? url.href : undefined
      } catch (error) {
        fail(error)
        throw new ProviderError()
      }
    },
  }
}

function discover({ settings, clientSecret, fetch }: OidcParts): Promise<client.Configuration> {
  const authentication =
    clientSecret === undefined
      ? client.None()
      : settings.clientAuthentication === 'basic'
        ? client.ClientSecretBasic(clientSecret)
        : client.ClientSecretPost(clientSecret)
  // Only a localhost name of the configuration may be asked without TLS.
  const plain = settings.issuer.startsWith('http:')
  return client.discovery(new URL(settings.issuer), settings.clientId, undefined, authentication, {
    timeout: TIMEOUT_SECONDS,
    execute: [client.enableNonRepudiationChecks, ...(plain ? [client.allowInsecureRequests] : [])],
    [client.customFetch]: (url, init) => fetch(url, init as RequestInit),
  })
}

function identifiedBy(
  claims: client.IDToken | undefined,
  { rolesClaim, roles }: OidcSettings,
): Identified | undefined {
  // OpenID Connect Core, section 2: at most 255 ASCII characters.
  if (claims === undefined || !/^[\x20-\x7e]{1,255}$/.test(claims.sub)) return undefined
  const held = wordsOf(claims[rolesClaim]).map((word) => roles.get(word))
  const role = highestRole(held)
  return {
    subject: claims.sub,
    displayName: nameOf(claims),
    ...(role === undefined ? {} : { role }),
  }
}

const wordsOf = (claim: unknown): readonly string[] =>
  (Array.isArray(claim) ? claim : [claim]).filter((word) => typeof word === 'string')

const NAME_CHARACTERS = 100

function nameOf({ email, name, sub }: client.IDToken): string {
  const found = [email, name].find((text) => typeof text === 'string' && text.trim() !== '')
  return (typeof found === 'string' ? found : sub).replace(/\p{C}/gu, '').slice(0, NAME_CHARACTERS)
}

/** Said by the provider or found wrong in what it said, as against not reached. */
function isAnswer(error: unknown): boolean {
  if (error instanceof client.AuthorizationResponseError) return true
  if (error instanceof client.ResponseBodyError) return error.status < 500
  return error instanceof client.ClientError && !NOT_REACHED.has(error.code ?? '')
}

const NOT_REACHED = new Set([
  '',
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
])

function codeOf(error: unknown): string | undefined {
  const { code, error: word } = (error ?? {}) as {
    readonly code?: unknown
    readonly error?: unknown
  }
  return typeof word === 'string' ? word : typeof code === 'string' ? code : undefined
}

/** Signed by us, so it is what we wrote, or the writing of another build. */
function readKept(text: string): Kept | undefined {
  try {
    const { state, nonce, verifier } = (JSON.parse(text) ?? {}) as Partial<Kept>
    if (![state, nonce, verifier].every((word) => typeof word === 'string' && word !== ''))
      return undefined
    return { state, nonce, verifier } as Kept
  } catch {
    return undefined
  }
}
