/** The URL rule shared by `redirect.sendUserTo` and `transaction.setResultUrl` (contract 1.2). */

/** What Action code passes as the second argument. */
export interface UrlOptions {
  readonly query?: Readonly<Record<string, unknown>>
}

/**
 * Parses `base` (a relative or malformed one throws TypeError) and sets each query parameter: one of the
 * same name that is already there is replaced, all its occurrences, not joined. Values become text, so
 * `undefined` becomes the word. No scheme and no host is refused: neither does Auth0's API layer.
 */
export function buildUrl(base: string, options: UrlOptions | undefined): string {
  const url = new URL(base)
  const query = options?.query
  if (query) for (const name in query) url.searchParams.set(name, String(query[name]))
  return url.href
}
