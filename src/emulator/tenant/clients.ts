/** Applications of the tenant. Members are spelt as in the Management API. */
import { type Random, randomName } from './identifiers.ts'
import { DEFAULT_REFRESH_POLICY, type RefreshTokenPolicy } from './refresh-tokens.ts'
import type { SamlSettings } from './saml-settings.ts'

export type AppType = 'regular_web' | 'spa' | 'native' | 'non_interactive'

interface ClientMembers {
  /** 32 letters and digits in Auth0. */
  readonly client_id: string
  readonly name: string
  readonly metadata: Readonly<Record<string, string>>
  /** Auth0's `initiate_login_uri`: the success screen leads there when no result URL is set. */
  readonly initiate_login_uri?: string
  readonly app_type: AppType
  readonly client_secret: string
  /** `none` for an application that cannot keep a secret. */
  readonly token_endpoint_auth_method: 'none' | 'client_secret_post' | 'client_secret_basic'
  /** Exact addresses an authorization response may go to. */
  readonly callbacks: readonly string[]
  readonly allowed_logout_urls: readonly string[]
  /** Origins of pages that may ask by script. */
  readonly web_origins: readonly string[]
  readonly grant_types: readonly string[]
  readonly refresh_token: RefreshTokenPolicy
  readonly organization_usage: 'deny' | 'allow' | 'require'
  readonly addons: { readonly samlp?: SamlSettings }
  /** Where the application wants to hear that a session is over. */
  readonly oidc_logout?: { readonly backchannel_logout_urls: readonly string[] }
}

export type Client = ClientMembers

export type ClientSeed = Pick<ClientMembers, 'client_id' | 'name'> &
  Partial<Omit<ClientMembers, 'refresh_token'>> & {
    readonly refresh_token?: Partial<RefreshTokenPolicy>
  }

export interface Clients {
  all(): readonly Client[]
  get(clientId: string): Client | undefined
  add(seed: ClientSeed): Client
  /** Puts a changed application in place of the one with its id. */
  replace(client: Client): void
  remove(clientId: string): boolean
}

/** What the demo and a tenant without options know: one ordinary web application. */
export const DEFAULT_CLIENT: ClientSeed = {
  client_id: 'EmulatedApplication0000000000000',
  name: 'Example application',
}

/** Auth0's defaults for a new application of each type. */
const GRANT_TYPES: Record<AppType, readonly string[]> = {
  regular_web: ['authorization_code', 'implicit', 'refresh_token', 'client_credentials'],
  spa: ['authorization_code', 'implicit', 'refresh_token'],
  native: ['authorization_code', 'implicit', 'refresh_token'],
  non_interactive: ['client_credentials'],
}

export function makeClient(seed: ClientSeed, secret: () => string): Client {
  const app_type = seed.app_type ?? 'regular_web'
  const isPublic = app_type === 'spa' || app_type === 'native'
  return {
    ...seed,
    metadata: { ...seed.metadata },
    app_type,
    client_secret: seed.client_secret ?? secret(),
    token_endpoint_auth_method:
      seed.token_endpoint_auth_method ?? (isPublic ? 'none' : 'client_secret_post'),
    callbacks: seed.callbacks ?? [],
    allowed_logout_urls: seed.allowed_logout_urls ?? [],
    web_origins: seed.web_origins ?? [],
    grant_types: seed.grant_types ?? GRANT_TYPES[app_type],
    refresh_token: { ...DEFAULT_REFRESH_POLICY, ...seed.refresh_token },
    organization_usage: seed.organization_usage ?? 'allow',
    addons: seed.addons ?? {},
  }
}

export function createClients(seeds: readonly ClientSeed[], random: Random): Clients {
  const clients = new Map<string, Client>()
  const add = (seed: ClientSeed) => {
    const client = makeClient(seed, () => randomName(random, 64))
    clients.set(client.client_id, client)
    return client
  }
  for (const seed of seeds) add(seed)
  return {
    all: () => [...clients.values()],
    get: (clientId) => clients.get(clientId),
    add,
    replace: (client) => {
      clients.set(client.client_id, client)
    },
    remove: (clientId) => clients.delete(clientId),
  }
}
