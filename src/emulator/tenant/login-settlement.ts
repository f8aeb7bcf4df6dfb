/**
 * The end of a login's pipeline, with or without a browser: what Actions asked for is carried out once,
 * also when the login was denied (contract 3.2), and what remains is what the login grants, or an error.
 */
import { USER_METADATA_BYTES } from '../runtime/limits.ts'
import type { BackchannelLogout } from './backchannel-logout.ts'
import type { TenantClock } from './clock.ts'
import type { LoginError } from './login-answer.ts'
import type { LoginContext } from './login-context.ts'
import { scopesAfter } from './login-effects.ts'
import type { LoginOutcome } from './login-outcome.ts'
import { issuerOf } from './login-request.ts'
import type { Pipeline } from './pipeline.ts'
import { narrow, type RefreshTokens } from './refresh-tokens.ts'
import type { Sessions } from './sessions.ts'
import type { Trace } from './trace.ts'
import type { Transaction, Transactions } from './transactions.ts'
import type { User, Users } from './users.ts'

export interface LoginSettlement {
  /** Every Action let it through. */
  completed(transaction: Transaction, login: LoginContext): LoginOutcome | LoginError
  /** Denied or failed. */
  ended(transaction: Transaction, login: LoginContext): LoginError
}

export interface LoginSettlementOptions {
  readonly clock: TenantClock
  readonly users: Users
  readonly sessions: Sessions
  readonly refreshTokens: RefreshTokens
  readonly transactions: Transactions
  readonly pipeline: Pipeline
  readonly backchannelLogout: BackchannelLogout
  readonly trace: Trace
}

export const isError = (settled: LoginOutcome | LoginError): settled is LoginError =>
  'error' in settled

