/** The headers of every answer, and the policies of the pages: hashes that match, hosts that do not leak. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { TenantSettings } from '../../src/verifier/ports.ts'
import { NAVIGATION, testApp } from '../support/app.ts'

const COMMON = {
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy':
    'camera=(), microphone=(), geolocation=(), payment=(), usb=(), publickey-credentials-get=(self)',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex',
}

const NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

type Settings = Partial<TenantSettings>
const arrival = (tenantSettings: Settings = {}) => testApp({ tenantSettings }).open()
const leaving = (tenantSettings: Settings = {}) => testApp({ tenantSettings }).post()
const refused = (tenantSettings: Settings = {}) =>
  testApp({ tenantSettings }).request('/verify?state=1', { headers: NAVIGATION })

const failing = () =>
  testApp({
    assess: async () => {
      throw new Error()
    },
  })

describe('every answer', () => {
  it.each([
    ['the arrival page', () => arrival(), 200],
    ['the bare page', () => testApp().request('/verify', { headers: NAVIGATION }), 200],
    ['the leaving page', () => leaving(), 200],
    ['an error page', () => refused(), 400],
    ['a problem', () => testApp().request('/verify?state=1'), 400],
    ['HEAD', () => testApp().request('/verify', { method: 'HEAD' }), 405],
    ['a prefetch', () => testApp().request('/verify', { headers: { purpose: 'prefetch' } }), 503],
    ['a foreign post', () => testApp().request('/verify', { method: 'POST' }), 403],
    ['/livez', () => testApp().request('/livez'), 200],
    ['/readyz', () => testApp().request('/readyz'), 200],
    ['/readyz when not ready', () => testApp({ ready: async () => false }).request('/readyz'), 503],
    ['a wrong method', () => testApp().request('/livez', { method: 'POST' }), 405],
    ['an unknown path', () => testApp().request('/verify/x'), 404],
    ['an exception', () => failing().post(), 500],
  ] as const)('has the common headers: %s', async (_, send, status) => {
    const response = await send()
    expect(response.status).toBe(status)
    expect(Object.fromEntries(response.headers)).toMatchObject(COMMON)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(response.headers.get('location')).toBeNull()
  })

  it('keeps the window that opened us away, unless the configuration lets it', async () => {
    const opened = await testApp({ openerPolicy: 'unsafe-none' }).open()
    expect(opened.headers.get('cross-origin-opener-policy')).toBe('unsafe-none')
  })

  it('to a request for an icon is empty and leaves no line in the log', async () => {
    const app = testApp()
    const response = await app.request('/favicon.ico')
    expect([response.status, await response.text()]).toEqual([204, ''])
    expect(Object.fromEntries(response.headers)).toMatchObject(COMMON)
    expect(app.lines).toEqual([])
    expect((await app.request('/favicon.ico', { method: 'POST' })).status).toBe(405)
  })

  it('that is no page allows nothing', async () => {
    const response = await testApp().request('/readyz')
    expect(response.headers.get('content-security-policy')).toBe(NOTHING)
  })
})

describe('the policy of a page', () => {
  const directives = (response: Response) =>
    (response.headers.get('content-security-policy') ?? '').split('; ')

  it('lets the arrival page post to us and nothing else', async () => {
    const response = await arrival()
    expect(response.headers.get('referrer-policy')).toBe('same-origin')
    expect(directives(response)).toEqual([
      "default-src 'none'",
      expect.stringMatching(/^script-src 'sha256-[A-Za-z0-9+/]{43}='$/),
      expect.stringMatching(/^style-src 'sha256-[A-Za-z0-9+/]{43}='$/),
      "img-src 'self'",
      "connect-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ])
  })

  it('lets the leaving page go anywhere: later hops are held to it as well', async () => {
    const response = await leaving()
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    expect(directives(response).join()).not.toContain('form-action')
    expect(directives(response).join()).not.toContain('connect-src')
    expect(directives(response)).toContain("base-uri 'none'")
  })

  it('lets an error page post nothing', async () => {
    expect(directives(await refused())).toContain("form-action 'none'")
  })

  it.each([
    ['arrival', arrival],
    ['leaving', leaving],
    ['leaving by GET', () => leaving({ continueMethod: 'get' as const })],
    ['refused', refused],
    ['arrival in colour', () => arrival({ color: '#fc0' })],
  ])('allows every inline text of the page and no other: %s', async (_, send) => {
    const response = await send()
    const policy = directives(response)
    const html = await response.text()
    for (const kind of ['script', 'style']) {
      const texts = [...html.matchAll(new RegExp(`<${kind}>([\\s\\S]*?)</${kind}>`, 'g'))]
      const hashes = texts.map(
        ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
      )
      expect(texts.length).toBeGreaterThan(0)
      expect(policy).toContain(`${kind}-src ${hashes.join(' ')}`)
    }
    expect(html).not.toMatch(/ on[a-z]+=| style=|javascript:/i)
  })

  it('allows the logo of the tenant, by its origin', async () => {
    const response = await arrival({
      name: 'Acme',
      logoUrl: 'https://cdn.acme.example/logo.svg?v=2',
    })
    expect(directives(response)).toContain("img-src 'self' https://cdn.acme.example")
    expect(await response.text()).toContain(
      '<img src="https://cdn.acme.example/logo.svg?v=2" alt="Acme" referrerpolicy="no-referrer">',
    )
  })

  it.each([
    'https://a;script-src/logo.svg',
    "https://a'b/logo.svg",
    'https://*.example/logo.svg',
    'http://acme.example/logo.svg',
    'data:image/svg+xml,<svg/>',
    'javascript:alert(1)',
    '//acme.example/logo.svg',
    'logo.svg',
  ])('leaves out a logo at %s', async (logoUrl) => {
    const response = await arrival({ logoUrl })
    expect(directives(response)).toContain("img-src 'self'")
    expect(await response.text()).not.toContain('<img')
  })
})
