/**
 * Where a person goes after signing in: only a page of this part of this service. What is returned is
 * put together from what was understood, never the text that came in.
 */

export const ADMIN_HOME = '/admin'

/** Those would sign in again, or out. */
const NOT_A_PAGE = /^\/admin\/(login|callback|logout|signed-out)(\/|$)/
const MOST_CHARACTERS = 1024

/** A path with its query, or the first page when the text is anything else. */
export function returnPathOf(text: string | undefined, publicOrigin: string): string {
  if (text === undefined || text.length > MOST_CHARACTERS) return ADMIN_HOME
  // Browsers read a backslash as a slash and drop control characters: neither belongs into a path.
  if (!/^\/admin(?=$|[/?])[\x21-\x5b\x5d-\x7e]*$/.test(text)) return ADMIN_HOME
  if (!URL.canParse(text, publicOrigin)) return ADMIN_HOME
  const { origin, pathname, search } = new URL(text, publicOrigin)
  const inside = origin === publicOrigin && /^\/admin(\/|$)/.test(pathname)
  if (!inside || pathname.includes('//') || NOT_A_PAGE.test(pathname)) return ADMIN_HOME
  return `${pathname}${search}`
}
