/**
 * The challenges of `api.authentication` that both triggers have (contract 2.3). They check nothing:
 * which factors are enabled, enrolled and unknown is settled when the flow reaches the challenge.
 */
import type { FactorSelector } from '../execution.ts'
import type { LegContext } from '../thread/leg-context.ts'

export interface FactorOptions {
  readonly additionalFactors?: readonly FactorSelector[]
}

export interface ChallengeApi {
  challengeWith(factor: FactorSelector, options?: FactorOptions): void
  challengeWithAny(factors: readonly FactorSelector[]): void
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
