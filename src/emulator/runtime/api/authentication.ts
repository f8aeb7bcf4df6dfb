/**
 * `api.authentication` (contract 2.3 and 3.2). Challenges and enrolments check nothing: which factors
 * are enabled, enrolled and unknown is settled when the flow reaches them.
 */
import type { FactorSelector } from '../execution.ts'
import { USER_ID_CHARACTERS } from '../limits.ts'
import type { LegContext } from '../thread/leg-context.ts'

export interface FactorOptions {
  readonly additionalFactors?: readonly FactorSelector[]
}

/** What both triggers have. */
export interface ChallengeApi {
  challengeWith(factor: FactorSelector, options?: FactorOptions): void
  challengeWithAny(factors: readonly FactorSelector[]): void
}

/** What post-login has besides. */
export interface AuthenticationApi<Api> extends ChallengeApi {
  enrollWith(factor: FactorSelector, options?: FactorOptions): void
  enrollWithAny(factors: readonly FactorSelector[]): void
  recordMethod(providerUrl: string): Api
  setPrimaryUser(primaryUserId: string): void
}

export function challengeApi(context: LegContext): ChallengeApi {
  return {
    challengeWith(factor, options) {
      const additionalFactors = options?.additionalFactors ?? []
      context.record({ type: 'authentication.challengeWith', factor, additionalFactors })
    },
    challengeWithAny(factors) {
      context.record({ type: 'authentication.challengeWithAny', factors })
    },
  }
}

export function authenticationApi<Api>(
  context: LegContext,
  api: () => Api,
): AuthenticationApi<Api> {
  return {
    ...challengeApi(context),
    enrollWith(factor, options) {
      const additionalFactors = options?.additionalFactors ?? []
      context.record({ type: 'authentication.enrollWith', factor, additionalFactors })
    },
    enrollWithAny(factors) {
      context.record({ type: 'authentication.enrollWithAny', factors })
    },
    recordMethod(providerUrl) {
      // Both rules are documented, both texts are assumed: the API layer leaves them to the server.
      if (context.entrypoint !== 'onContinuePostLogin') {
        throw new Error('api.authentication.recordMethod is only available in onContinuePostLogin.')
      }
      if (!isWebUrl(providerUrl)) {
        throw new Error('api.authentication.recordMethod needs an http: or https: URL.')
      }
      context.record({ type: 'authentication.recordMethod', providerUrl })
      return api()
    },
    setPrimaryUser(userId) {
      if (context.has('authentication.setPrimaryUser')) {
        throw new Error('The primary user can only be altered once per transaction')
      }
      if (typeof userId !== 'string' || userId === '') {
        throw new Error('The provided primary_user_id must be a non-empty string')
      }
      if (userId.length > USER_ID_CHARACTERS) {
        throw new Error('The provided primary_user_id exceeds the maximum length.')
      }
      context.record({ type: 'authentication.setPrimaryUser', userId })
    },
  }
}

function isWebUrl(value: unknown): boolean {
  return (
    typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
  )
}
