/** The log stream's door: who may deliver, in which form, how much, and what failure means. */
import { describe, expect, it } from 'vitest'
import { StoreError } from '../../src/verifier/ports.ts'
import { NOW, testApp } from '../support/app.ts'

const TOKEN = 'k3Vw9sQm4xRb7tZn0cLf5yHj8pDg1aEo6uTi3XkQwVs'
const PREVIOUS = 'p3Vw9sQm4xRb7tZn0cLf5yHj8pDg1aEo6uTi3XkQwVs'
const OTHER = 'o3Vw9sQm4xRb7tZn0cLf5yHj8pDg1aEo6uTi3XkQwVs'
const ITEM = { log_id: '1', data: { type: 's' } }

function hook(failure?: Error) {
  const received: { tenantId: string; items: readonly unknown[]; now: number }[] = []
  const app = testApp({
    logStream: {
      tokens: new Map([
        ['acme', [TOKEN, PREVIOUS]],
        ['globex', [OTHER]],
      ]),
      receive: async (tenantId, items, now) => {
        if (failure) throw failure
        received.push({ tenantId, items, now })
        return { accepted: items.length, ignored: 0 }
      },
    },
  })
  const deliver = (body: string, headers: Record<string, string> = {}) =>
    app.request('/hooks/auth0-logs', {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers },
      body,
    })
  return { app, received, deliver }
}

describe('a delivery', () => {
  it.each([
    ['one array', JSON.stringify([ITEM, ITEM]), 2],
    ['lines', `${JSON.stringify(ITEM)}\n${JSON.stringify(ITEM)}\n`, 2],
    ['lines with carriage returns', `${JSON.stringify(ITEM)}\r\n${JSON.stringify(ITEM)}\r\n`, 2],
    ['one object', JSON.stringify(ITEM), 1],
    ['an object over several lines', JSON.stringify(ITEM, undefined, 2), 1],
    ['lines, one of them broken', `${JSON.stringify(ITEM)}\n{"log_id":\n`, 1],
    ['an empty array', '[]', 0],
  ])('as %s is handed on and counted', async (_form, body, count) => {
    const { received, deliver, app } = hook()
    const response = await deliver(body)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ accepted: count, ignored: 0 })
    expect(received).toEqual([
      { tenantId: 'acme', items: Array.from({ length: count }, () => ITEM), now: NOW },
    ])
    expect(app.lines.map((line) => JSON.parse(line))).toEqual([
      { time: NOW, event: 'log_stream', tenant_id: 'acme', accepted: count, ignored: 0 },
    ])
  })

  it.each(['', ' ', '{', 'null', '7', '"text"', 'scp', '[', '['.repeat(100_000)])(
    'that is no JSON is refused: %.20s',
    async (body) => {
      const { received, deliver } = hook()
      expect((await deliver(body)).status).toBe(400)
      expect(received).toEqual([])
    },
  )

  it('belongs to the tenant whose token it shows, current or previous', async () => {
    const { received, deliver } = hook()
    for (const token of [TOKEN, PREVIOUS, OTHER]) {
      expect((await deliver('[]', { authorization: `bearer ${token}` })).status).toBe(200)
    }
    expect(received.map(({ tenantId }) => tenantId)).toEqual(['acme', 'acme', 'globex'])
  })

  it.each([
    ['no token', ''],
    ['an empty one', 'Bearer '],
    ['another word', `Basic ${TOKEN}`],
    ['the token alone', TOKEN],
    ['a shorter one', `Bearer ${TOKEN.slice(0, -1)}`],
    ['a longer one', `Bearer ${TOKEN}s`],
    ['another case', `Bearer ${TOKEN.toUpperCase()}`],
    ['two tokens', `Bearer ${TOKEN} ${TOKEN}`],
  ])('with %s is refused unread', async (_case, authorization) => {
    const { received, deliver, app } = hook()
    const response = await deliver('[]', { authorization })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect(received).toEqual([])
    expect(app.lines.join()).not.toContain(TOKEN.slice(0, 8))
  })

  it('above a megabyte is refused', async () => {
    const { received, deliver } = hook()
    const most = 1024 * 1024
    expect((await deliver(`[${' '.repeat(most - 2)}]`)).status).toBe(200)
    expect((await deliver(`[${' '.repeat(most - 1)}]`)).status).toBe(413)
    expect(received).toHaveLength(1)
  })

  it('that cannot be stored is to be repeated', async () => {
    const { deliver, app } = hook(new StoreError('unavailable', 'ECONNREFUSED'))
    const response = await deliver('[]')
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).not.toBeNull()
    expect(app.lines.map((line) => JSON.parse(line))).toMatchObject([
      { event: 'request', tenant_id: 'acme', route: '/hooks/auth0-logs', status: 503 },
    ])
  })

  it('is a post, and has all the usual headers', async () => {
    const { app, deliver } = hook()
    const response = await app.request('/hooks/auth0-logs')
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
    expect((await deliver('[]')).headers.get('cache-control')).toBe('no-store')
  })
})

it('without a token configured there is no such route', async () => {
  const response = await testApp().request('/hooks/auth0-logs', {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
    body: '[]',
  })
  expect(response.status).toBe(404)
})
