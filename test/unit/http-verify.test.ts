/** The two requests of a verification: what is read from them, what is answered, what is kept. */
import { describe, expect, it } from 'vitest'
import { ok } from '../../src/verifier/domain/result.ts'
import type { Tenant } from '../../src/verifier/ports.ts'
import {
  ACME,
  BINDING,
  DEVICE,
  FIELDS,
  NAVIGATION,
  NOW,
  OWN_POST,
  STATE,
  sessionOf,
  TOKEN,
  testApp,
} from '../support/app.ts'
import { formOf, textOf } from '../support/page.ts'

const cookies = (response: Response) => response.headers.getSetCookie()
const query = (entries: readonly (readonly [string, string])[]) => {
  const parameters = new URLSearchParams()
  for (const [name, value] of entries) parameters.append(name, value)
  return `/verify?${parameters}`
}

describe('opening the link', () => {
  it('shows the page, binds the browser and asks nobody for a decision', async () => {
    const app = testApp()
    const response = await app.open()
    expect(response.status).toBe(200)
    expect(cookies(response)).toEqual([
      `__Host-rv=${Buffer.alloc(32, 7).toString('base64url')}; Max-Age=3600; Path=/; HttpOnly; Secure; SameSite=Lax`,
      `__Host-rv-device=${Buffer.alloc(32, 7).toString('base64url')}; Max-Age=34560000; Path=/; HttpOnly; Secure; SameSite=Lax`,
    ])
    const form = formOf(await response.text())
    expect(form.action).toBe('/verify')
    expect(form.fields).toMatchObject({ session_token: TOKEN, state: STATE, script: '0' })
    expect(app.verified).toEqual([TOKEN])
    expect(app.assessed).toEqual([])
  })

  it('keeps a well-formed cookie and replaces a malformed one', async () => {
    const app = testApp()
    const open = (cookie: string) =>
      app.request(
        query([
          ['session_token', TOKEN],
          ['state', STATE],
        ]),
        {
          headers: { ...NAVIGATION, cookie },
        },
      )
    expect(cookies(await open(`__Host-rv=${BINDING}`))[0]).toContain(`__Host-rv=${BINDING};`)
    expect(cookies(await open(`__Host-rv=${BINDING}x`))[0]).not.toContain(BINDING)
    const device = `__Host-rv-device=${DEVICE}`
    expect(cookies(await open(device))[1]).toContain(`${device};`)
    expect(cookies(await open(`${device}x`))[1]).not.toContain(DEVICE)
  })

  it.each([
    ['no state', [['session_token', TOKEN]]],
    ['no token', [['state', STATE]]],
    [
      'an empty state',
      [
        ['session_token', TOKEN],
        ['state', ''],
      ],
    ],
    [
      'an empty token',
      [
        ['session_token', ''],
        ['state', STATE],
      ],
    ],
    [
      'two tokens',
      [
        ['session_token', TOKEN],
        ['session_token', TOKEN],
        ['state', STATE],
      ],
    ],
    [
      'two states',
      [
        ['session_token', TOKEN],
        ['state', STATE],
        ['state', 'other'],
      ],
    ],
    ['only a stranger', [['utm_source', 'mail']]],
    [
      'a token in brackets',
      [
        ['session_token[]', TOKEN],
        ['state', STATE],
      ],
    ],
    [
      'a token of 4097 characters',
      [
        ['session_token', 'x'.repeat(4097)],
        ['state', STATE],
      ],
    ],
    [
      'a state of 2049 characters',
      [
        ['session_token', TOKEN],
        ['state', 'x'.repeat(2049)],
      ],
    ],
  ] as const)('refuses %s before it looks at the token', async (_, entries) => {
    const app = testApp()
    const response = await app.request(query(entries), { headers: NAVIGATION })
    expect(response.status).toBe(400)
    expect(cookies(response)).toEqual([])
    expect(app.verified).toEqual([])
  })

  it('takes the longest token and state that are allowed', async () => {
    const token = 'x'.repeat(4096)
    const app = testApp({ sessions: new Map([[token, ok(sessionOf())]]) })
    const response = await app.open({ session_token: token, state: 's'.repeat(2048) })
    expect(response.status).toBe(200)
  })

  it('ignores parameters that are none of its own', async () => {
    const response = await testApp().open({ session_token: TOKEN, state: STATE, ui_locales: 'de' })
    expect(response.status).toBe(200)
  })

  it('shows the bare page without parameters, which holds nothing of any request', async () => {
    const app = testApp()
    const response = await app.request('/verify', { headers: NAVIGATION })
    const html = await response.text()
    expect(response.status).toBe(200)
    expect(textOf(html)).toContain('Open the link in the e-mail again.')
    expect(formOf(html).fields).toMatchObject({ session_token: '', state: '' })
    expect(app.verified).toEqual([])
  })

  it('names the flow', async () => {
    const app = testApp({ sessions: new Map([['login', ok(sessionOf('acme', 'login'))]]) })
    const page = await (await app.open({ session_token: 'login', state: STATE })).text()
    expect(textOf(page)).toContain("One moment, we're confirming this sign-in.")
  })
})

