/** What the pages say, in every language: complete, plain, and never why somebody was stopped. */
import { describe, expect, it } from 'vitest'
import { ok } from '../../src/verifier/domain/result.ts'
import { FLOWS } from '../../src/verifier/domain/session.ts'
import {
  firstSpoken,
  LANGUAGES,
  type Language,
  TEXTS,
  tagsOfHeader,
} from '../../src/verifier/http/pages/languages.ts'
import type { Texts } from '../../src/verifier/http/pages/texts/texts.ts'
import { FIELDS, NAVIGATION, OWN_POST, STATE, sessionOf, TOKEN, testApp } from '../support/app.ts'
import { attributesOf, formOf, textOf } from '../support/page.ts'

/** Every text of a language by its name, those of both flows. */
function textsOf(language: Language): ReadonlyMap<string, string> {
  const { flows, ...common }: Texts = TEXTS[language]
  return new Map([
    ...Object.entries(common),
    ...FLOWS.flatMap((flow) =>
      Object.entries(flows[flow]).map(([name, text]) => [`${flow}.${name}`, text] as const),
    ),
  ])
}

/** Risk, suspicion, token and verifier, as each language would say them. */
const NEVER_SAID: Record<Language, RegExp> = {
  en: /risk|suspicio|token|verifier|signal|attack|fraud/i,
  de: /risik|verdächt|token|verifier|signal|angriff|betrug/i,
  fr: /risque|suspect|soupçon|jeton|vérificateur|attaque|fraude/i,
  es: /riesgo|sospech|token|verificador|ataque|fraude/i,
  it: /rischi|sospett|token|verificatore|attacco|frode/i,
  pt: /risco|suspeit|token|verificador|ataque|fraude/i,
  nl: /risico|verdacht|token|verificateur|aanval|fraude/i,
  pl: /ryzyk|podejrzan|token|weryfikator|atak|oszust/i,
  tr: /risk|şüphe|token|belirteç|jeton|doğrulayıcı|saldırı/i,
  ja: /リスク|危険|不審|疑|トークン|検証|攻撃|不正/,
  ar: /خطر|مخاطر|مشبوه|رمز مميز|توكن|هجوم|احتيال/,
  he: /סיכון|חשוד|אסימון|טוקן|מאמת|התקפה|הונאה/,
}

/** Words for a mail, in each language. */
const MAIL: Record<Language, RegExp> = {
  en: /mail/i,
  de: /mail/i,
  fr: /mail|courriel/i,
  es: /correo|mail/i,
  it: /mail|posta/i,
  pt: /mail/i,
  nl: /mail/i,
  pl: /mail/i,
  tr: /posta/i,
  ja: /メール/,
  ar: /بريد/,
  he: /דוא/,
}

