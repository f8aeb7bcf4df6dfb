/** Which requests get as far as a parameter: methods, prefetches, frames, foreign posts, content types. */
import { describe, expect, it } from 'vitest'
import { BINDING, FIELDS, NAVIGATION, ORIGIN, OWN_POST, testApp } from '../support/app.ts'

const LINK = `/verify?${new URLSearchParams(FIELDS)}`
const problem = async (response: Response) => ((await response.json()) as { code: string }).code
const JSON_CLIENT = { accept: 'application/json', 'sec-fetch-dest': 'empty' }

describe('opening the page', () => {
  it('sends the arrival page to a navigation', async () => {
    const app = testApp()
    expect((await app.request(LINK, { headers: NAVIGATION })).status).toBe(200)
    expect(app.verified).toHaveLength(1)
  })

  it.each(['HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    'refuses %s before it looks',
    async (method) => {
      const app = testApp()
      const response = await app.request(LINK, { method, headers: NAVIGATION })
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe('GET, POST')
      expect(response.headers.get('set-cookie')).toBeNull()
      expect(app.verified).toEqual([])
    },
  )

  it.each([
    ['sec-purpose', 'prefetch'],
    ['sec-purpose', 'prefetch;prerender'],
    ['sec-purpose', 'prefetch;anonymous-client-ip'],
    ['purpose', 'prefetch'],
    ['x-moz', 'prefetch'],
    ['x-purpose', 'preview'],
  ])('refuses a prefetch that says so by %s: %s', async (name, value) => {
    const app = testApp()
    const response = await app.request(LINK, { headers: { ...NAVIGATION, [name]: value } })
    expect(response.status).toBe(503)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('retry-after')).toBe('1')
    expect(response.headers.get('set-cookie')).toBeNull()
    expect(app.verified).toEqual([])
  })

  it.each(['iframe', 'frame', 'object', 'embed', 'fencedframe'])(
    'refuses to open in %s',
    async (destination) => {
      const app = testApp()
      const headers = { ...NAVIGATION, 'sec-fetch-dest': destination }
      for (const [path, init] of [
        [LINK, { headers }],
        ['/verify', { headers }],
      ] as const) {
        const response = await app.request(path, init)
        expect(response.status).toBe(403)
        expect(response.headers.get('set-cookie')).toBeNull()
      }
      const posted = await app.post({}, { 'sec-fetch-dest': destination })
      expect(posted.status).toBe(403)
      expect(app.verified).toEqual([])
      expect(app.assessed).toEqual([])
    },
  )
})

