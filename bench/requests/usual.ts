/**
 * What one would write otherwise: express, jsonwebtoken with the secret as a string, pg, and one query
 * for each thing to know. It checks less than the verifier does, and two of its requests can race.
 */
import { randomUUID } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import jwt from 'jsonwebtoken'
import { Pool } from 'pg'
import { serve } from '../load/server.ts'
import { HOST, SECRETS } from '../load/tenant.ts'

/** The part of Express that is used here: the package brings no types. */
interface ExpressRequest {
  readonly body: Readonly<Record<string, string>>
  get(name: string): string | undefined
}
interface ExpressResponse {
  status(code: number): ExpressResponse
  send(body: string): void
}
type Handler = (request: ExpressRequest, response: ExpressResponse) => Promise<void>
type Application = RequestListener & {
  use(middleware: unknown): void
  post(path: string, handler: Handler): void
}
const express = createRequire(import.meta.url)('express') as {
  (): Application
  urlencoded(options: { extended: boolean }): unknown
}

await serve(async ({ databaseUrl }) => {
  const pool = new Pool({ connectionString: databaseUrl, max: 10 })
  await pool.query(`
    create table if not exists usual_used (jti text primary key, at timestamptz default now());
    create table if not exists usual_check (
      id uuid primary key, sub text, ip text, device text, outcome text, at timestamptz default now()
    );
    create index if not exists usual_check_sub on usual_check (sub, at);
    create index if not exists usual_check_ip on usual_check (ip, at);
    create index if not exists usual_check_device on usual_check (device);
    create table if not exists usual_blocked (value text primary key)`)
  const count = async (text: string, values: unknown[]) =>
    Number((await pool.query<{ n: string }>(text, values)).rows[0]?.n)

  const app = express()
  app.use(express.urlencoded({ extended: false }))
  app.post('/verify', async (request, response) => {
    const { session_token: token = '', state = '' } = request.body
    const ip = request.get('x-client') ?? ''
    const device = request.get('cookie') ?? ''
    const claims = jwt.verify(token, SECRETS.session, {
      algorithms: ['HS256'],
      issuer: HOST,
    }) as jwt.JwtPayload
    const { rows: used } = await pool.query('select 1 from usual_used where jti = $1', [claims.jti])
    if (used.length > 0) {
      response.status(400).send('used')
      return
    }
    await pool.query('insert into usual_used (jti) values ($1)', [claims.jti])
    const { rows: blocked } = await pool.query(
      'select 1 from usual_blocked where value = any($1)',
      [[claims.sub, ip]],
    )
    const hour = "at > now() - interval '1 hour'"
    const bySub = await count(`select count(*) as n from usual_check where sub = $1 and ${hour}`, [
      claims.sub,
    ])
    const byIp = await count(`select count(*) as n from usual_check where ip = $1 and ${hour}`, [
      ip,
    ])
    const known = await count(
      'select count(*) as n from usual_check where sub = $1 and device = $2',
      [claims.sub, device],
    )
    const outcome =
      blocked.length > 0 ? 'deny' : known === 0 || bySub > 5 || byIp > 30 ? 'step_up' : 'allow'
    await pool.query(
      'insert into usual_check (id, sub, ip, device, outcome) values ($1, $2, $3, $4, $5)',
      [randomUUID(), claims.sub, ip, device, outcome],
    )
    const answer = jwt.sign({ state, decision: outcome }, SECRETS.continue, {
      subject: String(claims.sub),
      issuer: HOST,
      expiresIn: 120,
    })
    const action = `https://${HOST}/continue?state=${encodeURIComponent(state)}`
    response.send(
      `<!doctype html><form method="post" action="${action}"><input name="session_token" value="${answer}"></form>`,
    )
  })
  const server = createServer(app)
  return new Promise((listening) => {
    server.listen(0, '127.0.0.1', () => listening((server.address() as AddressInfo).port))
  })
})
