/**
 * One event of a tenant's log, as a log stream delivers it (`{"log_id": …, "data": {…}}`) and as
 * exports hold it (the inner object alone). Only what is read here is named; all else is dropped.
 * https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes
 */
import * as z from 'zod'

const text = (most: number) => z.string().min(1).max(most)
const coordinate = (limit: number) =>
  z.coerce
    .number()
    .min(-limit)
    .max(limit)
    .transform((degrees) => Math.round(degrees * 10) / 10 + 0)

/** Of these a fault only loses the field: Auth0 leaves them empty, or fills them with what it was sent. */
const lenient = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined)

const LOG_EVENT = z.object({
  log_id: text(200),
  date: z.iso.datetime({ offset: true }),
  type: text(80),
  user_id: lenient(text(255)),
  ip: lenient(text(45)),
  /** Of a login with a password or without one: the e-mail address, mostly. */
  user_name: lenient(text(320)),
  user_agent: lenient(z.string().transform((value) => value.slice(0, 512))),
  location_info: lenient(
    z.object({
      country_code: lenient(z.string().regex(/^[A-Z]{2}$/)),
      latitude: lenient(coordinate(90)),
      longitude: lenient(coordinate(180)),
    }),
  ),
})

export type LogEvent = z.output<typeof LOG_EVENT>

/** Undefined for anything that is no event. */
export function parseLogEvent(item: unknown): LogEvent | undefined {
  const { data, log_id } = (item ?? {}) as { readonly data?: unknown; readonly log_id?: unknown }
  const inner = typeof data === 'object' && data !== null ? { log_id, ...data } : item
  const parsed = LOG_EVENT.safeParse(inner)
  return parsed.success ? parsed.data : undefined
}