describe('a tenant with its own parameter name', () => {
  const globex: Tenant = { ...ACME, id: 'globex', tokenParameter: 'token' }
  const app = () =>
    testApp({
      tenants: new Map([
        [ACME.id, ACME],
        [globex.id, globex],
      ]),
      sessions: new Map([['globex', ok(sessionOf('globex'))]]),
    })

  it('is served under that name, there and back', async () => {
    expect((await app().open({ token: 'globex', state: STATE })).status).toBe(200)
    const form = formOf(await (await app().post({ session_token: 'globex' })).text())
    expect(form.fields).toEqual({ token: 'the.continue.token', state: STATE })
  })

  it('is not served under the name of another tenant', async () => {
    const response = await app().open({ session_token: 'globex', state: STATE })
    expect(response.status).toBe(400)
    expect(cookies(response)).toEqual([])
  })

  it('refuses one token under each of two names', async () => {
    const refused = app()
    const response = await refused.open({ session_token: TOKEN, token: 'globex', state: STATE })
    expect(response.status).toBe(400)
    expect(refused.verified).toEqual([])
  })
})

describe('posting the form', () => {
  it('asks for a decision with what the request shows', async () => {
    const app = testApp()
    const response = await app.post(
      {},
      { cookie: `__Host-rv=${BINDING}; __Host-rv-device=${DEVICE}` },
    )
    expect(response.status).toBe(200)
    expect(app.assessed).toEqual([
      {
        session: sessionOf(),
        state: STATE,
        binding: BINDING,
        now: NOW,
        visit: {
          address: '203.0.113.9',
          network: {},
          userAgent: 'Mozilla/5.0 (test)',
          language: 'en',
          deviceId: DEVICE,
          client: { script: true, webdriver: false, elapsed_ms: 12, time_zone: 'Europe/Zurich' },
        },
      },
    ])
  })

  it('tells the leaving page what is left of the answer, after what the assessment took', async () => {
    const app = testApp({ clock: () => (app.assessed.length === 0 ? NOW : NOW + 7) })
    expect(formOf(await (await app.post()).text()).seconds).toBe('113')
  })

  it('sends the browser back with the continue token and remembers the device', async () => {
    const response = await testApp().post()
    const form = formOf(await response.text())
    expect(form.action).toBe(`https://acme.eu.auth0.com/continue?state=${STATE}`)
    expect(form.method).toBe('post')
    expect(form.fields).toEqual({ session_token: 'the.continue.token', state: STATE })
    expect(form.seconds).toBe('120')
    expect(cookies(response)).toEqual([
      `__Host-rv-device=${Buffer.alloc(32, 7).toString('base64url')}; Max-Age=34560000; Path=/; HttpOnly; Secure; SameSite=Lax`,
    ])
  })

  it('goes back by a link where the tenant wants GET', async () => {
    const html = await (await testApp({ tenantSettings: { continueMethod: 'get' } }).post()).text()
    const url = `https://acme.eu.auth0.com/continue?state=${STATE}&amp;session_token=the.continue.token`
    expect(html).toContain(`href="${url}"`)
    expect(html).toContain(
      `<noscript><meta http-equiv="refresh" content="0; url=${url}"></noscript>`,
    )
    expect(html).not.toContain('<form')
  })

  it('keeps the device cookie that the browser has', async () => {
    const response = await testApp().post(
      {},
      { cookie: `__Host-rv=${BINDING}; __Host-rv-device=${DEVICE}` },
    )
    expect(cookies(response)[0]).toContain(`__Host-rv-device=${DEVICE};`)
  })

  it('says nothing of the outcome', async () => {
    const page = async (outcome: 'allow' | 'step_up' | 'deny') =>
      (await testApp({ answer: { outcome } }).post()).text()
    expect(await page('deny')).toBe(await page('allow'))
    expect(await page('step_up')).toBe(await page('allow'))
  })

  it.each([
    ['session_token', `session_token=${TOKEN}`],
    ['state', 'state=other'],
  ])('refuses a form that comes with %s in its address too', async (_, search) => {
    const app = testApp()
    const response = await app.request(`/verify?${search}`, {
      method: 'POST',
      headers: OWN_POST,
      body: new URLSearchParams(FIELDS).toString(),
    })
    expect(response.status).toBe(400)
    expect(app.verified).toEqual([])
  })

  it.each([
    ['a second token', 'session_token=x'],
    ['a second state', 'state=x'],
  ])('refuses %s in the form', async (_, extra) => {
    const app = testApp()
    const response = await app.request('/verify', {
      method: 'POST',
      headers: OWN_POST,
      body: `${new URLSearchParams(FIELDS)}&${extra}`,
    })
    expect(response.status).toBe(400)
    expect(app.verified).toEqual([])
    expect(app.assessed).toEqual([])
  })

  it('checks the token again: what the page was sent for proves nothing', async () => {
    const app = testApp()
    const response = await app.post({ session_token: 'forged' })
    expect(response.status).toBe(400)
    expect(app.assessed).toEqual([])
    expect(cookies(response)).toEqual([])
  })

  it('sets no device cookie when the use case refuses', async () => {
    const response = await testApp({ rejection: { code: 'token_spent', tenantId: 'acme' } }).post()
    expect(response.status).toBe(400)
    expect(cookies(response)).toEqual([])
  })
})

