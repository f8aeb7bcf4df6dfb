/**
 * Logins without a browser: the password grant and the exchange of a refresh token. The same Actions run;
 * what would need a browser fails (contract 1.7).
 */
import type { TenantClock } from './clock.ts'
import type { DeployedActions } from './deployed-actions.ts'
import type { FactorType } from './factors.ts'
import type { LoginError } from './login-answer.ts'
import type { LoginContext } from './login-context.ts'
import { deferredChallenge } from './login-deferred.ts'
import { noEffects } from './login-effects.ts'
import type { LoginOutcome } from './login-outcome.ts'
import type { LoginRequest } from './login-request.ts'
import type { LoginSettlement } from './login-settlement.ts'
import type { Pipeline } from './pipeline.ts'
import type { RefreshGrant } from './refresh-tokens.ts'
import type { RequestFacts } from './request-facts.ts'
import type { Sessions } from './sessions.ts'
import type { AuthenticationMethod, Transactions } from './transactions.ts'
import type { User, Users } from './users.ts'

export interface LoginExchange {
  /** The password has been checked. */
  password(
    user: User,
    request: LoginRequest,
    facts: RequestFacts,
  ): Promise<LoginOutcome | LoginError>
  /** The grant has been checked; `scope` may only narrow it. */
  refresh(
    grant: RefreshGrant,
    request: LoginRequest,
    facts: RequestFacts,
  ): Promise<LoginOutcome | LoginError>
}

export interface LoginExchangeOptions {
  readonly clock: TenantClock
  readonly users: Users
  readonly sessions: Sessions
  readonly transactions: Transactions
  readonly actions: DeployedActions
  readonly pipeline: Pipeline
  readonly settlement: LoginSettlement
  readonly enabledFactors: ReadonlySet<FactorType>
}

export function createLoginExchange(options: LoginExchangeOptions): LoginExchange {
  const { clock, users, sessions, transactions, pipeline, settlement } = options

  const run = async (
    user: User,
    facts: RequestFacts,
    methods: readonly AuthenticationMethod[],
    login: LoginContext,
  ) => {
    const transaction = transactions.begin({
      trigger: 'post-login',
      userId: user.user_id,
      clientId: login.request.clientId,
      host: facts.hostname,
      browser: '',
      locale: facts.language ?? 'en',
      actions: options.actions.bound('post-login'),
      methods,
      login,
    })
    const step = await pipeline.start(transaction, facts)
    if (step.kind !== 'completed') return settlement.ended(transaction, login)
    const deferred = deferredChallenge(
      transaction,
      users.enrolledTypes(user),
      options.enabledFactors,
    )
    if (deferred.kind === 'nothing') return settlement.completed(transaction, login)
    pipeline.fail(
      transaction,
      deferred.kind === 'hop'
        ? { reason: 'mfa_required', detail: 'A challenge cannot be shown.' }
        : { reason: 'mfa_unavailable', detail: deferred.detail },
    )
    return settlement.ended(transaction, login)
  }

  return {
    password: (user, request, facts) => {
      const now = clock.now()
      users.update(user.user_id, { logins_count: user.logins_count + 1 })
      const counted = users.get(user.user_id) ?? user
      const methods = [{ name: 'pwd', timestamp: new Date(now).toISOString() }]
      return run(counted, facts, methods, {
        request,
        interactive: false,
        effects: noEffects(),
        authenticatedAtMs: now,
        deferredChallengeShown: false,
      })
    },

    refresh: async (grant, request, facts) => {
      const { outcome } = grant
      const user = users.get(outcome.userId)
      if (!user || user.blocked)
        return { error: 'invalid_grant', description: 'The user is blocked or no longer exists.' }
      const session = outcome.sessionId === undefined ? undefined : sessions.get(outcome.sessionId)
      return run(user, facts, outcome.methods, {
        request,
        interactive: false,
        effects: noEffects(),
        ...(session ? { sessionId: session.id } : {}),
        refreshGrantId: grant.id,
        authenticatedAtMs: outcome.authenticatedAtMs,
        deferredChallengeShown: false,
      })
    },
  }
}
