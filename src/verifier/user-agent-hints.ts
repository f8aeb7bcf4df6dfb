/**
 * Whether the client hints and the User-Agent tell of the same browser (W3C User-Agent Client Hints).
 * Families and systems, never versions. A tool that rewrites the one header often forgets the others;
 * what looks right here is no proof of anything.
 */
import type { ClientHints } from './domain/visit.ts'
import type { AgentFacts } from './user-agent.ts'

/**
 * Absent when a part that could be compared is missing on either side. Only Chromium's family sends
 * hints, under brands of its own and made-up ones, so a brand that is not known here says nothing.
 */
export function hintMismatch(
  userAgent: string,
  { browser, os }: AgentFacts,
  hints: ClientHints,
): boolean | undefined {
  if (userAgent === '') return undefined
  const verdicts = [
    brandMismatch(userAgent, browser, hints.brands),
    systemMismatch(os, hints.platform),
  ].filter((verdict) => verdict !== undefined)
  return verdicts.length === 0 ? undefined : verdicts.includes(true)
}

/** Brand → the name that the User-Agent's own reading must have. Many more brands share Chrome's header. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['Google Chrome', 'Chrome'],
  ['Microsoft Edge', 'Microsoft Edge'],
  ['Opera', 'Opera'],
])

function brandMismatch(
  userAgent: string,
  browser: string | undefined,
  header: string | undefined,
): boolean | undefined {
  const brands = brandsIn(header)
  if (brands.length === 0) return undefined
  const expected = brands.map((brand) => NAMED.get(brand)).find((name) => name !== undefined)
  if (expected !== undefined && browser !== undefined) return browser !== expected
  // Every engine of the family says so in both headers.
  return brands.includes('Chromium') ? !/Chrom(e|ium)\//.test(userAgent) : undefined
}

/** The names of a list such as `"Chromium";v="142", "Not_A Brand";v="99"`. */
const brandsIn = (header = ''): readonly string[] =>
  [...header.matchAll(/"([^"\\]{1,64})"\s*;\s*v=/g)].map(([, brand]) => brand as string)

/** `Chromium OS` is what an unbranded build says. */
const SYSTEMS: ReadonlyMap<string, readonly string[]> = new Map([
  ['Windows', ['Windows']],
  ['macOS', ['macOS']],
  ['Linux', ['Linux']],
  ['Chrome OS', ['Chrome OS']],
  ['Chromium OS', ['Chrome OS']],
  // A phone that asks for the desktop's site sends the desktop's User-Agent.
  ['Android', ['Android', 'Linux']],
])

function systemMismatch(os: string | undefined, header = ''): boolean | undefined {
  const [, platform = ''] = /^\s*"([^"\\]{1,64})"\s*$/.exec(header) ?? []
  const systems = SYSTEMS.get(platform)
  return systems === undefined || os === undefined ? undefined : !systems.includes(os)
}
