/**
 * Requests of any shape at the whole HTTP face, with real token code: no failure of ours, no status that
 * is not documented, the security headers on every answer, and no markup, header or address out of what
 * was sent.
 */
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { importKeyRings } from '../../../src/verifier/token/key-ring.ts'
import { createTokens } from '../../../src/verifier/token/tokens.ts'
import { ACME, FIELDS, NAVIGATION, OWN_POST, type TestApp, testApp } from '../../support/app.ts'
import { attributesOf, tagsOf } from '../../support/page.ts'
import { CONTINUE_SECRET, NOW, SESSION_SECRET, sessionToken } from '../../support/tokens.ts'
import { fuzz } from './runs.ts'

const STATUSES = new Set([200, 204, 400, 403, 404, 405, 413, 415, 429, 503])
const ALWAYS = [
  'cache-control',
  'content-security-policy',
  'cross-origin-opener-policy',
  'referrer-policy',
  'strict-transport-security',
  'x-content-type-options',
  'x-frame-options',
]

let app: TestApp
beforeAll(async () => {
  app = testApp({
    tokens: createTokens(
      new Map([[ACME.id, ACME]]),
      await importKeyRings(
        new Map([[ACME.id, { session: [SESSION_SECRET], continue: [CONTINUE_SECRET] }]]),
      ),
    ),
    clock: () => NOW,
    answer: { expiresAt: NOW + 120 },
  })
})

/** What a client can put into a header: no line break, no NUL, bytes only. */
const headerText = fc.string({ unit: 'binary', maxLength: 200 }).map((text) =>
  Buffer.from(text)
    .toString('latin1')
    .replace(/[\0\r\n]/g, '')
    .trim(),
)

const HEADERS = [
  'accept',
  'accept-language',
  'cookie',
  'content-type',
  'content-length',
  'cf-connecting-ip',
  'forwarded',
  'host',
  'if-none-match',
  'origin',
  'purpose',
  'range',
  'referer',
  'sec-ch-ua',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-purpose',
  'transfer-encoding',
  'user-agent',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-http-method-override',
]
const headers = fc.dictionary(fc.constantFrom(...HEADERS), headerText, { maxKeys: 5 })

async function judge(response: Response): Promise<string> {
  const body = await response.text()
  expect(STATUSES).toContain(response.status)
  for (const name of ALWAYS) expect(response.headers.get(name), name).toBeTruthy()
  expect(response.headers.get('location')).toBeNull()
  for (const cookie of response.headers.getSetCookie()) {
    expect(cookie).toMatch(
      /^__Host-rv(-device)?=[A-Za-z0-9_-]{43}; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
  }
  const type = response.headers.get('content-type') ?? ''
  if (type.startsWith('text/html')) {
    // The tags of our own pages and no others.
    expect(tagsOf(body).filter((tag) => !OWN_TAGS.has(tag))).toEqual([])
    for (const { name, value } of attributesOf(body)) {
      expect(name).not.toMatch(/^on/)
      if (name === 'action' && !value.startsWith('/verify')) {
        expect(new URL(value).origin).toBe('https://acme.eu.auth0.com')
      }
    }
  } else if (response.status >= 400 && type !== 'application/json') {
    expect(type).toBe('application/problem+json')
    const problem = JSON.parse(body) as Record<string, unknown>
    expect(Object.keys(problem).sort()).toEqual(
      ['code', 'detail', 'instance', 'status', 'title', 'type'].sort(),
    )
    expect(problem.status).toBe(response.status)
  }
  if (response.status === 429 || response.status === 503) {
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/)
  }
  return body
}

/** Filled from pages that nobody tampered with. */
const OWN_TAGS = new Set<string | undefined>()
beforeAll(async () => {
  const token = sessionToken()
  for (const response of [
    await app.open({ session_token: token, state: 's' }),
    await app.post({ session_token: token }),
    await app.post({ session_token: 'x' }),
    await app.open({}),
  ]) {
    for (const tag of tagsOf(await response.text())) OWN_TAGS.add(tag)
  }
  expect(OWN_TAGS.size).toBeGreaterThan(5)
})

const failures = () => app.lines.filter((line) => line.includes('"event":"failure"'))

describe('any request', () => {
  it('by any method, to any path, with any query and headers', async () => {
    const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']
    const paths = fc.oneof(
      fc.constantFrom('/verify', '/livez', '/readyz', '/favicon.ico', '/verify/', '//verify', '/'),
      fc.webPath(),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...methods),
        paths,
        fc.webQueryParameters(),
        headers,
        async (method, path, query, given) => {
          await judge(await app.request(`${path}?${query}`, { method, headers: given }))
        },
      ),
      fuzz(1500),
    )
    expect(failures()).toEqual([])
  })

  it('to open a link: the token and the state are values on the page and nothing else', async () => {
    const token = sessionToken()
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 2048 }),
        headers,
        async (state, given) => {
          const query = new URLSearchParams({ session_token: token, state })
          const response = await app.request(`/verify?${query}`, {
            headers: { ...NAVIGATION, ...given },
          })
          const body = await judge(response)
          if (response.status !== 200) return
          const sent = attributesOf(body).filter(({ name }) => name === 'value')
          // HTML has no NUL and one line break; URLSearchParams has no lone surrogates.
          const asText = state
            .replace(/\p{Surrogate}/gu, '\uFFFD')
            .replace(/\r\n?/g, '\n')
            .replaceAll('\0', '\uFFFD')
          expect(sent.some(({ value }) => value === token)).toBe(true)
          expect(
            sent.some(
              ({ value }) => value.replace(/\r\n?/g, '\n').replaceAll('\0', '\uFFFD') === asText,
            ),
          ).toBe(true)
        },
      ),
      fuzz(1000),
    )
    expect(failures()).toEqual([])
  })

  it('to post any bytes as a form', async () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 20_000 }),
      fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
      fc
        .array(
          fc.tuple(fc.constantFrom(...Object.keys(FIELDS), 'x'), fc.string({ unit: 'binary' })),
        )
        .map((pairs) => new TextEncoder().encode(new URLSearchParams(pairs).toString())),
    )
    const before = app.assessed.length
    await fc.assert(
      fc.asyncProperty(body, headers, async (bytes, given) => {
        await judge(
          await app.request('/verify', {
            method: 'POST',
            headers: { ...OWN_POST, ...given },
            body: bytes as Uint8Array<ArrayBuffer>,
          }),
        )
      }),
      fuzz(1500),
    )
    expect(app.assessed.length).toBe(before)
    expect(failures()).toEqual([])
  })

  it('with a good token and any other fields: one verification, of what was understood', async () => {
    const fields = fc.dictionary(
      fc.oneof(
        fc.constantFrom('script', 'webdriver', 'elapsed_ms', 'time_zone', 'state'),
        fc.string({ unit: 'binary' }),
      ),
      fc.string({ unit: 'binary' }),
    )
    await fc.assert(
      fc.asyncProperty(fields, headers, async (given, more) => {
        const before = app.assessed.length
        const response = await app.post(
          { ...given, session_token: sessionToken() },
          { ...more, ...OWN_POST },
        )
        await judge(response)
        expect(app.assessed.length - before).toBe(response.status === 200 ? 1 : 0)
        const [assessed] = app.assessed.slice(before)
        const client: Record<string, unknown> = { ...assessed?.visit.client }
        expect(JSON.stringify(client)).toMatch(/^(\{\}|\{[\x20-\x7e]*\})$/)
      }),
      fuzz(1000),
    )
    expect(failures()).toEqual([])
  })
})
