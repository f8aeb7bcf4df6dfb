/**
 * What one would write otherwise: express, jsonwebtoken with the secret as a string, pg, and one query
 * for each thing to know, over the same tables. It asks what the verifier's one statement asks, one after
 * the other, and answers without judging; two of its requests can race.
 */
import { createHash, createHmac, randomUUID } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import jwt from 'jsonwebtoken'
import { Pool } from 'pg'
import { serve } from '../load/server.ts'
import { HOST, SECRETS, TENANT } from '../load/tenant.ts'

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

const pseudonym = (text: string) =>
  createHmac('sha256', SECRETS.identifier).update(text).digest().readBigInt64BE(0).toString()
const hash = (text: string) => createHash('sha256').update(text).digest()

interface Asked {
  readonly user: string
  readonly client: string
  readonly tokenAddress: string
  readonly visitAddress: string
  readonly device: string
  readonly raw: { readonly token: string; readonly visit: string }
}

const RANGE = `select mask from ip_range where tenant = $1 and low <= $2::inet and high >= $2::inet
  order by low desc limit 1`

/**
 * What is known of a visit, a query each: as many as the verifier's statement has things to read for
 * this visit. Left out is what it reads only for others, whose network is known or whose mailbox is a
 * throw-away one.
 */
const CHECKS: readonly (readonly [text: string, values: (asked: Asked) => unknown[]])[] = [
  [
    `select user_per_hour, address_per_hour from policy
      where tenant = $1 and flow = 'password_reset' and status = 'active'`,
    ofTenant,
  ],
  ['select * from release where tenant = $1 and user_key = $2 and used_at is null', ofUser],
  ['select * from user_profile where tenant = $1 and user_key = $2', ofUser],
  [`select action from entity_list where tenant = $1 and kind = 'user' and value = $2`, ofUser],
  [
    `select action from entity_list where tenant = $1 and kind = 'address' and value = any($2)`,
    ({ tokenAddress, visitAddress }) => [TENANT, [tokenAddress, visitAddress]],
  ],
  [`select action from entity_list where tenant = $1 and kind = 'device' and value = $2`, ofDevice],
  [
    `select action from entity_list where tenant = $1 and kind = 'country' and value = 'DE'`,
    ofTenant,
  ],
  [
    `select action from entity_list where tenant = $1 and kind = 'client' and value = $2`,
    ({ client }) => [TENANT, client],
  ],
  ['select bit, kind, has_ranges from range_list where tenant = $1', ofTenant],
  [RANGE, ({ raw }) => [TENANT, raw.token]],
  [RANGE, ({ raw }) => [TENANT, raw.visit]],
  [others('token_address', '1 hour'), ({ user, tokenAddress }) => [TENANT, tokenAddress, user]],
  [others('visit_address', '1 hour'), ({ user, visitAddress }) => [TENANT, visitAddress, user]],
  [others('device', '1 day'), ({ user, device }) => [TENANT, device, user]],
  [
    'select users from address_baseline where tenant = $1 and address = $2',
    ({ visitAddress }) => [TENANT, visitAddress],
  ],
  [
    `select count(*) from assessment where tenant = $1 and user_key = $2
      and opened_at > now() - interval '5 days' and opened_at <= now()
      and outcome in ('step_up', 'deny') and confirmed_at is null`,
    ofUser,
  ],
  [
    `select opened_at, device from assessment where tenant = $1 and user_key = $2
      and opened_at > now() - interval '1 day' and opened_at <= now()
      and flow = 'password_reset' and confirmed_at is not null
      order by opened_at desc limit 100`,
    ofUser,
  ],
  [
    `select count(*) from user_event where tenant = $1 and user_key = $2 and kind = 'failure'
      and at > now() - interval '1 hour'`,
    ofUser,
  ],
  [
    `select max(at) from user_event where tenant = $1 and user_key = $2 and kind = 'change'`,
    ofUser,
  ],
  [
    `select at from user_event where tenant = $1 and user_key = $2 and kind = 'reset'
      and at > now() - interval '1 day' order by at desc limit 100`,
    ofUser,
  ],
  ['select stream_last_at from learning_state where tenant = $1', ofTenant],
  ['select n, halvings from global_total where tenant = $1', ofTenant],
  [
    `select feature, n, halvings from global_feature where tenant = $1 and value = ''
      and feature = any('{country,asn,device_type,os,agent}')`,
    ofTenant,
  ],
  [
    `select feature, value, n, halvings from global_feature
      where tenant = $1 and (feature, value) in (
        ('country', 'DE'), ('device_type', 'desktop'), ('os', 'Linux'), ('agent', 'Linux/Chrome')
      )`,
    ofTenant,
  ],
]