describe('posting the form', () => {
  const origins = {
    ours: { origin: ORIGIN, 'sec-fetch-site': 'same-origin' },
    foreign: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    opaque: { origin: 'null', 'sec-fetch-site': 'cross-site' },
    silent: {},
  }
  const types = [
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'application/json',
    undefined,
  ]
  const matrix = Object.entries(origins).flatMap(([name, headers]) =>
    types.flatMap((type) => [true, false].map((cookie) => ({ name, headers, type, cookie }))),
  )

  it('covers 4 origins, 5 content types, with and without the cookie', () => {
    expect(matrix).toHaveLength(40)
  })

  it.each(matrix)(
    'from $name as $type with cookie $cookie',
    async ({ name, headers, type, cookie }) => {
      const app = testApp()
      const accepted = name === 'ours' && type === types[0] && cookie
      const response = await app.request('/verify', {
        method: 'POST',
        headers: {
          ...JSON_CLIENT,
          ...headers,
          ...(type === undefined ? {} : { 'content-type': type }),
          ...(cookie ? { cookie: `__Host-rv=${BINDING}` } : {}),
        },
        // Bytes: a text would be given a content type of its own.
        body: new TextEncoder().encode(new URLSearchParams(FIELDS).toString()),
      })
      expect(app.assessed).toHaveLength(accepted ? 1 : 0)
      expect(app.verified).toHaveLength(accepted ? 1 : 0)
      if (accepted) return expect(response.status).toBe(200)
      expect(await problem(response)).toBe(
        name !== 'ours'
          ? 'cross_site'
          : type !== types[0]
            ? 'content_type_unsupported'
            : 'wrong_browser',
      )
      expect(response.headers.get('set-cookie')).toBeNull()
    },
  )

  it.each([
    ['an old browser of our own page', { origin: ORIGIN }, 200],
    ['our page under no-referrer', { origin: 'null', 'sec-fetch-site': 'same-origin' }, 200],
    ['our page without an Origin', { 'sec-fetch-site': 'same-origin' }, 200],
    ['a sandboxed page in an old browser', { origin: 'null' }, 403],
    [
      'a sibling subdomain',
      { origin: 'https://www.example.com', 'sec-fetch-site': 'same-site' },
      403,
    ],
    ['a typed address', { 'sec-fetch-site': 'none' }, 403],
    [
      'headers that contradict',
      { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
      403,
    ],
    ['our host on another port', { origin: `${ORIGIN}:8443` }, 403],
    ['our host without TLS', { origin: 'http://verify.example.com' }, 403],
    ['our origin as a prefix', { origin: `${ORIGIN}.evil.example` }, 403],
  ] as const)('from %s', async (_, headers, status) => {
    const app = testApp()
    const { origin, 'sec-fetch-site': site, ...others } = OWN_POST
    const response = await app.request('/verify', {
      method: 'POST',
      headers: { ...others, ...headers },
      body: new URLSearchParams(FIELDS).toString(),
    })
    expect(response.status).toBe(status)
    expect(app.assessed).toHaveLength(status === 200 ? 1 : 0)
  })

  it.each([
    ['no cookie', ''],
    ['a short one', `__Host-rv=${'B'.repeat(42)}`],
    ['a long one', `__Host-rv=${'B'.repeat(44)}`],
    ['one with other letters', `__Host-rv=${'B'.repeat(42)}!`],
    ['one without the prefix', `rv=${BINDING}`],
    ['only the device cookie', `__Host-rv-device=${BINDING}`],
  ])('refuses %s as another browser', async (_, cookie) => {
    const app = testApp()
    const response = await app.post({}, { cookie, ...JSON_CLIENT })
    expect(response.status).toBe(403)
    expect(await problem(response)).toBe('wrong_browser')
    expect(app.verified).toEqual([])
    expect(app.assessed).toEqual([])
  })

  it('accepts a content type with a charset, in any case', async () => {
    const app = testApp()
    const type = 'Application/X-WWW-Form-URLencoded; charset=UTF-8'
    expect((await app.post({}, { 'content-type': type })).status).toBe(200)
  })
})

describe('the size of a body', () => {
  const sized = (bytes: number) => {
    const form = new URLSearchParams(FIELDS).toString()
    return `${form}&padding=${'x'.repeat(bytes - form.length - '&padding='.length)}`
  }
  const stream = (text: string, pulled: { count: number }) =>
    new ReadableStream<Uint8Array>({
      pull(controller) {
        const from = pulled.count * 1024
        pulled.count += 1
        if (from >= text.length) return controller.close()
        controller.enqueue(new TextEncoder().encode(text.slice(from, from + 1024)))
      },
    })
  const send = (
    app: ReturnType<typeof testApp>,
    body: NonNullable<RequestInit['body']>,
    headers = {},
  ) =>
    app.request('/verify', {
      method: 'POST',
      headers: { ...OWN_POST, ...JSON_CLIENT, ...headers },
      body,
      duplex: 'half',
    } as RequestInit)

  it('accepts 16 KiB, whole or in pieces', async () => {
    const app = testApp()
    expect((await send(app, sized(16_384))).status).toBe(200)
    expect((await send(app, stream(sized(16_384), { count: 0 }))).status).toBe(200)
    expect(app.assessed).toHaveLength(2)
  })

  it('refuses one byte more', async () => {
    const app = testApp()
    expect((await send(app, sized(16_385))).status).toBe(413)
    expect(app.assessed).toEqual([])
  })

  it('refuses a declared length above the bound without reading', async () => {
    const pulled = { count: 0 }
    const body = stream('x'.repeat(1_000_000), pulled)
    const response = await send(testApp(), body, { 'content-length': '1000000' })
    expect(await problem(response)).toBe('body_too_large')
    expect(pulled.count).toBeLessThanOrEqual(1)
  })

  it('stops reading a body of unknown length at the bound', async () => {
    const pulled = { count: 0 }
    const response = await send(testApp(), stream('x'.repeat(1_000_000), pulled))
    expect(response.status).toBe(413)
    expect(pulled.count).toBeLessThan(20)
  })

  it('refuses what is cut off, without a failure of its own', async () => {
    const app = testApp()
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(new URLSearchParams(FIELDS).toString()))
        controller.error(new Error('aborted'))
      },
    })
    expect((await send(app, body)).status).toBe(400)
    expect(app.assessed).toEqual([])
    expect(app.lines.join()).not.toContain('failure')
  })

  it.each(['-1', 'abc', '1e9', 'NaN'])('refuses a content length of %s', async (length) => {
    const app = testApp()
    const response = await send(app, stream(sized(16_385), { count: 0 }), {
      'content-length': length,
    })
    expect(response.status).toBe(413)
    expect(app.assessed).toEqual([])
  })
})
