/**
 * The policy document's schema: what an operator may write. Strict, because a misspelt key that is
 * ignored is a rule that never fires. Every message names its place and what is allowed there.
 */
import * as z from 'zod'
import { MODEL_RULE } from '../domain/compile.ts'
import type { Condition, Operator, PolicyDocument } from '../domain/policy.ts'
import { OPERATORS } from '../domain/policy.ts'
import { type Result, refuse, ok as succeed } from '../domain/result.ts'
import { FLOWS } from '../domain/session.ts'
import { SIGNALS } from '../domain/signals/registry.ts'
import type { SignalKind } from '../domain/signals/signal.ts'
import { isStorableText, NOT_STORABLE } from '../domain/storable-text.ts'

/** Every fault of the document, each as `path: what is wrong`; or the document, typed. */
export function parsePolicy(body: unknown): Result<PolicyDocument, string[]> {
  // Depth is checked before zod walks the tree: a hostile nesting must not become a stack overflow.
  if (depthOf(body, DEPTH_LIMIT) > DEPTH_LIMIT)
    return refuse([`the document is nested deeper than ${DEPTH_LIMIT} levels`])
  const parsed = policyDocumentSchema.safeParse(body)
  if (parsed.success) return succeed(parsed.data)
  return refuse(parsed.error.issues.flatMap((issue) => messagesOf(issue)))
}

const DEPTH_LIMIT = 24

/** Log odds of one in 10^9 and beyond are typing mistakes. */
const logOdds = z.number().min(-20).max(20)
const evidence = z.number().min(-10).max(10)
const name = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,47}$/, 'must be snake_case, at most 48 characters, a letter first')
const raised = z.enum(['step_up', 'deny'])
const limit = z.strictObject({
  per_hour: z.number().positive().max(100_000),
  burst: z.number().int().min(1).max(100_000),
})

/** Which operators a signal's kind takes, and the value each needs beside it. */
const OPERATORS_OF: Record<SignalKind, readonly Operator[]> = {
  boolean: ['eq', 'ne'],
  number: ['eq', 'ne', 'lt', 'lte', 'gt', 'gte'],
  text: ['eq', 'ne', 'in'],
  texts: ['includes'],
}

const VALUE_OF: Record<SignalKind, 'boolean' | 'number' | 'string'> = {
  boolean: 'boolean',
  number: 'number',
  text: 'string',
  texts: 'string',
}

const SIGNAL_NAMES = [...SIGNALS.keys()].sort()

const compared = z.string().max(100).refine(isStorableText, NOT_STORABLE)
const comparisonSchema = z
  .strictObject({
    signal: z.enum(SIGNAL_NAMES, `no such signal; there are ${SIGNAL_NAMES.join(', ')}`),
    op: z.enum(OPERATORS),
    value: z.union([z.boolean(), z.number(), compared, z.array(compared).min(1).max(200)]),
  })
  .superRefine(({ signal, op, value }, context) => {
    const fault = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    const kind = SIGNALS.get(signal)?.kind
    if (kind === undefined) return
    if (!OPERATORS_OF[kind].includes(op)) {
      fault('op', `${signal} is a ${kind}: use one of ${OPERATORS_OF[kind].join(', ')}`)
      return
    }
    const expected = op === 'in' ? 'array' : VALUE_OF[kind]
    const actual = Array.isArray(value) ? 'array' : typeof value
    if (actual !== expected)
      fault(
        'value',
        `${signal} ${op} needs ${expected === 'array' ? 'a list of strings' : `a ${expected}`}`,
      )
  })

// Told apart by their keys rather than tried in turn, so that a fault inside is reported as itself.
const conditionSchema: z.ZodType<Condition> = z
  .lazy(() => z.union([allSchema, anySchema, notSchema, comparisonSchema]))
  .meta({ id: 'Condition' })
