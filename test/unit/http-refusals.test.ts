/** What the browser and the log hear of a refusal: one public body where the difference is a secret. */
import { describe, expect, it } from 'vitest'
import { publicAnswer, type RejectionCode } from '../../src/verifier/domain/rejection.ts'
import { refuse } from '../../src/verifier/domain/result.ts'
import { StoreError } from '../../src/verifier/ports.ts'
import { ACME, NAVIGATION, STATE, testApp } from '../support/app.ts'
import { textOf } from '../support/page.ts'

const JSON_CLIENT = { accept: 'application/json', 'sec-fetch-dest': 'empty' }

/** Refused by the signature check, and refused by the store: the public must not tell them apart. */
const TOKEN_CODES = [
  'token_malformed',
  'token_not_canonical',
  'token_header_refused',
  'issuer_unknown',
  'signature_invalid',
  'token_expired',
  'token_not_yet_valid',
  'token_lifetime_too_long',
  'claims_invalid',
  'claim_forbidden',
  'token_spent',
  'state_conflict',
] as const satisfies readonly RejectionCode[]

const OTHER = { ...ACME, id: 'globex' }
const TWO_TENANTS = new Map([
  [ACME.id, ACME],
  [OTHER.id, OTHER],
])
const BRAND = { name: 'Acme', restartUrl: 'https://acme.example/reset', color: '#123456' }

async function answerTo(
  code: RejectionCode,
  headers: Record<string, string>,
  where: 'get' | 'post',
) {
  const rejection = { code, tenantId: 'acme' }
  const app = testApp({
    tenants: TWO_TENANTS,
    tenantSettings: BRAND,
    rejection,
    sessions: new Map([['refused', refuse(rejection)]]),
  })
  const response =
    where === 'post'
      ? await app.post({}, headers)
      : await app.request(`/verify?session_token=refused&state=${STATE}`, { headers })
  return { status: response.status, headers: [...response.headers], body: await response.text() }
}

describe('a token that cannot be used', () => {
  it.each([
    ['a program', JSON_CLIENT],
    ['a person', NAVIGATION],
  ])('has one answer for %s, byte for byte, whatever the reason', async (_, headers) => {
    const answers = await Promise.all(
      TOKEN_CODES.flatMap((code) => [
        answerTo(code, headers, 'get'),
        answerTo(code, { ...headers, 'sec-fetch-site': 'same-origin' }, 'post'),
      ]),
    )
    expect(answers[0]?.status).toBe(400)
    for (const answer of answers) expect(answer).toEqual(answers[0])
  })

  it('shows no brand where there are several: a forged token has none to show', async () => {
    const { body } = await answerTo('token_expired', NAVIGATION, 'get')
    expect(textOf(body)).toBe(
      'This link no longer works. This link no longer works. Ask for a new one. Reference 0W3G-E1R7',
    )
  })

  it('offers the new start of the only tenant', async () => {
    const app = testApp({ tenantSettings: BRAND })
    const response = await app.open({ session_token: 'forged', state: STATE })
    expect(await response.text()).toContain('href="https://acme.example/reset"')
  })
})

describe('a program', () => {
  it('gets a problem with the request id and no internals', async () => {
    const response = await testApp().request('/verify?session_token=x&state=y', {
      headers: JSON_CLIENT,
    })
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toEqual({
      type: 'urn:redirect-verifier:problem:token_not_usable',
      title: 'This link cannot be used',
      status: 400,
      detail: 'The session token is not valid, has expired, or was used before. Start again.',
      instance: 'urn:uuid:07070707-0707-4707-8707-070707070707',
      code: 'token_not_usable',
    })
  })

  it.each([
    ['nothing', {}, 'json'],
    ['anything', { accept: '*/*' }, 'json'],
    ['JSON', { accept: 'application/problem+json' }, 'json'],
    ['HTML', { accept: 'text/html' }, 'html'],
    ['HTML by navigation', { 'sec-fetch-dest': 'document' }, 'html'],
    ['HTML through fetch', { accept: 'text/html', 'sec-fetch-dest': 'empty' }, 'html'],
  ] as const)('that accepts %s', async (_, headers, kind) => {
    const response = await testApp().request('/nowhere', { headers })
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toContain(kind)
  })
})

describe('the service failing', () => {
  it.each(['unavailable', 'overloaded'] as const)(
    'is a 503 with a time to come back: %s',
    async (code) => {
      const response = await testApp({ rejection: { code, tenantId: 'acme' } }).post()
      expect(response.status).toBe(503)
      expect(response.headers.get('retry-after')).toBe('30')
      const html = await response.text()
      expect(textOf(html)).toContain("We can't check this right now.")
      expect(html).toContain('<a class="button" href="/verify">Try again</a>')
    },
  )

  it('says nothing of an exception, to the browser or to the log', async () => {
    const app = testApp({
      assess: async () => {
        throw new TypeError('canary: select * from redemption where token = $1')
      },
    })
    const response = await app.post()
    const html = await response.text()
    expect(response.status).toBe(500)
    expect(html).not.toContain('canary')
    expect(app.lines.join()).not.toContain('canary')
    expect(app.lines.map((line) => JSON.parse(line))).toMatchObject([
      { event: 'failure', where: 'http', error_class: 'TypeError', tenant_id: 'acme' },
      { event: 'request', status: 500, code: 'internal', route: '/verify' },
    ])
  })

  it('says nothing of a store error that nobody caught', async () => {
    const app = testApp({
      assess: async () => {
        throw new StoreError('unknown', '57014')
      },
    })
    expect((await app.post()).status).toBe(500)
  })
})

describe('the log', () => {
  it('has one line per request and no parameter of it', async () => {
    const app = testApp()
    await app.open({ session_token: 'canary-token', state: 'canary-state' })
    await app.post({ session_token: 'canary-token', state: 'canary-state' })
    await app.request('/canary-path?canary=1')
    expect(app.lines).toHaveLength(3)
    expect(app.lines.join()).not.toContain('canary')
    expect(JSON.parse(app.lines[0] as string)).toMatchObject({
      event: 'request',
      method: 'GET',
      route: '/verify',
      status: 400,
      code: 'signature_invalid',
    })
  })

  it('knows the reason that the browser does not hear', async () => {
    const app = testApp({ rejection: { code: 'token_spent', tenantId: 'acme' } })
    await app.post()
    expect(JSON.parse(app.lines[0] as string)).toMatchObject({
      code: 'token_spent',
      tenant_id: 'acme',
    })
  })

  it('leaves out health checks that succeed', async () => {
    const app = testApp()
    await app.request('/livez')
    await app.request('/readyz')
    expect(app.lines).toEqual([])
  })
})

it('has a page for every public code, without the words that tell or frighten', async () => {
  const codes: readonly RejectionCode[] = [
    ...TOKEN_CODES,
    'parameter_missing',
    'method_not_allowed',
    'content_type_unsupported',
    'body_too_large',
    'cross_site',
    'framed',
    'prefetch',
    'not_found',
    'browser_unbound',
    'unavailable',
    'internal',
  ]
  for (const code of codes) {
    const response = await testApp({ rejection: { code } }).post()
    const text = textOf(await response.text())
    expect(response.status).toBe(publicAnswer(code).status)
    expect(text).toMatch(/Reference [0-9A-Z]{4}-[0-9A-Z]{4}$/)
    expect(text).not.toMatch(/risk|suspicious|token|verifier|signal/i)
  }
})
