/** Pages that are made once and filled in for each request: values land in their places, escaped, and stay nowhere. */
import fc from 'fast-check'
import '../support/seed.ts'
import { html, raw } from 'hono/html'
import { describe, expect, it } from 'vitest'
import { arrivalPage } from '../../src/verifier/http/pages/arrival.ts'
import { bytesOf, outline, PLACE, prepare } from '../../src/verifier/http/pages/outline.ts'
import { wordingOf } from '../../src/verifier/http/pages/wording.ts'
import { STATE, TOKEN, testApp } from '../support/app.ts'
import { formOf } from '../support/page.ts'

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe('an outline', () => {
  it('escapes text, keeps HTML and leaves out what is not there', () => {
    const { pieces } = outline`${'<a>'}${html`<b>${'&'}</b>`}${raw('<i>')}${undefined}${false}`
    expect(pieces).toEqual(['&lt;a&gt;<b>&amp;</b><i>'])
  })

  it('has a place for each value, in order, those of an outline inside it too', () => {
    const inner = outline`[${PLACE}|${'in'}|${PLACE}]`
    const fill = prepare(outline`a${PLACE}b${inner}c${PLACE}`)
    expect(textOf(fill('1', '2', '3', '4'))).toBe('a1b[2|in|3]c4')
  })

  it('escapes what goes into a place', () => {
    const fill = prepare(outline`<input value="${PLACE}">`)
    expect(textOf(fill(`"><script>'&`))).toBe('<input value="&quot;&gt;&lt;script&gt;&#39;&amp;">')
  })

  it('keeps every letter', () => {
    const fill = prepare(outline`å·${PLACE}·日`)
    expect(textOf(fill('é𝄞'))).toBe('å·é𝄞·日')
  })

  it('is, byte for byte, what it would be if it were written at once', () => {
    const fill = prepare(outline`å${PLACE}<p>${PLACE}</p>`)
    const place = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(place, place, (one, other) => {
        const whole = new TextEncoder().encode(String(html`å${one}<p>${other}</p>`))
        expect([...fill(one, other)]).toEqual([...whole])
      }),
    )
  })

  it('is not filled with fewer values than it has places, nor with more', () => {
    const fill = prepare(outline`${PLACE}${PLACE}`)
    expect(() => fill('1')).toThrow()
    expect(() => fill('1', '2', '3')).toThrow()
    expect(() => bytesOf(outline`${PLACE}`)).toThrow()
    expect(textOf(bytesOf(outline`å${'<'}`))).toBe('å&lt;')
  })

  it('waits for nothing', () => {
    expect(() => outline`${html`${Promise.resolve('late')}`}`).toThrow()
  })
})

describe('the arrival page', () => {
  it("holds nothing of the visit before it, and nothing of another tenant's", async () => {
    const app = testApp({ tenantSettings: { name: 'Acme Bank' } })
    await app.open({ session_token: TOKEN, state: 'first' })
    const second = await (await app.open({ session_token: TOKEN, state: 'second' })).text()
    expect(formOf(second).fields).toMatchObject({ session_token: TOKEN, state: 'second' })
    expect(second).not.toContain('first')
    const other = testApp({ tenantSettings: { name: 'Other' } })
    expect(await (await other.open()).text()).not.toContain('Acme Bank')
  })

  it('is another one for each language, flow, address, wish for a click and human check', () => {
    const brand = { name: 'Acme Bank' }
    const plain = {
      brand,
      wording: wordingOf('en', 'password_reset'),
      address: '/verify',
      token: TOKEN,
      state: STATE,
      requireClick: false,
    }
    const pages = [
      plain,
      { ...plain, brand: {} },
      { ...plain, wording: wordingOf('de', 'password_reset') },
      { ...plain, wording: wordingOf('en', 'login') },
      { ...plain, address: '/verify?ui_locales=de' },
      { ...plain, requireClick: true },
      { ...plain, human: { kind: 'proof_of_work' as const, challenge: '{}' } },
      { ...plain, human: { kind: 'turnstile' as const, siteKey: 'k', boundTo: 'b' } },
      { ...plain, human: { kind: 'turnstile' as const, siteKey: 'k2', boundTo: 'b' } },
    ]
    const texts = () => pages.map((page) => textOf(arrivalPage(page).body))
    const first = texts()
    expect(new Set(first).size).toBe(pages.length)
    expect(texts()).toEqual(first)
  })

  it('is the same after more pages were made than are kept', () => {
    const page = (name: string) =>
      textOf(
        arrivalPage({
          brand: { name },
          wording: wordingOf('en', 'password_reset'),
          address: '/verify',
          token: TOKEN,
          state: STATE,
          requireClick: false,
        }).body,
      )
    const before = page('Acme Bank')
    for (let at = 0; at < 1001; at += 1) page(`Bank ${at}`)
    expect(page('Acme Bank')).toBe(before)
  })
})
