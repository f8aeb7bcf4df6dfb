/**
 * The driver, hardened (both entries share it). Not a pool policy and not a query.
 *
 * In postgres.js a parameter that fails to serialise on a prepared statement wedges its connection for
 * ever, or rejects its neighbour. So statements take text, which SQL casts, and behind that stand
 * serialisers that cannot throw.
 */
import postgres, { type Sql } from 'postgres'
import { StoreError } from '../ports.ts'

export interface ClientOptions {
  readonly connections: number
  readonly connectSeconds: number
  /** Settings for the server's session. A pooler such as Hyperdrive may not pass them on. */
  readonly session?: Readonly<Record<string, string>>
  /** Told when a server let us in: no statement is sent before. */
  readonly onEntered?: () => void
}

export function createClient(url: string, options: ClientOptions): Sql {
  const direct = !isPooled(url)
  const client = postgres(url, {
    max: options.connections,
    connect_timeout: options.connectSeconds,
    connection: { application_name: 'redirect-verifier', ...(direct ? options.session : {}) },
    prepare: direct,
    // Its query on connect costs a round trip, and its rejection is handled by nobody.
    fetch_types: false,
    transform: { undefined: null },
    types: TYPES,
    // Its own grows to 20 s, in which every request would wait and fail although the server is back.
    backoff: () => 0,
    ...(options.onEntered === undefined ? {} : { onparameter: options.onEntered }),
    // The default prints to the console.
    onnotice: () => {},
  })
  return client as unknown as Sql
}

/**
 * `?prepare=false`: a pooler stands in between that gives each statement whichever connection is free,
 * as PgBouncer does with `pool_mode = transaction`. What was prepared on another connection is not there,
 * and settings that arrive with a connection are refused: the role must have them.
 */
function isPooled(url: string): boolean {
  return URL.canParse(url) && new URL(url).searchParams.get('prepare') === 'false'
}

/** By object id, as pg_type.dat lists them; 0 is what the driver calls a type it did not guess. */
const TYPES = {
  text: total(25, [17, 20, 25, 1082, 1114, 1184], (value) => value),
  number: total(0, [21, 23, 26, 700, 701], Number),
  boolean: total(16, [16], (value) => value === 't'),
  json: total(114, [114, 3802], JSON.parse),
}

function total(to: number, from: number[], parse: (text: string) => unknown) {
  return { to, from, parse, serialize: totalText }
}

/** Text for any value whatever; never throws. */
function totalText(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === true || value === false) return value ? 't' : 'f'
  try {
    return String(value)
  } catch {
    return ''
  }
}

/** What Postgres refuses in text and jsonb: the null character and halves of surrogate pairs. */
const UNSTORABLE = /[\0\p{Surrogate}]/gu

/** A plain value as JSON text that `jsonb` accepts. Throws `StoreError` for what has no JSON form. */
export function jsonText(value: unknown): string {
  try {
    // What is looked for member by member stands escaped in the text, and is rare.
    const plain = JSON.stringify(value)
    if (plain !== undefined && !/\\u(?:0000|d[89a-f])/.test(plain)) return plain
    const text = JSON.stringify(value, (_key, member: unknown) =>
      typeof member === 'string' ? member.replace(UNSTORABLE, '\uFFFD') : member,
    )
    if (text !== undefined) return text
  } catch {
    // Falls through: a cycle, a bigint, a getter that throws.
  }
  throw new StoreError('unknown', 'BAD_PARAMETER')
}
