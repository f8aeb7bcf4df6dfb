/**
 * How a page speaks to the person who asked for it: in which language, and of a reset or of a sign-in.
 * Hints of the request decide about words and about nothing else. What a verified token adds is used
 * where a page follows from it, never on a refusal: words must not tell a spent token from a forged one.
 */
import type { Flow, Session } from '../domain/session.ts'
import type { AppContext } from './app-deps.ts'
import { firstSpoken, type Language, tagsOfHeader, tagsOfLocales } from './pages/languages.ts'
import { type Wording, wordingOf } from './pages/wording.ts'
import { queryOf } from './parameters.ts'

/** Parameters of `/verify` that a bare address may carry. */
export const HINTS: ReadonlySet<string> = new Set(['ui_locales', 'flow'])

export interface Manner {
  readonly wording: Wording
  /** `/verify` with the hints that the next request would lack. */
  readonly address: string
}

export function mannerOf(c: AppContext, facts?: Session['facts']): Manner {
  const query = queryOf(c.req.url)
  const header = firstSpoken(tagsOfHeader(c.req.header('accept-language') ?? '')) ?? 'en'
  const language =
    firstSpoken([...tagsOfLocales(query.get('ui_locales') ?? ''), facts?.language ?? '']) ?? header
  const flow = facts?.flow ?? (query.get('flow') === 'login' ? 'login' : 'password_reset')
  return {
    wording: wordingOf(language, flow),
    address: addressOf(flow, language === header ? undefined : language),
  }
}

/** Made of our own words only: nothing of a request is repeated. */
function addressOf(flow: Flow, language: Language | undefined): string {
  const hints = [
    ...(flow === 'login' ? ['flow=login'] : []),
    ...(language === undefined ? [] : [`ui_locales=${language}`]),
  ]
  return hints.length === 0 ? '/verify' : `/verify?${hints.join('&')}`
}
