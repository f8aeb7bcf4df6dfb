/**
 * How a page speaks to the person who asked for it: in which language, and of a reset or of a sign-in.
 * Hints of the request decide about words and about nothing else. What a verified token adds is used
 * where a page follows from it, never on a refusal: words must not tell a spent token from a forged one.
 */
import type { Flow, Session } from '../domain/session.ts'
import { remember } from '../remember.ts'
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

const HEADER_CHARACTERS = 100
const languageOf = remember(
  HEADER_CHARACTERS,
  (header): Language => firstSpoken(tagsOfHeader(header)) ?? 'en',
)

/** Made of our own words only: nothing of a request is repeated. */
function addressOf(flow: Flow, language: Language | undefined): string {
  const hints = [
    ...(flow === 'login' ? ['flow=login'] : []),
    ...(language === undefined ? [] : [`ui_locales=${language}`]),
  ]
  return hints.length === 0 ? '/verify' : `/verify?${hints.join('&')}`
}
