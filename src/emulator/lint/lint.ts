/**
 * Finds the known mistakes in Actions that redirect. Reads the source only: it runs nothing, and an Action
 * without findings is not proven right.
 */
import { readActionSource } from './action-source.ts'
import type { Finding, Rule } from './finding.ts'
import { parseAction } from './parse.ts'
import { answerNotRead, subNotCompared, tokenNotRequired } from './rules/answer.ts'
import { denyTwoArguments, workAfterDeny } from './rules/denial.ts'
import { enrolledFactorsUnknown, unenrolledFactor, unknownFactorType } from './rules/factors.ts'
import {
  missingContinueHandler,
  noCanRedirect,
  syncHandler,
  wrongHandlerName,
} from './rules/handlers.ts'
import { payloadOverridesClaims, personalDataInPayload, secretInPayload } from './rules/payload.ts'
import { cacheAsNonceStore, moduleLevelState } from './rules/state.ts'

export type { Finding, Rule } from './finding.ts'

export const RULES: readonly Rule[] = [
  wrongHandlerName,
  syncHandler,
  missingContinueHandler,
  noCanRedirect,
  tokenNotRequired,
  answerNotRead,
  subNotCompared,
  secretInPayload,
  personalDataInPayload,
  payloadOverridesClaims,
  denyTwoArguments,
  workAfterDeny,
  unenrolledFactor,
  enrolledFactorsUnknown,
  unknownFactorType,
  cacheAsNonceStore,
  moduleLevelState,
]

/**
 * In the order of the source. A line with `lint-ignore RULE` in a comment, or the line after it, is
 * left alone by that rule.
 */
export function lintAction(code: string): readonly Finding[] {
  const parsed = parseAction(code)
  if (!parsed.ok) {
    const said = /import|export/i.test(parsed.message)
      ? `${parsed.message} (Actions are CommonJS: use require and exports.)`
      : parsed.message
    return [{ ...NO_JAVASCRIPT, message: said, ...positionOf(code, parsed.at) }]
  }
  const action = readActionSource(parsed.program)
  const lines = code.split('\n')
  const isIgnored = ({ rule, line }: Finding) =>
    [lines[line - 1], lines[line - 2]].some((text) =>
      new RegExp(`lint-ignore\\b.*(?<![\\w-])${rule}(?![\\w-])`).test(text ?? ''),
    )
  return RULES.flatMap(({ check, id, severity, why, fix, source }) =>
    check(action).map(
      ({ at, message }): Finding => ({
        rule: id,
        severity,
        message,
        ...positionOf(code, at.start),
        why,
        fix,
        source,
      }),
    ),
  )
    .filter((finding) => !isIgnored(finding))
    .sort((a, b) => a.line - b.line || a.column - b.column)
}

const NO_JAVASCRIPT = {
  rule: 'syntax',
  severity: 'error',
  why: 'Auth0 could not load this Action: every login or reset it is bound to fails.',
  fix: 'Correct the syntax. TypeScript and ES modules must be compiled to CommonJS first.',
  source: 'Auth0 docs, Actions limitations: CommonJS JavaScript only',
} as const

function positionOf(code: string, offset: number): { line: number; column: number } {
  const before = code.slice(0, offset)
  const line = before.split('\n').length
  return { line, column: [...before.slice(before.lastIndexOf('\n') + 1)].length + 1 }
}