function ofUser({ user }: Asked): unknown[] {
  return [TENANT, user]
}
function ofDevice({ device }: Asked): unknown[] {
  return [TENANT, device]
}
function ofTenant(): unknown[] {
  return [TENANT]
}
function others(column: string, age: string): string {
  return `select count(distinct user_key) from assessment where tenant = $1 and ${column} = $2
    and user_key <> $3 and opened_at > now() - interval '${age}' and opened_at <= now()`
}

const CHARGE = `insert into rate_gcra (tenant, bucket, key, arrival)
  values ($1, $2, $3, now() + make_interval(secs => $4))
  on conflict (tenant, bucket, key) do update
    set arrival = greatest(rate_gcra.arrival, now()) + make_interval(secs => $4)
  returning arrival`

await serve(async ({ databaseUrl, policyId }) => {
  const pool = new Pool({ connectionString: databaseUrl, max: 10 })
  const app = express()
  app.use(express.urlencoded({ extended: false }))
  app.post('/verify', async (request, response) => {
    const { session_token: token = '', state = '' } = request.body
    const claims = jwt.verify(token, SECRETS.session, {
      algorithms: ['HS256'],
      issuer: HOST,
    }) as jwt.JwtPayload
    const visit = request.get('x-client') ?? ''
    const asked: Asked = {
      user: pseudonym(`user ${claims.sub}`),
      client: String(claims.facts.client_id),
      tokenAddress: pseudonym(`address ${claims.ip}`),
      visitAddress: pseudonym(`address ${visit}`),
      device: pseudonym(`device ${request.get('cookie')}`),
      raw: { token: String(claims.ip), visit },
    }
    const key = hash(`token ${claims.jti}`)
    const { rows: used } = await pool.query(
      'select 1 from redemption where tenant = $1 and token_key = $2',
      [TENANT, key],
    )
    const { rows: claimed } = await pool.query(
      'select 1 from state_claim where tenant = $1 and state_hash = $2',
      [TENANT, hash(state)],
    )
    if (used.length > 0 || claimed.length > 0) {
      response.status(400).send('used')
      return
    }
    const id = randomUUID()
    await pool.query(
      `insert into redemption values ($1, $2, $3, $4, $5, $6, now(), now() + interval '1 hour')`,
      [TENANT, key, hash(state), hash(String(claims.sub)), hash(request.get('cookie') ?? ''), id],
    )
    await pool.query(`insert into state_claim values ($1, $2, $3, now() + interval '1 hour')`, [
      TENANT,
      hash(state),
      key,
    ])
    await pool.query(CHARGE, [TENANT, 'user', asked.user, 720])
    await pool.query(CHARGE, [TENANT, 'address', asked.tokenAddress, 120])
    await pool.query(CHARGE, [TENANT, 'address', asked.visitAddress, 120])
    const facts: unknown[] = []
    for (const [text, values] of CHECKS) facts.push((await pool.query(text, values(asked))).rows)
    const { rows: stored } = await pool.query<{ opened_at: Date }>(
      `insert into assessment (tenant, opened_at, id, reference, flow, engine_version, policy_id,
        user_key, token_address, visit_address, device, facts)
      values ($1, now(), $2, '0000-0000', 'password_reset', '1', $3, $4, $5, $6, $7, $8)
      returning opened_at`,
      [
        TENANT,
        id,
        policyId,
        asked.user,
        asked.tokenAddress,
        asked.visitAddress,
        asked.device,
        JSON.stringify({ claims, facts }),
      ],
    )
    await pool.query(
      `update assessment set settled_at = now(), outcome = 'step_up', assessed = 'step_up',
        score = 0, decision = '{}'
      where tenant = $1 and opened_at = $2 and id = $3`,
      [TENANT, stored[0]?.opened_at, id],
    )
    const answer = jwt.sign({ state, decision: 'step_up' }, SECRETS.continue, {
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
