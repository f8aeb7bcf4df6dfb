/**
 * The parameters of `/authorize`, checked against the client. First what decides whether the application
 * can be answered at all (RFC 6749 section 4.1.2.1), then the rest.
 */
import { firstUrl, isAllowedUrl } from './allowed-urls.ts'
import type { Client, Clients } from './clients.ts'
import type { LoginError } from './login-answer.ts'
import type { LoginRequest, OidcReturn, ResponseMode, ResponseType } from './login-request.ts'
import type { TenantSettings } from './management-settings.ts'
import type { Organization, Organizations } from './organizations.ts'
import type { ResourceServers } from './resource-servers.ts'

export type CheckedAuthorization =
  | { readonly kind: 'accepted'; readonly request: LoginRequest }
  /** The answer goes to the application. */
  | { readonly kind: 'refused'; readonly returnTo: OidcReturn; readonly fault: LoginError }
  /** Nothing may be sent anywhere: the person reads it. */
  | { readonly kind: 'unsafe'; readonly fault: LoginError }

interface Known {
  readonly clients: Clients
  readonly settings: TenantSettings
  readonly loginSide: {
    readonly organizations: Organizations
    readonly resourceServers: ResourceServers
  }
}

type Parameters = Readonly<Record<string, string>>

const words = (text: string | undefined) => (text ?? '').split(' ').filter((word) => word !== '')

const RESPONSE_TYPES: Readonly<Record<string, LoginRequest['protocol']>> = {
  code: 'oidc-basic-profile',
  id_token: 'oidc-implicit-profile',
  token: 'oidc-implicit-profile',
  'id_token token': 'oidc-implicit-profile',
  'code id_token': 'oidc-hybrid-profile',
  'code token': 'oidc-hybrid-profile',
  'code id_token token': 'oidc-hybrid-profile',
}

const RESPONSE_MODES: readonly ResponseMode[] = ['query', 'fragment', 'form_post', 'web_message']

const unsafe = (error: string, description: string): CheckedAuthorization => ({
  kind: 'unsafe',
  fault: { error, description },
})

export function checkAuthorization(
  known: Known,
  parameters: Parameters,
  origin: string,
): CheckedAuthorization {
  const client = known.clients.get(parameters.client_id ?? '')
  if (!client) return unsafe('invalid_request', `Unknown client: ${parameters.client_id ?? ''}`)
  const redirectUri = parameters.redirect_uri ?? firstUrl(client.callbacks)
  if (redirectUri === undefined || !isAllowedUrl(client.callbacks, redirectUri))
    return unsafe(
      'invalid_request',
      'Callback URL mismatch. The provided redirect_uri is not in the list of allowed callback URLs.',
    )
  const responseType = words(parameters.response_type).sort() as ResponseType[]
  const implied = responseType.join(' ') === 'code' ? 'query' : 'fragment'
  const responseMode = RESPONSE_MODES.find((mode) => mode === parameters.response_mode) ?? implied
  if (responseMode === 'web_message' && !mayBeTold(client, redirectUri))
    return unsafe(
      'invalid_request',
      `The specified redirect_uri '${redirectUri}' does not have a registered origin.`,
    )
  const returnTo: OidcReturn = {
    kind: 'oidc',
    redirectUri,
    responseMode,
    responseType,
    ...(parameters.state === undefined ? {} : { state: parameters.state }),
    ...(parameters.nonce === undefined ? {} : { nonce: parameters.nonce }),
    ...(parameters.code_challenge === undefined
      ? {}
      : { codeChallenge: parameters.code_challenge }),
  }
  const organization = organizationOf(known, client, parameters)
  const fault =
    faultOf(parameters, returnTo) ??
    audienceFault(known, parameters) ??
    ('error' in organization ? organization : undefined)
  if (fault) return { kind: 'refused', returnTo, fault }
  const found = 'error' in organization ? undefined : organization.found
  return {
    kind: 'accepted',
    request: requestOf(known, client, parameters, origin, returnTo, found),
  }
}

