/** What a tenant may be made of, and what it is made of when nothing is said. */
import type { Outgoing } from './backchannel-logout.ts'
import { type ClientSeed, DEFAULT_CLIENT } from './clients.ts'
import { type Connection, DEFAULT_CONNECTION } from './connection.ts'
import type { Bindings } from './deployed-actions.ts'
import type { CustomDomain, EventOverrides } from './event-source.ts'
import { FACTOR_TYPES, type FactorType } from './factors.ts'
import { documentationPlaces, type GeoipLookup } from './geoip.ts'
import type { Random } from './identifiers.ts'
import type { ClientGrantSeed } from './management-grants.ts'
import type { TenantSettings } from './management-settings.ts'
import type { OrganizationSeed } from './organizations.ts'
import type { ResourceServerSeed } from './resource-servers.ts'
import type { Faults, Switches } from './switches.ts'
import type { UserSeed } from './users.ts'

/** What a form of the tenant asks for besides the fields the Action sets. */
export interface FormSeed {
  readonly id: string
  readonly title: string
  readonly text?: string
  readonly fields?: readonly {
    readonly name: string
    readonly label: string
    readonly type?: 'text' | 'email' | 'tel' | 'number' | 'date' | 'checkbox'
    readonly required?: boolean
  }[]
}

export interface CoreOptions {
  /** `event.tenant.id`. */
  readonly name: string
  /** The friendly name on pages and in mails. */
  readonly displayName: string
  /** `event.request.hostname` and `iss`: no scheme, no port. */
  readonly host: string
  readonly customDomains: readonly CustomDomain[]
  readonly users: readonly UserSeed[]
  readonly clients: readonly ClientSeed[]
  readonly connection: Connection
  readonly organizations: readonly OrganizationSeed[]
  readonly resourceServers: readonly ResourceServerSeed[]
  /** Which clients get tokens for themselves. */
  readonly clientGrants: readonly ClientGrantSeed[]
  /** Lifetimes of sessions and the rest of what `/api/v2/tenants/settings` holds. */
  readonly settings: Partial<TenantSettings>
  readonly actions: Bindings
  readonly forms: readonly FormSeed[]
  /** Factors enabled on the tenant; all by default. */
  readonly enabledFactors: readonly FactorType[]
  readonly eventOverrides: EventOverrides
  readonly switches: Partial<Switches>
  readonly faults: Partial<Faults>
  readonly geoip: GeoipLookup
  /** Names that Actions reach on this machine besides every `*.localhost`. */
  readonly loopbackHosts: readonly string[]
  /** Certificates (PEM) Actions trust besides the usual ones. */
  readonly trustedCertificates: readonly string[]
  /** How the tenant reaches applications by itself (back-channel logout): the network by default. */
  readonly outgoing: Outgoing
  /** Epoch milliseconds. */
  readonly clock: () => number
  readonly random: Random
}

export const CORE_DEFAULTS = {
  name: 'emulated',
  displayName: 'Example tenant',
  host: 'tenant.localhost',
  customDomains: [],
  users: [],
  clients: [DEFAULT_CLIENT],
  connection: DEFAULT_CONNECTION,
  organizations: [],
  resourceServers: [],
  clientGrants: [],
  settings: {},
  actions: {},
  forms: [],
  eventOverrides: {},
  enabledFactors: FACTOR_TYPES,
  switches: {},
  faults: {},
  geoip: documentationPlaces,
  loopbackHosts: [],
  trustedCertificates: [],
} satisfies Partial<CoreOptions>
