/**
 * How a page speaks to the person who asked for it: in which language, and of a reset or of a sign-in.
 * Hints of the request decide about words and about nothing else. What a verified token adds is used
 * where a page follows from it, never on a refusal: words must not tell a spent token from a forged one.
 */
import type { Flow, Session } from '../domain/session.ts'
import type { AppContext } from './app-deps.ts'
import { firstSpoken, type Language, tagsOfHeader, tagsOfLocales } from './pages/languages.ts'
import { type Wording, wordingOf } from './pages/wording.ts'

/** Parameters of `/verify` that a bare address may carry. */
export const HINTS: ReadonlySet<string> = new Set(['ui_locales', 'flow'])

export interface Manner {
  readonly wording: Wording
  /** `/verify` with the hints that the next request would lack. */
  readonly address: string
}

/** `query`: the parameters of the address. */
export function mannerOf(
  c: AppContext,
  query: URLSearchParams,
  spoken?: Session['spoken'],
): Manner {
  const header = languageOf(c.req.header('accept-language') ?? '')
  const asked = query.get('ui_locales')
  const language =
    firstSpoken([
      ...(asked === null ? [] : tagsOfLocales(asked)),
      ...(spoken?.language === undefined ? [] : [spoken.language]),
    ]) ?? header
  const flow = spoken?.flow ?? (query.get('flow') === 'login' ? 'login' : 'password_reset')
  return {
    wording: wordingOf(language, flow),
    address: addressOf(flow, language === header ? undefined : language),
  }
}

/** Browsers send few different ones. What a client makes up pushes out nothing but the like. */
const MOST_HEADERS = 500
const HEADER_CHARACTERS = 100
const known = new Map<string, Language>()

function languageOf(header: string): Language {
  const before = known.get(header)
  if (before !== undefined) return before
  const language = firstSpoken(tagsOfHeader(header)) ?? 'en'
  if (header.length > HEADER_CHARACTERS) return language
  if (known.size >= MOST_HEADERS) known.clear()
  known.set(header, language)
  return language
}

/** Made of our own words only: nothing of a request is repeated. */
function addressOf(flow: Flow, language: Language | undefined): string {
  const hints = [
    ...(flow === 'login' ? ['flow=login'] : []),
    ...(language === undefined ? [] : [`ui_locales=${language}`]),
  ]
  return hints.length === 0 ? '/verify' : `/verify?${hints.join('&')}`
}
