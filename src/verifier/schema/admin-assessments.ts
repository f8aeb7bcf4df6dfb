/** Records of verifications in the operator's API, and why each was answered as it was. */
import * as z from 'zod'
import {
  as,
  digits,
  flow,
  instant,
  outcome,
  pageOf,
  paging,
  pagingBody,
  pseudonym,
  timeRange,
  timeRangeBody,
  uuid,
} from './admin-common.ts'

const code = z.string().regex(/^[a-z][a-z0-9_]{0,47}$/, 'must be a reason’s code')
const reference = z
  .string()
  .regex(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/, 'must be such as 7SPR-SDQX')

const flag = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .meta(as({ type: 'boolean' }))

export const assessmentQuery = z.strictObject({
  flow: flow.exactOptional(),
  outcome: outcome.exactOptional(),
  assessed: outcome
    .exactOptional()
    .meta({ description: 'What the rules found, before `no_factor` and the mode.' }),
  review: flag.exactOptional().meta({ description: 'Only those that wait for a person.' }),
  reason: code.exactOptional(),
  reference: reference.exactOptional(),
  user: pseudonym.exactOptional().meta({ description: 'A user’s pseudonym, as a record has it.' }),
  ...timeRange,
  ...paging,
})

/** In a body, because addresses are kept in logs and a user's id names a person. */
export const assessmentSearch = z.strictObject({
  subject: z.string().min(1).max(255).meta({ description: 'Auth0’s user_id.' }),
  flow: flow.exactOptional(),
  outcome: outcome.exactOptional(),
  ...timeRangeBody,
  ...pagingBody,
})

const line = {
  id: uuid,
  reference: z.string().meta({ description: 'What a person reads out.' }),
  flow,
  opened_at: instant,
  settled_at: instant.nullable(),
  outcome: outcome.nullable(),
  assessed: outcome.nullable(),
  score: z.number().nullable(),
  codes: z.array(z.string()),
  needs_review: z.boolean(),
  confirmed: z.boolean(),
  policy_version: z.int().nullable(),
  user: z.string().meta({ description: 'Pseudonym in decimal.' }),
}

export const assessmentLine = z.strictObject(line).meta({ id: 'AssessmentLine' })
export const assessmentPage = pageOf(assessmentLine)

export const assessmentParams = { id: uuid }

export const assessmentRecord = z
  .strictObject({
    ...line,
    tenant: z.string(),
    facts: z.looseObject({}).meta({ description: 'The whole input of the decision.' }),
    decision: z.unknown().meta({ description: 'As stored; null while open.' }),
    policy: z.unknown().meta({ description: 'The policy that judged it, as stored.' }),
    shadow: z.unknown().meta({ description: 'What watched versions found.' }),
  })
  .meta({ id: 'Assessment' })

const signalValue = z
  .union([z.boolean(), z.number(), z.string(), z.array(z.string())])
  .nullable()
  .meta({ description: 'Null: unknown.' })

const signal = {
  name: z.string(),
  value: signalValue,
  meaning: z.string().nullable(),
  unit: z.string().nullable(),
}

const reason = z
  .strictObject({
    rule: z.string(),
    code: z.string(),
    kind: z.enum(['floor', 'evidence', 'model', 'engine']),
    floor: outcome.nullable(),
    evidence: z.number().nullable().meta({ description: 'Natural-log odds that it added.' }),
    signals: z.array(z.strictObject(signal).meta({ id: 'ExplainedSignal' })),
    condition: z.string().nullable().meta({ description: 'In words.' }),
    group: z.string().nullable(),
    line: z.unknown().meta({ description: 'The policy’s line as stored; null: the engine’s own.' }),
  })
  .meta({ id: 'ExplainedReason' })

export const explanation = z
  .strictObject({
    outcome,
    assessed: outcome,
    score: z.number().meta({ description: 'Natural-log odds; the prior is in it.' }),
    mode: z.enum(['monitor', 'enforce']),
    policy_version: z.int(),
    needs_review: z.boolean(),
    notes: z.array(z.string()),
    prior: z.number().nullable(),
    thresholds: z
      .strictObject({ step_up: z.number(), deny: z.number().nullable() })
      .nullable()
      .meta({ description: 'Null where the policy’s body does not tell.' }),
    reasons: z.array(reason).meta({ description: 'What counted, most severe first.' }),
    shadow_reasons: z.array(reason),
    shadow_versions: z.array(
      z.looseObject({ policy_version: z.int(), assessed: outcome, rules: z.array(z.string()) }),
    ),
    judged: z
      .strictObject({
        signals: z.array(
          z
            .strictObject({
              ...signal,
              family: z.string(),
              unknown_when: z.string(),
              why: z.string().nullable(),
              rules: z.array(z.string()),
            })
            .meta({ id: 'JudgedSignal' }),
        ),
        unknown: z.array(
          z.strictObject({ rule: z.string(), condition: z.string(), evidence: z.number() }),
        ),
        outdone: z.array(
          z.strictObject({ rule: z.string(), group: z.string(), evidence: z.number() }),
        ),
      })
      .nullable()
      .meta({ description: 'Null where this build cannot judge the record as its policy did.' }),
  })
  .meta({ id: 'Explanation' })

export const releaseRequest = z.strictObject({
  seconds: z
    .int()
    .min(60)
    .max(7 * 86_400)
    .meta({ description: 'How long the person has, at most seven days.' }),
})
export const releaseAnswer = z.strictObject({ released: z.literal(true), seconds: z.int() })

export const summaryQuery = z.strictObject({
  since: digits(0, 253_402_300_799, 'Epoch seconds, inclusive.'),
  until: digits(0, 253_402_300_799, 'Epoch seconds, exclusive.'),
  bucket_seconds: digits(60, 31_536_000, 'Width of a bucket; default 3600.').default(3600),
  flow: flow.exactOptional(),
})

const count = z.int().min(0)
export const summary = z
  .strictObject({
    buckets: z.array(
      z.strictObject({ at: z.int(), allow: count, step_up: count, deny: count, open: count }),
    ),
    reasons: z.array(z.strictObject({ code: z.string(), records: count, users: count })),
    users: count,
    review: count.meta({ description: 'Records that wait for a person.' }),
    confirmed: count,
  })
  .meta({ id: 'Summary' })
