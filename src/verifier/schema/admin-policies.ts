/** Policies in the operator's API: versions, their differences, and what they would have decided. */
import * as z from 'zod'
import { as, digits, flow, instant, outcome, policyVersion, timeRangeBody } from './admin-common.ts'

/**
 * As it comes: `parsePolicy` looks at its depth before anything walks it, and names every fault. Its
 * schema is in the document under this name.
 */
const policyBody = z.unknown().meta(as({ $ref: '#/components/schemas/PolicyDocument' }))

export const policyKeyParams = {
  flow,
  version: digits(1, 2_147_483_647, 'The version’s number.'),
}

const status = z
  .enum(['draft', 'shadow', 'active', 'retired'])
  .meta({ description: '`retired`: was active or watched, and is kept because records name it.' })

const summary = {
  flow,
  version: policyVersion,
  status,
  created_at: instant,
  usable: z.boolean().meta({ description: 'Whether this build can judge by it.' }),
  mode: z.enum(['monitor', 'enforce']).nullable(),
}

export const policyList = z.strictObject({
  items: z.array(z.strictObject(summary).meta({ id: 'PolicySummary' })),
})

export const policyVersionAnswer = z
  .strictObject({
    ...summary,
    document: z.unknown().meta({
      description: 'As stored: a PolicyDocument where it is usable, else of another build.',
    }),
    text: z.string().nullable().meta({ description: 'The policy in words, as Markdown.' }),
    faults: z.array(z.string()).meta({ description: 'Why it is not usable.' }),
  })
  .meta({ id: 'PolicyVersion' })

export const policyAddition = z.strictObject({
  document: policyBody,
  status: z.enum(['draft', 'shadow', 'active']).default('draft'),
})

export const policyCheck = z.strictObject({ document: policyBody })
export const policyCheckAnswer = z.strictObject({
  valid: z.boolean(),
  faults: z.array(z.string()).meta({ description: 'Each as `place: what is wrong`.' }),
  text: z.string().nullable(),
})

export const activation = z.strictObject({
  replaced: z.int().nullable().meta({ description: 'The version it took the place of.' }),
})
export const watch = z.strictObject({ status: z.enum(['shadow', 'retired']) })

const named = z
  .string()
  .regex(/^(active|default|[1-9]\d{0,9})$/, 'must be a version’s number, active or default')
  .refine(
    (name) => !/^\d/.test(name) || policyVersion.safeParse(Number(name)).success,
    'is beyond every version’s number',
  )
  .meta({ description: 'A version’s number, `active`, or `default`.' })

export const policyDiffQuery = z.strictObject({ flow, before: named, after: named })
export const policyDiff = z.strictObject({
  changes: z.array(
    z
      .strictObject({
        kind: z.enum(['setting', 'floor', 'rule']),
        name: z.string(),
        change: z.enum(['added', 'removed', 'changed']),
        members: z.array(
          z.strictObject({
            member: z.string(),
            before: z.unknown().optional().meta({ description: 'Absent: not set.' }),
            after: z.unknown().optional().meta({ description: 'Absent: not set.' }),
          }),
        ),
      })
      .meta({ id: 'PolicyChange' }),
  ),
})

export const backtestRequest = z.strictObject({
  candidate: z.union([
    z.strictObject({ document: policyBody }),
    z.strictObject({ flow, version: policyVersion }),
  ]),
  ...timeRangeBody,
  target_rate: z
    .number()
    .min(0)
    .max(1)
    .exactOptional()
    .meta({ description: 'Wanted share of records that are not allowed, such as 0.02.' }),
})

const count = z.int().min(0)
const byOutcome = z.strictObject({ allow: count, step_up: count, deny: count })

export const confusion = z
  .strictObject({ allow: byOutcome, step_up: byOutcome, deny: byOutcome })
  .meta({ id: 'Confusion', description: 'Then, by what was found that day; now, by this version.' })

export const backtestAnswer = z.strictObject({
  complete: z.boolean().meta({
    description:
      'False: it stopped at a limit of the service; the report is of the oldest records.',
  }),
  report: z.strictObject({
    policy_version: z.int(),
    records: count,
    confusion,
    false_alarms: count,
    confirmed: count,
    days: z.array(
      z.strictObject({
        day: z.string(),
        records: count,
        step_up: count,
        deny: count,
        rate: z.number(),
      }),
    ),
    rules: z.array(
      z.strictObject({ rule: z.string(), fired: count, counted: count, users: count }),
    ),
    users: z.strictObject({ seen: count, stopped: count, changed: count }),
  }),
  target: z
    .strictObject({
      rate: z.number(),
      solution: z
        .strictObject({ threshold: z.number(), prior: z.number(), rate: z.number() })
        .nullable()
        .meta({ description: 'Null: floors alone exceed the wanted rate.' }),
    })
    .nullable(),
})

export const shadowReport = z.strictObject({
  records: count,
  confusion,
  counts: z.array(
    z.strictObject({ active: outcome, shadow: outcome, records: count, users: count }),
  ),
})
