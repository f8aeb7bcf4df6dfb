/**
 * Payloads made by others, through every input: 558 open redirects (oauth2-proxy), 515 naughty strings
 * (blns), line breaks and forwarded headers. Nothing may change where the browser goes, become markup
 * or a header, or end in a failure of ours.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { importKeyRings } from '../../src/verifier/token/key-ring.ts'
import { createTokens } from '../../src/verifier/token/tokens.ts'
import {
  ACME,
  BINDING,
  FIELDS,
  NAVIGATION,
  OWN_POST,
  STATE,
  TOKEN,
  testApp,
} from '../support/app.ts'
import { attributesOf, formOf, tagsOf } from '../support/page.ts'
import { CONTINUE_SECRET, NOW, SESSION_SECRET, sessionToken } from '../support/tokens.ts'

const corpus = (path: string) =>
  readFileSync(new URL(`../corpora/${path}`, import.meta.url), 'utf8')
const redirects = corpus('openredirect/oauth2-proxy-openredirects.txt').split('\n').filter(Boolean)
const naughty = JSON.parse(corpus('blns/blns.json')) as string[]

const TENANT_ORIGIN = 'https://acme.eu.auth0.com'

/** The real token code: what the payload is signed into must not reach the page. */
const signed = async () =>
  testApp({
    tokens: createTokens(
      new Map([[ACME.id, ACME]]),
      await importKeyRings(
        new Map([[ACME.id, { session: [SESSION_SECRET], continue: [CONTINUE_SECRET] }]]),
      ),
    ),
    clock: () => NOW,
    answer: { expiresAt: NOW + 120 },
  })

/** Nothing to follow, and every address on the page is the tenant's `/continue` or our own. */
function expectNoWayOut(response: Response, html: string): void {
  expect(response.headers.get('location')).toBeNull()
  expect(response.headers.get('refresh')).toBeNull()
  for (const { name, value } of attributesOf(html)) {
    const refresh = name === 'content' ? /^0; url=(.*)$/.exec(value)?.[1] : undefined
    const address = ADDRESSES.has(name) ? value : refresh
    if (address === undefined || address === '/verify') continue
    const url = new URL(address)
    expect([url.origin, url.pathname]).toEqual([TENANT_ORIGIN, '/continue'])
  }
}

const ADDRESSES = new Set(['href', 'action', 'src', 'formaction', 'srcset', 'ping'])

describe('open redirects', () => {
  it('has the whole corpus', () => {
    expect(redirects.length).toBeGreaterThanOrEqual(558)
  })

  it('as state: kept as a value, and the way back is the tenant', async () => {
    const post = testApp()
    const get = testApp({ tenantSettings: { continueMethod: 'get' } })
    for (const state of redirects) {
      const posted = await post.post({ state })
      const html = await posted.text()
      expect(posted.status).toBe(200)
      expectNoWayOut(posted, html)
      const form = formOf(html)
      expect(new URL(form.action ?? '').searchParams.get('state')).toBe(state)
      expect(form.fields.state).toBe(state)
      const linked = await get.post({ state })
      expectNoWayOut(linked, await linked.text())
      const opened = await post.open({ session_token: TOKEN, state })
      expectNoWayOut(opened, await opened.text())
    }
  })

  it('as iss: no such tenant', async () => {
    const app = await signed()
    for (const iss of redirects) {
      const response = await app.post({ session_token: sessionToken({ iss }) })
      expect(response.status).toBe(400)
      expectNoWayOut(response, await response.text())
    }
    expect(app.assessed).toEqual([])
  })

  it('as a claim or a parameter that names a way back: never read', async () => {
    const app = await signed()
    for (const payload of redirects) {
      const claims = { continue_uri: payload, redirect_uri: payload, aud: payload }
      const response = await app.post({
        session_token: sessionToken(claims),
        continue_uri: payload,
        redirect_uri: payload,
      })
      const html = await response.text()
      expect(response.status).toBe(200)
      expectNoWayOut(response, html)
      expect(formOf(html).action).toBe(`${TENANT_ORIGIN}/continue?state=${STATE}`)
    }
  })
})

