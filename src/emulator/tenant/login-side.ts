/**
 * The tenant's login side put together: what the authorization, token and SAML endpoints stand on.
 */
import { createBackchannelLogout, type Outgoing } from './backchannel-logout.ts'
import type { Clients } from './clients.ts'
import type { TenantClock } from './clock.ts'
import type { DeployedActions } from './deployed-actions.ts'
import type { Destinations } from './destinations.ts'
import type { FactorType } from './factors.ts'
import { createGrants, type Grants } from './grants.ts'
import type { Random } from './identifiers.ts'
import { createKeys, type Keys } from './keys.ts'
import { createLogin, type Login } from './login.ts'
import { createLoginAnswers, type LoginAnswers } from './login-answers.ts'
import { createLoginExchange, type LoginExchange } from './login-exchange.ts'
import { createLoginPrompts, type LoginPrompts } from './login-prompts.ts'
import { createLoginSettlement } from './login-settlement.ts'
import { createOrganizations, type OrganizationSeed, type Organizations } from './organizations.ts'
import type { Pipeline } from './pipeline.ts'
import { createRefreshTokens, type RefreshTokens } from './refresh-tokens.ts'
import {
  createResourceServers,
  type ResourceServerSeed,
  type ResourceServers,
} from './resource-servers.ts'
import { createSamlResponder } from './saml-responder.ts'
import type { Sessions } from './sessions.ts'
import type { TenantLog } from './tenant-log.ts'
import { createTokens, type Tokens } from './tokens.ts'
import { createTokenIssuer, type TokenIssuer } from './tokens-issue.ts'
import type { Trace } from './trace.ts'
import type { Transactions } from './transactions.ts'
import type { Users } from './users.ts'

/** What the pipeline's events need to know, so it is there before the flows. */
export interface LoginStores {
  readonly organizations: Organizations
  readonly resourceServers: ResourceServers
  readonly refreshTokens: RefreshTokens
  readonly grants: Grants
  readonly prompts: LoginPrompts
  readonly keys: Keys
  readonly tokens: Tokens
}

export interface LoginSide extends LoginStores {
  readonly login: Login
  readonly answers: LoginAnswers
  readonly exchange: LoginExchange
  readonly issuer: TokenIssuer
  clear(): void
}

export interface LoginStoresOptions {
  readonly random: Random
  readonly host: string
  readonly organizations: readonly OrganizationSeed[]
  readonly resourceServers: readonly ResourceServerSeed[]
}

export function createLoginStores(options: LoginStoresOptions, clock: TenantClock): LoginStores {
  const { random } = options
  const keys = createKeys(clock, random, options.host)
  return {
    organizations: createOrganizations(options.organizations),
    resourceServers: createResourceServers(options.resourceServers),
    refreshTokens: createRefreshTokens(clock, random),
    grants: createGrants(clock, random),
    prompts: createLoginPrompts(clock, random),
    keys,
    tokens: createTokens(clock, random, keys),
  }
}

export function createLoginSide(
  stores: LoginStores,
  parts: {
    readonly clock: TenantClock
    readonly random: Random
    readonly users: Users
    readonly clients: Clients
    readonly sessions: Sessions
    readonly transactions: Transactions
    readonly actions: DeployedActions
    readonly pipeline: Pipeline
    readonly destinations: Destinations
    readonly enabledFactors: ReadonlySet<FactorType>
    readonly connectionName: string
    readonly tenantName: string
    readonly trace: Trace
    readonly log: TenantLog
    readonly outgoing: Outgoing
  },
): LoginSide {
  const backchannelLogout = createBackchannelLogout({ ...stores, ...parts })
  const settlement = createLoginSettlement({ ...stores, ...parts, backchannelLogout })
  const issuer = createTokenIssuer({ ...stores, ...parts })
  const saml = createSamlResponder({ ...stores, ...parts })
  const answers = createLoginAnswers({ ...stores, ...parts, issuer, saml })
  const login = createLogin({ ...stores, ...parts, settlement, answers })
  return {
    ...stores,
    login,
    answers,
    exchange: createLoginExchange({ ...stores, ...parts, settlement }),
    issuer,
    clear: () => {
      for (const part of [stores.refreshTokens, stores.grants, stores.prompts, stores.tokens])
        part.clear()
      login.clear()
    },
  }
}
