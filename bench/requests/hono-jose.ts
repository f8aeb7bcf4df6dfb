/**
 * The least that a service on Hono and jose does for the same link: verifies the same token and sends an
 * answer of the same length under the same headers. No page is built, nothing is checked beyond the
 * signature and the times, nothing is logged.
 */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { jwtVerify } from 'jose'
import { serve } from '../load/server.ts'
import { HOST, SECRETS } from '../load/tenant.ts'

await serve(async ({ answer }) => {
  const { headers, body } = answer as { headers: [string, string][]; body: string }
  const key = await crypto.subtle.importKey(
    'raw',
    new TextEncoder().encode(SECRETS.session),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['verify'],
  )
  const app = new Hono()
  app.get('/verify', async (c) => {
    const token = c.req.query('session_token') ?? ''
    const options = { algorithms: ['HS256'], issuer: HOST, clockTolerance: 5, maxTokenAge: 900 }
    try {
      await jwtVerify(token, key, options)
    } catch {
      return c.text('no', 400)
    }
    for (const [name, value] of headers) c.header(name, value, { append: true })
    return c.body(body)
  })
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  return new Promise((listening) => {
    server.listen(0, '127.0.0.1', () => listening((server.address() as AddressInfo).port))
  })
})