describe('what the page reports of the browser', () => {
  const reported = async (fields: Record<string, string>) => {
    const app = testApp()
    await app.post(fields)
    return app.assessed[0]?.visit.client
  }

  it('is unknown where the page ran without script', async () => {
    const fields = { script: '0', webdriver: '', elapsed_ms: '', time_zone: '' }
    expect(await reported(fields)).toEqual({ script: false })
  })

  it.each([
    ['a time zone that is none', { time_zone: '<script>' }, 'time_zone'],
    ['a time zone of 65 letters', { time_zone: 'A'.repeat(65) }, 'time_zone'],
    ['a negative time', { elapsed_ms: '-1' }, 'elapsed_ms'],
    ['a time of two days', { elapsed_ms: '172800000' }, 'elapsed_ms'],
    ['a time in hexadecimal', { elapsed_ms: '0x10' }, 'elapsed_ms'],
    ['a webdriver that is neither', { webdriver: 'true' }, 'webdriver'],
  ])('is unknown for %s', async (_, fields, name) => {
    const client = await reported(fields as Record<string, string>)
    expect(client).toMatchObject({ script: true })
    expect(client).not.toHaveProperty(name)
  })

  it('is unknown where it is said twice', async () => {
    const app = testApp()
    await app.request('/verify', {
      method: 'POST',
      headers: OWN_POST,
      body: `${new URLSearchParams(FIELDS)}&time_zone=Europe/Zurich&webdriver=0`,
    })
    expect(app.assessed[0]?.visit.client).toEqual({ script: true, elapsed_ms: 12 })
  })

  it.each([
    ['de-CH,de;q=0.9', 'de'],
    ['EN', 'en'],
    ['gsw', 'gsw'],
    ['*', undefined],
    ['', undefined],
    ['x-klingon', undefined],
    ['english', undefined],
  ])('reads the language of %s as %s', async (header, language) => {
    const app = testApp()
    await app.post({}, { 'accept-language': header })
    expect(app.assessed[0]?.visit.language).toBe(language)
  })

  it('cuts a user agent of any length', async () => {
    const app = testApp()
    await app.post({}, { 'user-agent': 'x'.repeat(5000) })
    expect(app.assessed[0]?.visit.userAgent).toHaveLength(512)
  })
})
