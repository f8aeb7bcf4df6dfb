/**
 * The least that a service on Hono and jose does for the same link: verifies the same token and sends an
 * answer of the same length under the same headers, through a server with the same limits. No page is
 * built, nothing is checked beyond signature, issuer and times, no cookie is read, nothing is logged.
 */
import { Hono } from 'hono'
import { jwtVerify } from 'jose'
import { listen } from '../../src/node-server.ts'
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
    for (const [name, value] of headers) c.header(name, value, { append: name === 'set-cookie' })
    return c.body(body)
  })
  const { port } = await listen(app.fetch, { host: '127.0.0.1', port: 0 }, () => false)
  return port
})