/** A message must only reach a page of the application. */
const mayBeTold = ({ web_origins }: Client, redirectUri: string) =>
  web_origins.includes(new URL(redirectUri).origin)

const refusal = (error: string, description: string): LoginError => ({ error, description })

function faultOf(parameters: Parameters, returnTo: OidcReturn): LoginError | undefined {
  const { responseType, responseMode } = returnTo
  if (parameters.response_type === undefined)
    return refusal('invalid_request', 'Missing required parameter: response_type')
  if (!(responseType.join(' ') in RESPONSE_TYPES))
    return refusal(
      'unsupported_response_type',
      `Unsupported response type: ${parameters.response_type}`,
    )
  const asked = parameters.response_mode
  if (asked !== undefined && !RESPONSE_MODES.some((mode) => mode === asked))
    return refusal('invalid_request', `Unsupported response mode: ${asked}`)
  const carriesTokens = responseType.some((type) => type !== 'code')
  if (carriesTokens && responseMode === 'query')
    return refusal('invalid_request', 'response_mode query is not allowed for tokens')
  if (responseType.includes('id_token') && !parameters.nonce)
    return refusal('invalid_request', 'Missing required parameter: nonce')
  if (parameters.code_challenge !== undefined) {
    if (parameters.code_challenge_method !== 'S256')
      return refusal('invalid_request', 'code_challenge_method must be S256')
    if (!/^[A-Za-z0-9_-]{43}$/.test(parameters.code_challenge))
      return refusal('invalid_request', 'code_challenge is not a SHA-256 digest in base64url')
  }
  const prompt = words(parameters.prompt)
  if (prompt.includes('none') && prompt.length > 1)
    return refusal('invalid_request', 'prompt none goes with no other value')
  if (parameters.max_age !== undefined && !/^\d{1,9}$/.test(parameters.max_age))
    return refusal('invalid_request', 'max_age must be a number of seconds')
  return undefined
}

const audienceOf = ({ settings }: Known, parameters: Parameters) =>
  parameters.audience || settings.default_audience || undefined

function audienceFault(known: Known, parameters: Parameters): LoginError | undefined {
  const audience = audienceOf(known, parameters)
  if (audience === undefined || known.loginSide.resourceServers.get(audience)) return undefined
  return refusal('access_denied', `Service not found: ${audience}`)
}

function organizationOf(
  { loginSide }: Known,
  client: Client,
  parameters: Parameters,
): { readonly found: Organization | undefined } | LoginError {
  const asked = parameters.organization
  if (asked === undefined)
    return client.organization_usage === 'require'
      ? refusal('invalid_request', 'parameter organization is required for this client')
      : { found: undefined }
  if (client.organization_usage === 'deny')
    return refusal('invalid_request', 'parameter organization is not allowed for this client')
  const found = loginSide.organizations.get(asked)
  return found
    ? { found }
    : refusal('invalid_request', 'parameter organization is not one of this tenant')
}

function requestOf(
  known: Known,
  client: Client,
  parameters: Parameters,
  origin: string,
  returnTo: OidcReturn,
  organization: Organization | undefined,
): LoginRequest {
  const { max_age, login_hint, screen_hint } = parameters
  const audience = audienceOf(known, parameters)
  return {
    protocol: RESPONSE_TYPES[returnTo.responseType.join(' ')] ?? 'oidc-basic-profile',
    clientId: client.client_id,
    origin,
    returnTo,
    // Auth0 grants the profile to a request that names no scope.
    scope:
      parameters.scope === undefined ? ['openid', 'profile', 'email'] : words(parameters.scope),
    ...(audience === undefined ? {} : { audience }),
    prompt: words(parameters.prompt),
    ...(max_age === undefined ? {} : { maxAgeSeconds: Number(max_age) }),
    ...(login_hint === undefined ? {} : { loginHint: login_hint }),
    ...(screen_hint === undefined ? {} : { screenHint: screen_hint }),
    uiLocales: words(parameters.ui_locales),
    acrValues: words(parameters.acr_values),
    ...(organization ? { organizationId: organization.id } : {}),
    query: parameters,
  }
}