const allSchema = z.strictObject({ all: z.array(conditionSchema).min(1).max(20) })
const anySchema = z.strictObject({ any: z.array(conditionSchema).min(1).max(20) })
const notSchema = z.strictObject({ not: conditionSchema })

const base = { id: name, when: conditionSchema, reason: name, shadow: z.boolean().exactOptional() }

const floorSchema = z.strictObject({
  ...base,
  floor: raised,
  on_unknown: z.enum(['step_up', 'deny', 'none']),
})

const evidenceSchema = z
  .strictObject({
    ...base,
    evidence: evidence.refine((value) => value !== 0, 'must not be 0'),
    on_unknown: evidence,
    group: name.exactOptional(),
  })
  .refine(({ evidence, on_unknown }) => on_unknown >= Math.min(0, evidence), {
    path: ['on_unknown'],
    message: 'not knowing must not be trusted more than knowing: use 0 or more',
  })

const modelSchema = z
  .strictObject({
    use: z.literal('nested'),
    beta: z.number().min(0.5).max(100),
    cap: z.tuple([evidence, evidence]),
    feature_cap: z.number().positive().max(10),
    min_history: z.number().int().min(1).max(1000),
    group: name.exactOptional(),
    reason: name,
    shadow: z.boolean().exactOptional(),
  })
  .refine(({ cap: [least, most] }) => least <= 0 && most >= 0, {
    path: ['cap'],
    message: 'must be the least and the most, with 0 between them',
  })

const documentSchema = z
  .strictObject({
    version: z.number().int().min(1).max(2_147_483_647),
    flow: z.enum(FLOWS),
    mode: z.enum(['monitor', 'enforce']),
    prior: logOdds,
    thresholds: z.strictObject({ step_up: logOdds, deny: logOdds.nullable() }),
    no_factor: z.enum(['deny', 'hold', 'form', 'allow']),
    limits: z.strictObject({ user: limit, address: limit }),
    floors: z.array(floorSchema).max(100),
    rules: z.array(evidenceSchema).max(200),
    model: modelSchema.exactOptional(),
  })
  .superRefine(({ thresholds, floors, rules }, context) => {
    if (thresholds.deny !== null && thresholds.deny <= thresholds.step_up)
      context.addIssue({
        code: 'custom',
        path: ['thresholds', 'deny'],
        message: 'must be above thresholds.step_up, or null for never',
      })
    // The model explains itself under its own name among the reasons.
    const seen = new Set<string>([MODEL_RULE])
    for (const [section, entries] of Object.entries({ floors, rules }))
      for (const [index, { id }] of entries.entries()) {
        if (seen.has(id))
          context.addIssue({
            code: 'custom',
            path: [section, index, 'id'],
            message: `${id} names another rule already`,
          })
        seen.add(id)
      }
  })

export const policyDocumentSchema: z.ZodType<PolicyDocument> = documentSchema

/** A union reports every branch it tried; the reader wants the one they meant, which fits best. */
function messagesOf(issue: Issue, above: readonly PropertyKey[] = []): string[] {
  const path = [...above, ...issue.path]
  if (issue.code !== 'invalid_union' || issue.errors.length === 0)
    return [`${placeOf(path)}: ${issue.message}`]
  const closest = issue.errors.reduce((best, branch) =>
    branch.length < best.length ? branch : best,
  )
  return closest.flatMap((inner) => messagesOf(inner, path))
}

type Issue = z.core.$ZodIssue

function placeOf(path: readonly PropertyKey[]): string {
  const place = path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
  return place === '' ? 'document' : place.replace(/^\./, '')
}

/** How deep the value is nested, counted no further than just beyond the limit. */
function depthOf(value: unknown, limit: number): number {
  if (typeof value !== 'object' || value === null) return 0
  if (limit < 0) return 1
  let deepest = 0
  for (const inner of Object.values(value)) deepest = Math.max(deepest, depthOf(inner, limit - 1))
  return 1 + deepest
}
