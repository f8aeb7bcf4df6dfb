/** What tenants may change of a page, and what nobody may: escaping, contrast, links. */
import { describe, expect, it } from 'vitest'
import type { TenantSettings } from '../../src/verifier/ports.ts'
import { NAVIGATION, STATE, TOKEN, testApp } from '../support/app.ts'
import { formOf, tagsOf, textOf } from '../support/page.ts'

const open = async (tenantSettings: Partial<TenantSettings> = {}, state = STATE) =>
  (await testApp({ tenantSettings }).open({ session_token: TOKEN, state })).text()
const refused = async (tenantSettings: Partial<TenantSettings>) =>
  (await testApp({ tenantSettings }).open({ session_token: 'forged', state: STATE })).text()

describe('every page', () => {
  it.each([
    ['arrival', () => testApp().open()],
    ['bare', () => testApp().request('/verify', { headers: NAVIGATION })],
    ['leaving', () => testApp().post()],
    ['refused', () => testApp().open({ session_token: 'forged', state: STATE })],
  ])('is a whole document in a named language, and loads nothing: %s', async (_, send) => {
    const html = await (await send()).text()
    expect(html).toMatch(/^<!doctype html>\n<html lang="en" dir="ltr">/)
    expect(html).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">')
    expect(html.match(/<title>[^<]+<\/title>/)).not.toBeNull()
    expect(html.match(/<h1>/g)?.length).toBe(html.includes('id="lost"') ? 2 : 1)
    expect(html).not.toMatch(/ src=| rel=|@import|url\(/)
    expect(textOf(html)).not.toMatch(/risk|suspicious|token|verifier/i)
  })
})

describe('a tenant', () => {
  it('is named', async () => {
    const text = textOf(await open({ name: 'Acme Bank' }))
    expect(text).toMatch(/^One moment, we're confirming this reset\. · Acme Bank Acme Bank /)
  })

  it.each(['#fc0', '#FFCC00', '#000', '#fff', '#777777', '#767676', '#0a7f5a'])(
    'has readable text on %s',
    async (color) => {
      const [, brand = '', on = ''] =
        /:root\{--brand:(#[0-9a-f]{6});--on-brand:(#[0-9a-f]{3})\}/.exec(await open({ color })) ??
        []
      expect(contrast(brand, on === '#fff' ? '#ffffff' : '#000000')).toBeGreaterThanOrEqual(4.5)
    },
  )

  it.each(['red', '#12345', '#1234567', '#fff}body{display:none', 'url(x)', ''])(
    'keeps our colour instead of %s',
    async (color) => {
      const html = await open({ color })
      expect(html.match(/<style>/g)).toHaveLength(1)
      expect(html).not.toContain('display:none}body')
    },
  )

  it('may ask for a click', async () => {
    expect(await open({ requireClick: true })).toContain('data-click="yes"')
    expect(await open()).toContain('data-click="no"')
  })

  it.each([
    ['mailto:help@acme.example', true],
    ['tel:+41315550100', true],
    ['https://acme.example/help', true],
    ['http://acme.localhost:3000/help', true],
    ['http://acme.example/help', false],
    ['javascript:alert(1)', false],
    ['data:text/html,x', false],
    ['/help', false],
  ])('has its support behind %s: %s', async (supportUrl, shown) => {
    expect((await refused({ supportUrl })).includes('Contact support')).toBe(shown)
  })

  it.each([
    ['https://acme.example/reset', true],
    ['http://app.localhost:3000/', true],
    ['http://app.evil/?.localhost', false],
    ['javascript:alert(1)//localhost', false],
    ['mailto:help@acme.example', false],
  ])('lets people start again at %s: %s', async (restartUrl, shown) => {
    expect((await refused({ restartUrl })).includes('Ask for a new link')).toBe(shown)
  })
})

describe('markup in a value', () => {
  const payload = `"><img src=x onerror=alert(1)>'</script><script>alert(1)</script>&amp;`

  it('stays a value: state', async () => {
    const html = await open({}, payload)
    expect(formOf(html).fields.state).toBe(payload)
    expect(tagsOf(html)).toEqual(tagsOf(await open()))
    const left = await (await testApp().post({ state: payload })).text()
    expect(formOf(left).fields.state).toBe(payload)
    expect(tagsOf(left)).toEqual(tagsOf(await (await testApp().post()).text()))
  })

  it('stays a value: name and links of a tenant', async () => {
    const plain = {
      name: 'Acme',
      supportUrl: 'https://a.example/',
      restartUrl: 'https://a.example/',
    }
    const hostile = {
      name: payload,
      supportUrl: `https://a.example/${payload}`,
      restartUrl: `https://a.example/${payload}`,
    }
    expect(tagsOf(await refused(hostile))).toEqual(tagsOf(await refused(plain)))
    expect(tagsOf(await open(hostile))).toEqual(tagsOf(await open(plain)))
  })
})

/** WCAG 2.2, contrast ratio of two colours. */
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(color: string): number {
  const channels = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255)
  const [red = 0, green = 0, blue = 0] = channels.map((value) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
  )
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
