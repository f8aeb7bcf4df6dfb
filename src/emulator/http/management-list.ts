/**
 * Lists of the Management API in the three forms it has: an array, a page with its totals, and a page
 * with the mark where the next one starts.
 */
import type { Context } from 'hono'

const numberOf = (text: string | undefined, most: number, otherwise: number) =>
  text !== undefined && /^\d{1,6}$/.test(text) ? Math.min(Number(text), most) : otherwise

const MOST_PER_PAGE = 100

export function answerList(
  c: Context,
  key: string,
  items: readonly unknown[],
  form: 'array' | 'totals' = 'array',
): Response {
  const query = c.req.query()
  const limit = numberOf(query.per_page ?? query.take, MOST_PER_PAGE, 50)
  if (query.take !== undefined || query.from !== undefined) {
    const start = numberOf(query.from, items.length, 0)
    const next = start + limit
    return c.json({
      [key]: items.slice(start, next),
      ...(next < items.length ? { next: String(next) } : {}),
    })
  }
  const page = numberOf(query.page, 100_000, 0)
  const start = page * limit
  const shown = items.slice(start, start + limit)
  const withTotals = query.include_totals === 'true' || form === 'totals'
  if (!withTotals) return c.json(shown)
  return c.json({
    start,
    limit,
    length: shown.length,
    total: items.length,
    page,
    per_page: limit,
    [key]: shown,
  })
}
