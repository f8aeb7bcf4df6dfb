/** `api.rules` of post-login: which Rules ran before, as the tenant says. */
import type { LegContext } from '../thread/leg-context.ts'

export interface RulesApi {
  wasExecuted(ruleId: string): boolean
}

export function rulesApi({ lookups }: LegContext): RulesApi {
  return { wasExecuted: (ruleId) => lookups.executedRules?.includes(ruleId) ?? false }
}
