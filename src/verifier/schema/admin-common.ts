/** What many requests and answers of the operator's API have in common. */
import * as z from 'zod'
import { OUTCOMES } from '../domain/decision.ts'
import { isPseudonym } from '../domain/pseudonym.ts'
import { FLOWS } from '../domain/session.ts'

/**
 * How a value is described where the text that carries it would say less: a number or a flag of a query
 * is text to us and not to who writes it.
 */
export const as = (schema: Readonly<Record<string, unknown>>) => ({
  override: ({ jsonSchema }: { readonly jsonSchema: object }) => {
    for (const key of Object.keys(jsonSchema)) {
      if (key !== 'description' && key !== 'default') Reflect.deleteProperty(jsonSchema, key)
    }
    Object.assign(jsonSchema, schema)
  },
})

/** A number as a query carries it: digits alone, so that nothing is guessed. */
export const digits = (least: number, most: number, description: string) =>
  z
    .string()
    .regex(/^\d{1,12}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(least).max(most))
    .meta({ description, ...as({ type: 'integer', minimum: least, maximum: most }) })

const MOST_SECONDS = 253_402_300_799

export const flow = z.enum(FLOWS).meta({ id: 'Flow', description: 'Which Action asked.' })
export const outcome = z.enum(OUTCOMES).meta({ id: 'Outcome' })
export const role = z
  .enum(['viewer', 'operator', 'admin'])
  .meta({ id: 'Role', description: 'Each may do what those before it may.' })

export const tenantId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be the id of a tenant')
  .meta({ description: 'A tenant’s id, as in RV_TENANTS.' })

export const instant = z
  .string()
  .meta({ description: 'ISO 8601 in UTC.', ...as({ type: 'string', format: 'date-time' }) })
export const uuid = z.uuid()
export const pseudonym = z
  .string()
  .regex(/^-?\d{1,19}$/, 'must be a pseudonym in decimal')
  .refine(isPseudonym, 'must be a pseudonym: a signed number of 64 bits')

export const policyVersion = z.int().min(1).max(2_147_483_647)

/** In a query. */
export const timeRange = {
  since: digits(0, MOST_SECONDS, 'Epoch seconds, inclusive.').exactOptional(),
  until: digits(0, MOST_SECONDS, 'Epoch seconds, exclusive.').exactOptional(),
}

/** In a body. */
export const timeRangeBody = {
  since: z
    .int()
    .min(0)
    .max(MOST_SECONDS)
    .exactOptional()
    .meta({ description: 'Epoch seconds, inclusive.' }),
  until: z
    .int()
    .min(0)
    .max(MOST_SECONDS)
    .exactOptional()
    .meta({ description: 'Epoch seconds, exclusive.' }),
}

const cursor = z
  .string()
  .regex(/^[\x21-\x7e]{1,512}$/, 'must be what an earlier page gave as next')
  .meta({ description: 'What an earlier page gave as `next`.' })

export const paging = {
  cursor: cursor.exactOptional(),
  limit: digits(1, 200, 'How many, at most 200; default 50.').default(50),
}

export const pagingBody = {
  cursor: cursor.exactOptional(),
  limit: z.int().min(1).max(200).default(50),
}

export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({
    items: z.array(item),
    next: z
      .string()
      .nullable()
      .meta({ description: 'The cursor of the next page; null on the last.' }),
  })

export const problem = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What to do next.' }),
    instance: z.string().meta({ description: 'The request’s own name, as in the log.' }),
    code: z.string().meta({ description: 'Stable; the last part of `type`.' }),
    errors: z
      .array(
        z.strictObject({
          pointer: z.string().exactOptional().meta({ description: 'JSON pointer into the body.' }),
          parameter: z.string().exactOptional().meta({ description: 'Of the path or the query.' }),
          detail: z.string(),
        }),
      )
      .exactOptional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457.' })
