/**
 * Which addresses of an application may be led to: those on its list, letter by letter, and those that
 * one of its wildcards stands for. What Auth0 says of wildcards: only of the web, one of them, in the
 * first label of a host name that has two more, perhaps beside other characters, for one label alone.
 */

export const isAllowedUrl = (allowed: readonly string[], url: string): boolean =>
  allowed.some((one) => one === url || isMeantBy(one, url))

/** Where to lead who names no address: a wildcard is none. */
export const firstUrl = (allowed: readonly string[]): string | undefined =>
  allowed.find((one) => !one.includes('*'))

const WILDCARD = /^(https?:\/\/[a-z0-9-]*)\*([a-z0-9-]*(?:\.[a-z0-9-]+){2,}(?:[:/?#][^*]*)?)$/i
/** Of a host name, and nothing that could end it: a slash here would lead to another host. */
const IN_A_LABEL = /^[a-z0-9-]+$/i

function isMeantBy(pattern: string, url: string): boolean {
  const [, before, after] = WILDCARD.exec(pattern) ?? []
  if (before === undefined || after === undefined) return false
  if (!url.startsWith(before) || !url.endsWith(after)) return false
  return IN_A_LABEL.test(url.slice(before.length, -after.length))
}
