/** APIs of the tenant: what an application may name as `audience`, and how long a token for it lives. */

export interface ResourceServerSeed {
  /** The audience. */
  readonly identifier: string
  readonly name?: string
  readonly scopes?: readonly { readonly value: string; readonly description?: string }[]
  /** Seconds; a day by default. */
  readonly token_lifetime?: number
  readonly allow_offline_access?: boolean
}

export interface ResourceServer {
  readonly id: string
  readonly identifier: string
  readonly name: string
  readonly scopes: readonly { readonly value: string; readonly description?: string }[]
  readonly token_lifetime: number
  readonly allow_offline_access: boolean
}

export interface ResourceServers {
  all(): readonly ResourceServer[]
  get(identifier: string): ResourceServer | undefined
}

/** Auth0's default lifetime of an access token. */
export const ACCESS_TOKEN_SECONDS = 86_400

export function createResourceServers(seeds: readonly ResourceServerSeed[]): ResourceServers {
  const servers = seeds.map(
    (seed, index): ResourceServer => ({
      id: `api_${index + 1}`,
      identifier: seed.identifier,
      name: seed.name ?? seed.identifier,
      scopes: seed.scopes ?? [],
      token_lifetime: seed.token_lifetime ?? ACCESS_TOKEN_SECONDS,
      allow_offline_access: seed.allow_offline_access ?? true,
    }),
  )
  return {
    all: () => servers,
    get: (identifier) => servers.find((server) => server.identifier === identifier),
  }
}