describe.each(LANGUAGES)('the texts in %s', (language) => {
  it('are all there, plain, and in that language', () => {
    for (const [name, text] of textsOf(language)) {
      expect(text.trim(), name).toBe(text)
      expect(text, name).not.toBe('')
      expect(text, name).not.toMatch(/[<>&"\\{}]|\p{Cc}/u)
      if (language !== 'en') expect(text, name).not.toBe(textsOf('en').get(name))
    }
  })

  it('never say why somebody was stopped', () => {
    for (const [name, text] of textsOf(language)) {
      expect(text, name).not.toMatch(NEVER_SAID[language])
    }
  })

  it('send nobody who signs in to a mail, and everybody who resets to theirs', () => {
    for (const [name, text] of textsOf(language)) {
      if (name.startsWith('login.')) expect(text, name).not.toMatch(MAIL[language])
    }
    expect(TEXTS[language].flows.password_reset.reopen).toMatch(MAIL[language])
  })

  it('name the button as it reads', () => {
    const { goOn, pressGoOn } = TEXTS[language]
    expect(pressGoOn).toContain(goOn)
  })
})

describe('the language of a page', () => {
  const open = async (query: Record<string, string>, header: string, language?: string) => {
    const sessions = new Map([[TOKEN, ok(sessionOf('acme', 'password_reset', language))]])
    const path = `/verify?${new URLSearchParams({ session_token: TOKEN, state: STATE, ...query })}`
    const headers = { ...NAVIGATION, 'accept-language': header }
    const response = await testApp({ sessions }).request(path, { headers })
    expect(response.status).toBe(200)
    const html = await response.text()
    return { html, lang: /<html lang="(\w+)" dir="(\w+)">/.exec(html)?.slice(1).join(' ') }
  }

  it.each([
    [{ ui_locales: 'fr-CA en' }, 'de', 'es', 'fr ltr'],
    [{ ui_locales: 'xx ar' }, 'de', 'es', 'ar rtl'],
    [{ ui_locales: 'xx' }, 'de', 'es', 'es ltr'],
    [{ ui_locales: '' }, 'de', 'fi', 'de ltr'],
    [{}, 'de-CH,de;q=0.9', undefined, 'de ltr'],
    [{}, 'fi, iw;q=0.5', undefined, 'he rtl'],
    [{}, 'fi', undefined, 'en ltr'],
    [{}, '', undefined, 'en ltr'],
    [{}, '*', undefined, 'en ltr'],
    [{ ui_locales: '"><script>' }, '"><script>', '__proto__', 'en ltr'],
  ])('by %j, Accept-Language %j and the fact %j is %s', async (query, header, fact, expected) => {
    expect((await open(query, header, fact)).lang).toBe(expected)
  })

  it('goes on with the next request only where its headers would not say it', async () => {
    expect(formOf((await open({}, 'de', 'de')).html).action).toBe('/verify')
    expect(formOf((await open({}, 'en', 'de')).html).action).toBe('/verify?ui_locales=de')
    expect(formOf((await open({ ui_locales: 'ja' }, 'en')).html).action).toBe(
      '/verify?ui_locales=ja',
    )
  })

  it.each([
    ['en;q=0.2, de;q=0.8', 'de'],
    ['de;q=0, fr;q=0.1', 'fr'],
    ['de;q=2, fr;q=0.1', 'de'],
    ['pt-BR', 'pt'],
    ['zh-Hant-TW, ja', 'ja'],
    [`${'xx,'.repeat(20)}de`, undefined],
    ['constructor, toString', undefined],
  ])('reads %j as %s', (header, expected) => {
    expect(firstSpoken(tagsOfHeader(header))).toBe(expected)
  })
})

describe('a person who signs in', () => {
  const sessions = new Map([[TOKEN, ok(sessionOf('acme', 'login'))]])

  it('reads of signing in on every page, the refused post included', async () => {
    const app = testApp({ sessions })
    const arrival = await (await app.open()).text()
    expect(textOf(arrival)).toContain("we're confirming this sign-in.")
    expect(formOf(arrival).action).toBe('/verify?flow=login')
    const bare = await app.request('/verify?flow=login', { headers: NAVIGATION })
    expect(bare.status).toBe(200)
    expect(textOf(await bare.text())).toContain('Go back to the application and sign in again.')
    const foreign = { ...NAVIGATION, 'sec-fetch-site': 'cross-site' }
    const refused = await app.request('/verify?flow=login', { method: 'POST', headers: foreign })
    expect(refused.status).toBe(403)
    const text = textOf(await refused.text())
    expect(text).toContain('Go back to the application and sign in again.')
    expect(text).not.toMatch(/mail/)
  })

  it('tries again in the same words', async () => {
    const app = testApp({ sessions, rejection: { code: 'unavailable' } })
    const response = await app.request('/verify?flow=login&ui_locales=fr', {
      method: 'POST',
      headers: { ...OWN_POST, 'accept-language': 'de' },
      body: new URLSearchParams(FIELDS).toString(),
    })
    expect(response.status).toBe(503)
    const html = await response.text()
    expect(textOf(html)).toContain('Votre connexion est toujours en cours')
    expect(attributesOf(html)).toContainEqual({
      name: 'href',
      value: '/verify?flow=login&ui_locales=fr',
    })
  })

  it('is refused a bare address with anything but the hints', async () => {
    const response = await testApp().request('/verify?flow=login&x=1', { headers: NAVIGATION })
    expect(response.status).toBe(400)
  })
})

describe('a refusal', () => {
  it('reads the same for a token that was good and one that never was', async () => {
    const spent = { code: 'token_spent', tenantId: 'acme' } as const
    const sessions = new Map([[TOKEN, ok(sessionOf('acme', 'login', 'ja'))]])
    const known = testApp({ sessions, rejection: spent })
    const forged = testApp()
    const [one, other] = await Promise.all([
      known.post().then((response) => response.text()),
      forged.post({ session_token: 'forged' }).then((response) => response.text()),
    ])
    expect(one).toBe(other)
  })
})
