/**
 * Which client may act for itself at which API, and with which scopes: Auth0's client grants.
 */

export interface ClientGrantSeed {
  readonly client_id: string
  /** An API's identifier, or `management` for the tenant's own whichever host names it. */
  readonly audience: string
  /** Absent: every scope there is. */
  readonly scope?: readonly string[]
}

export interface ClientGrant {
  readonly id: string
  readonly client_id: string
  readonly audience: string
  readonly scope: readonly string[]
}

export interface ManagementGrants {
  all(): readonly ClientGrant[]
  /** Whether this audience is the tenant's own API. */
  isAudience(audience: string, origin: string): boolean
  /** The scopes of a grant; undefined without one. */
  grantOf(clientId: string, audience: string): readonly string[] | undefined
}

const VERBS = ['create', 'read', 'update', 'delete'] as const
const OBJECTS = [
  'users',
  'users_app_metadata',
  'user_tickets',
  'actions',
  'clients',
  'client_grants',
  'connections',
  'resource_servers',
  'organizations',
  'roles',
  'logs',
  'logs_users',
  'tenant_settings',
  'custom_domains',
] as const

/** The scopes of the part of the Management API that is emulated. */
export const MANAGEMENT_SCOPES: readonly string[] = OBJECTS.flatMap((object) =>
  VERBS.map((verb) => `${verb}:${object}`),
)

export function createManagementGrants(
  seeds: readonly ClientGrantSeed[],
  hosts: readonly string[],
): ManagementGrants {
  const grants = seeds.map(
    ({ client_id, audience, scope }, index): ClientGrant => ({
      id: `cgr_${index + 1}`,
      client_id,
      audience,
      scope: scope ?? (audience === 'management' ? MANAGEMENT_SCOPES : []),
    }),
  )
  return {
    all: () => grants,
    isAudience: (audience, origin) =>
      audience === `${origin}/api/v2/` ||
      hosts.some((host) => audience === `https://${host}/api/v2/`),
    grantOf: (clientId, audience) =>
      grants.find((grant) => grant.client_id === clientId && grant.audience === audience)?.scope,
  }
}
