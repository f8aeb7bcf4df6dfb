/**
 * Where a page ended: the time of its last item to the microsecond, and its id for items of one
 * moment. The next page begins behind it, so what is stored meanwhile moves nothing.
 */
import { StoreError } from '../ports.ts'
import { BAD_CURSOR, type Page } from '../ports-admin.ts'

export interface Position {
  /** Microseconds since 1970, as Postgres counts time. */
  readonly micros: string
  readonly id: string
}

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
/** Of identity columns, well within `bigint`. */
export const NUMBER = /^\d{1,18}$/

/** The page of rows that were asked for with one more than `limit`: that one says that more follow. */
export function pageOf<Row extends Position, Item>(
  rows: readonly Row[],
  limit: number,
  itemOf: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const more = rows.length > limit && last !== undefined
  return { items: shown.map(itemOf), ...(more ? { next: encode(last) } : {}) }
}

/** Throws `StoreError` `BAD_CURSOR` for anything that `pageOf` did not make of such ids. */
export function positionOf(cursor: string, id: RegExp): Position {
  const text = cursor.length > 200 ? '' : Buffer.from(cursor, 'base64url').toString('latin1')
  const [micros = '', key = '', ...rest] = text.split('.')
  const position = { micros, id: key }
  const whole = rest.length === 0 && /^\d{1,16}$/.test(micros) && id.test(key)
  // The decoder passes over what is no base64url.
  if (!whole || encode(position) !== cursor) throw new StoreError('unknown', BAD_CURSOR)
  return position
}

const encode = ({ micros, id }: Position): string =>
  Buffer.from(`${micros}.${id}`, 'latin1').toString('base64url')