describe('naughty strings', () => {
  it('has the whole corpus', () => {
    expect(naughty).toHaveLength(515)
  })

  /** As a header would carry it: its UTF-8 bytes, without what no HTTP library would send. */
  const headerValue = (text: string) =>
    Buffer.from(text, 'utf8')
      .toString('latin1')
      .replace(/[\0\r\n]/g, '')

  const app = testApp()
  const send: Record<string, (text: string) => Promise<Response>> = {
    'the token of a link': (text) => app.open({ session_token: text, state: STATE }),
    'the state of a link': (text) => app.open({ session_token: TOKEN, state: text }),
    'the name of a parameter': (text) =>
      app.open({ session_token: TOKEN, state: STATE, [text]: 'x' }),
    'an unescaped query': (text) =>
      app.request(`/verify?${headerValue(text)}`, { headers: NAVIGATION }),
    'the token of a form': (text) => app.post({ session_token: text }),
    'the state of a form': (text) => app.post({ state: text }),
    'the time zone': (text) => app.post({ time_zone: text }),
    'the elapsed time': (text) => app.post({ elapsed_ms: text }),
    'a whole body': (text) =>
      app.request('/verify', { method: 'POST', headers: OWN_POST, body: text }),
    'the user agent': (text) => app.post({}, { 'user-agent': headerValue(text) }),
    'the language': (text) => app.post({}, { 'accept-language': headerValue(text) }),
    'the device cookie': (text) =>
      app.post({}, { cookie: `__Host-rv=${BINDING}; __Host-rv-device=${headerValue(text)}` }),
    'the binding cookie': (text) => app.post({}, { cookie: `__Host-rv=${headerValue(text)}` }),
    'the origin': (text) => app.post({}, { origin: headerValue(text) }),
    'the content type': (text) => app.post({}, { 'content-type': headerValue(text) }),
    'what is accepted': (text) =>
      app.request('/verify?state=1', { headers: { accept: headerValue(text) } }),
  }

  it.each(Object.keys(send))('as %s: no failure, no new header, no markup', async (where) => {
    const statuses = new Map<number, number>()
    for (const text of naughty) {
      const response = await (send[where] as (text: string) => Promise<Response>)(text)
      const html = await response.text()
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
      expect(response.status).toBeLessThan(500)
      for (const cookie of response.headers.getSetCookie()) {
        expect(cookie).toMatch(/^__Host-rv(-device)?=[A-Za-z0-9_-]{43}; Max-Age=\d+; Path=\/; /)
      }
      expectNoWayOut(response, html)
      expect(tagsOf(html).filter((tag) => tag === 'script' || tag === 'img').length).toBeLessThan(2)
    }
    expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBe(515)
  })

  it('as the name of a tenant: text', async () => {
    const plain = tagsOf(await (await testApp({ tenantSettings: { name: 'Acme' } }).open()).text())
    for (const name of naughty.filter((text) => text.trim() !== '')) {
      const html = await (await testApp({ tenantSettings: { name } }).open()).text()
      expect(tagsOf(html)).toEqual(plain)
    }
  })
})

it('keeps line breaks in a state out of every header', async () => {
  const breaks = [
    '%0d%0aSet-Cookie:x=1',
    '\r\nSet-Cookie: x=1',
    '\nLocation: //evil',
    '嘊嘍Set-Cookie:x',
  ]
  for (const state of breaks) {
    for (const method of ['post', 'get'] as const) {
      const response = await testApp({ tenantSettings: { continueMethod: method } }).post({ state })
      expect(response.status).toBe(200)
      expect(response.headers.getSetCookie()).toHaveLength(1)
      expectNoWayOut(response, await response.text())
    }
  }
})

describe('forwarded headers', () => {
  const names = [
    'host',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-forwarded-port',
    'x-forwarded-prefix',
    'x-forwarded-for',
    'forwarded',
    'x-original-url',
    'x-rewrite-url',
    'x-http-method-override',
    'cf-connecting-ip',
    'x-real-ip',
  ]
  const values = [
    'evil.example',
    'https://evil.example',
    'evil.example:443',
    '127.0.0.1',
    '/evil',
    '<script>alert(1)</script>',
  ]
  const answer = async (headers: Record<string, string>) => {
    const app = testApp()
    const answers = [
      await app.request(`/verify?${new URLSearchParams(FIELDS)}`, {
        headers: { ...NAVIGATION, ...headers },
      }),
      await app.post({}, headers),
      await app.post({ session_token: 'forged' }, headers),
    ]
    const texts = await Promise.all(
      answers.map(async (response) => [[...response.headers], await response.text()]),
    )
    return { texts, assessed: app.assessed, lines: app.lines }
  }

  it('change nothing that is not configured', async () => {
    const plain = await answer({})
    expect(plain.assessed).toHaveLength(1)
    for (const name of names) {
      for (const value of values) expect(await answer({ [name]: value })).toEqual(plain)
    }
  })
})
