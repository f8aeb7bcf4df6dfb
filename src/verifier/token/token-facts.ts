/**
 * Reads the `facts` claim. Lenient per field: a field that is missing or wrong is absent, and absent
 * means unknown, which every rule answers for. Unknown keys are dropped. Never a reason to refuse:
 * the signature has been checked, and a typo in an Action must not lock people out.
 */
import * as z from 'zod'
import { FACTORS, FIRST_CHALLENGES } from '../domain/factors.ts'
import { FLOWS, type TokenFacts } from '../domain/session.ts'

/** A century, and more logins than a person makes: values above are mistakes of the Action. */
const days = z.int().min(0).max(36_525)
const count = z.int().min(0).max(1_000_000_000)
/** 0.1 degree is about eleven kilometres: enough for a distance, too coarse for a home. */
const degrees = (limit: number) => z.number().min(-limit).max(limit).transform(roundToTenth)
/** One unknown entry makes the list unknown: leaving it out could turn "some" into "none". */
const listOf = <const T extends readonly string[]>(values: T) =>
  z
    .array(z.enum(values))
    .max(32)
    .transform((list) => [...new Set(list)])

/** Patterns, not lengths alone: Postgres refuses a NUL in a document, and logs must stay lines. */
const FIELDS = {
  flow: z.enum(FLOWS),
  enforced: z.boolean(),
  account_age_days: days,
  last_reset_age_days: days,
  logins_count: count,
  factors: listOf(FACTORS),
  first_challenge: listOf(FIRST_CHALLENGES),
  email_verified: z.boolean(),
  phone_verified: z.boolean(),
  country: z.string().regex(/^[A-Z]{2}$/),
  time_zone: z
    .string()
    .max(64)
    .regex(/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,2}$/),
  latitude: degrees(90),
  longitude: degrees(180),
  language: z.string().regex(/^[a-z]{2,8}$/),
  client_id: z.string().regex(/^[\x21-\x7e]{1,128}$/),
  privileged: z.boolean(),
  leaked_credential: z.boolean(),
  agent: z.boolean(),
} satisfies Record<keyof TokenFacts, z.ZodType>

const EACH: readonly (readonly [string, z.ZodType])[] = Object.entries(FIELDS)
const SPOKEN = EACH.filter(([name]) => name === 'flow' || name === 'language')
const ALL = z.object(FIELDS).partial()

export function parseTokenFacts(claim: unknown): TokenFacts {
  const facts = parseAll(claim) ?? fieldsOf(claim, EACH)
  // Half a position is none.
  if (facts.latitude === undefined || facts.longitude === undefined) {
    delete facts.latitude
    delete facts.longitude
  }
  return { flow: 'password_reset', ...facts }
}

/** `flow` and `language` as `parseTokenFacts` reads them, without the others. */
export function parseSpoken(claim: unknown): Pick<TokenFacts, 'flow' | 'language'> {
  return { flow: 'password_reset', ...fieldsOf(claim, SPOKEN) }
}

/** The usual case, at half the cost: every field that is there is right. Otherwise undefined. */
function parseAll(claim: unknown): Record<string, unknown> | undefined {
  // Zod reads members wherever they come from; those that JSON makes have no others.
  if (typeof claim !== 'object' || claim === null) return undefined
  if (Object.getPrototypeOf(claim) !== Object.prototype) return undefined
  return ALL.safeParse(claim).data
}

/** One that is wrong does not make the others so. */
function fieldsOf(claim: unknown, fields: typeof EACH): Record<string, unknown> {
  const members = typeof claim === 'object' && claim !== null ? claim : {}
  const facts: Record<string, unknown> = {}
  for (const [name, schema] of fields) {
    if (!Object.hasOwn(members, name)) continue
    const parsed = schema.safeParse((members as Record<string, unknown>)[name])
    if (parsed.success) facts[name] = parsed.data
  }
  return facts
}

/** Adding 0 turns -0, which JSON cannot carry, into 0. */
function roundToTenth(value: number): number {
  return Math.round(value * 10) / 10 + 0
}
