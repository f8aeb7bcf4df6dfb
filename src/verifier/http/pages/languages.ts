/** Which languages the pages speak, and which of them a person reads. */
import { ar } from './texts/ar.ts'
import { de } from './texts/de.ts'
import { en } from './texts/en.ts'
import { es } from './texts/es.ts'
import { fr } from './texts/fr.ts'
import { he } from './texts/he.ts'
import { it } from './texts/it.ts'
import { ja } from './texts/ja.ts'
import { nl } from './texts/nl.ts'
import { pl } from './texts/pl.ts'
import { pt } from './texts/pt.ts'
import type { Texts } from './texts/texts.ts'
import { tr } from './texts/tr.ts'

/** By primary language subtag (BCP 47). */
export const TEXTS = { en, de, fr, es, it, pt, nl, pl, tr, ja, ar, he } as const satisfies Record<
  string,
  Texts
>
export type Language = keyof typeof TEXTS

export const LANGUAGES = Object.keys(TEXTS) as readonly Language[]

export const directionOf = (language: Language): 'ltr' | 'rtl' =>
  language === 'ar' || language === 'he' ? 'rtl' : 'ltr'

/** `tags` in order of preference. The region never counts: a person of Wallonia reads French texts. */
export function firstSpoken(tags: readonly string[]): Language | undefined {
  for (const tag of tags) {
    const [primary = ''] = tag.trim().toLowerCase().split(/[-_]/)
    // The code that Hebrew had before 1989, still sent by some browsers.
    const subtag = primary === 'iw' ? 'he' : primary
    if (isLanguage(subtag)) return subtag
  }
  return undefined
}

const isLanguage = (text: string): text is Language => Object.hasOwn(TEXTS, text)

/** More entries than people set; the rest of a header that goes on is not read. */
const MAX_TAGS = 20

/** `ui_locales` (OpenID Connect Core 3.1.2.1): tags in order of preference, separated by spaces. */
export const tagsOfLocales = (text: string) => text.split(' ', MAX_TAGS)

/** Accept-Language (RFC 9110 12.5.4): by weight, then in the order sent; weight 0 means never. */
export function tagsOfHeader(header: string): readonly string[] {
  const ranges = header.split(',', MAX_TAGS).map((range) => {
    const [tag = '', ...parameters] = range.split(';')
    const weight = parameters.map((text) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/i.exec(text)?.[1])
    return { tag, weight: Number(weight.find((text) => text !== undefined) ?? 1) }
  })
  return ranges
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight)
    .map(({ tag }) => tag)
}