export function createLoginSettlement(options: LoginSettlementOptions): LoginSettlement {
  const { clock, users, sessions, refreshTokens, pipeline, transactions, trace } = options

  const settleUser = (user: User, { effects }: LoginContext, transaction: Transaction) => {
    const { appMetadata, userMetadata } = effects
    if (appMetadata.size + userMetadata.size === 0) return true
    const app_metadata = merged(user.app_metadata, appMetadata)
    const user_metadata = merged(user.user_metadata, userMetadata)
    if (tooLarge(appMetadata) || tooLarge(userMetadata)) return false
    users.update(user.user_id, { app_metadata, user_metadata })
    trace.record('user.updated', {
      who: 'tenant',
      text: `writes metadata of ${user.email}`,
      transaction: transaction.id,
      data: {
        appMetadata: [...appMetadata.keys()],
        userMetadata: [...userMetadata.keys()],
      },
    })
    return true
  }

  const settleSession = (
    transaction: Transaction,
    { sessionId, effects, request }: LoginContext,
  ) => {
    const session = sessionId === undefined ? undefined : sessions.get(sessionId)
    if (!session) return
    const { revoked, cookieMode, metadata, ...lifetimes } = effects.session
    const timestamp = new Date(clock.now()).toISOString()
    const recorded = effects.recordedMethods.map((name) => ({ name, timestamp }))
    // Another login of the session may have ended since this one began: what it left stays.
    const passed = transaction.methods.slice(transaction.methodsBefore)
    session.methods = [...session.methods, ...passed, ...recorded]
    narrow(session, lifetimes)
    if (cookieMode) session.cookieMode = cookieMode
    if (metadata) session.metadata = metadata
    if (!revoked) return
    sessions.end(session.id)
    options.backchannelLogout.tell(session, {
      issuer: issuerOf(request.origin),
      transaction: transaction.id,
    })
    if (!revoked.preserveRefreshTokens) refreshTokens.revokeOfSession(session.id)
    trace.record('session.ended', {
      who: 'tenant',
      text: 'revokes the session',
      transaction: transaction.id,
      data: { reason: 'revoked', refreshTokensKept: revoked.preserveRefreshTokens },
    })
  }

  const settleRefreshToken = ({ refreshGrantId, effects }: LoginContext) => {
    if (refreshGrantId === undefined) return
    const grant = refreshTokens.get(refreshGrantId)
    if (!grant) return
    narrow(grant, effects.refreshToken)
    if (effects.refreshToken.metadata) grant.metadata = effects.refreshToken.metadata
    if (effects.refreshToken.revoked) refreshTokens.revoke(refreshGrantId)
  }

  /** False: what was to be stored is too large. */
  const settle = (transaction: Transaction, login: LoginContext): boolean => {
    const user = users.get(transaction.userId)
    const stored = user ? settleUser(user, login, transaction) : true
    settleSession(transaction, login)
    settleRefreshToken(login)
    return stored
  }

  /** The user the tokens are for; seed 004: the one who logged in must be one of its identities. */
  const subjectOf = (user: User, { effects }: LoginContext): User | undefined => {
    const { primaryUserId } = effects
    if (primaryUserId === undefined || primaryUserId === user.user_id) return user
    const primary = users.get(primaryUserId)
    const linked = primary?.identities?.some(
      ({ provider, user_id }) => `${provider}|${user_id}` === user.user_id,
    )
    return linked ? primary : undefined
  }

  const errorOf = (transaction: Transaction, { request }: LoginContext): LoginError => {
    const { ending } = transaction
    if (ending?.kind === 'denied') return { error: 'access_denied', description: ending.reason }
    const reason = ending?.kind === 'failed' ? ending.reason : 'platform_error'
    if (reason === 'interaction_required')
      return { error: 'interaction_required', description: 'External interaction required' }
    if (reason === 'mfa_required')
      return {
        error: request.returnTo.kind === 'direct' ? 'mfa_required' : 'login_required',
        description: 'Multifactor authentication required',
      }
    const message = ending?.kind === 'failed' ? ending.message : undefined
    return { error: 'access_denied', description: message ?? FAILURES[reason] ?? reason }
  }

  const ended: LoginSettlement['ended'] = (transaction, login) => {
    settle(transaction, login)
    return errorOf(transaction, login)
  }

  return {
    ended,
    completed: (transaction, login) => {
      const user = users.get(transaction.userId)
      const fail = (reason: 'user_gone' | 'not_linked' | 'metadata_too_large', detail: string) => {
        pipeline.fail(transaction, { reason, detail })
        return errorOf(transaction, login)
      }
      if (!user) return fail('user_gone', 'The user no longer exists.')
      if (!settle(transaction, login))
        return fail('metadata_too_large', 'The metadata to store is larger than 32 kB.')
      const subject = subjectOf(user, login)
      if (!subject) return fail('not_linked', 'The user is no identity of the primary user.')
      transactions.end(transaction, { kind: 'completed' })
      const { request, effects, sessionId } = login
      const { returnTo, audience, organizationId } = request
      trace.record('flow.completed', {
        who: 'tenant',
        text: `lets ${subject.email} in`,
        transaction: transaction.id,
        data: {},
      })
      return {
        issuer: issuerOf(request.origin),
        clientId: request.clientId,
        userId: subject.user_id,
        scope: scopesAfter(request.scope, effects),
        ...(audience === undefined ? {} : { audience }),
        ...(returnTo.kind === 'oidc' && returnTo.nonce !== undefined
          ? { nonce: returnTo.nonce }
          : {}),
        ...(sessionId === undefined ? {} : { sessionId }),
        ...(organizationId === undefined ? {} : { organizationId }),
        authenticatedAtMs: login.authenticatedAtMs,
        tellAuthTime: request.maxAgeSeconds !== undefined,
        methods: transaction.methods,
        idTokenClaims: Object.fromEntries(effects.idTokenClaims),
        accessTokenClaims: Object.fromEntries(effects.accessTokenClaims),
        refreshToken: effects.refreshToken,
      }
    },
  }
}

const FAILURES: Readonly<Record<string, string>> = {
  factor_not_enrolled: 'None of the requested factors is enrolled.',
  nothing_to_enrol: 'Every requested factor is enrolled already.',
  too_many_challenges: 'Too many challenges in one login.',
  too_many_attempts: 'Too many attempts.',
  challenge_rejected: 'The challenge was rejected.',
  user_gone: 'The user no longer exists.',
  not_linked: 'The primary user is not linked to the user who logged in.',
  metadata_too_large: 'The metadata to store is too large.',
  mfa_unavailable: 'The multifactor provider is not enabled.',
}

/** Null removes. */
function merged(stored: Readonly<Record<string, unknown>>, changes: ReadonlyMap<string, unknown>) {
  const kept = new Map([...Object.entries(stored), ...changes])
  return Object.fromEntries([...kept].filter(([, value]) => value !== null && value !== undefined))
}

const tooLarge = (changes: ReadonlyMap<string, unknown>) =>
  Buffer.byteLength(JSON.stringify(Object.fromEntries(changes))) > USER_METADATA_BYTES
