/**
 * The words of one page: a language and a flow, put into HTML once when the process starts, so that a
 * request looks them up and builds nothing.
 */
import { html } from 'hono/html'
import { FLOWS, type Flow } from '../../domain/session.ts'
import { directionOf, LANGUAGES, type Language, TEXTS } from './languages.ts'
import type { Html } from './layout.ts'
import type { FlowTexts, Texts } from './texts/texts.ts'

export interface Wording {
  readonly language: Language
  readonly flow: Flow
  readonly direction: 'ltr' | 'rtl'
  readonly words: Readonly<Record<Word, Html>>
}

export type Word = Exclude<keyof Texts, 'flows'> | keyof FlowTexts

const WORDINGS = new Map(
  FLOWS.map((flow) => [
    flow,
    new Map(LANGUAGES.map((language) => [language, build(language, flow)])),
  ]),
)

export function wordingOf(language: Language, flow: Flow): Wording {
  return WORDINGS.get(flow)?.get(language) as Wording
}

function build(language: Language, flow: Flow): Wording {
  const { flows, ...common }: Texts = TEXTS[language]
  const texts: Record<Word, string> = { ...common, ...flows[flow] }
  const words = Object.fromEntries(
    Object.entries(texts).map(([word, text]) => [word, html`${text}`]),
  ) as Record<Word, Html>
  return { language, flow, direction: directionOf(language), words }
}
