/**
 * The floor under a verification: node:http, one HMAC to check and one to sign, the same statement over
 * the same driver, and the same write-back. No framework, no page, no policy, no log, no refusals.
 */
import { createHash, createHmac, createSecretKey, randomUUID, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Decision } from '../../src/verifier/domain/decision.ts'
import type { Opening } from '../../src/verifier/ports.ts'
import { createClient } from '../../src/verifier/store/client.ts'
import { openParameter, openStatement } from '../../src/verifier/store/open-statement.ts'
import { settleParameters, settleStatement } from '../../src/verifier/store/settle-statement.ts'
import { serve } from '../load/server.ts'
import { SECRETS, TENANT } from '../load/tenant.ts'

const DECISION: Decision = {
  outcome: 'step_up',
  assessed: 'step_up',
  score: -2,
  reasons: [{ rule: 'mfa_enrolled', code: 'second_factor', floor: 'step_up', signals: {} }],
  codes: ['second_factor'],
  needs_review: false,
  mode: 'enforce',
  policy_version: 1,
}
const HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')
const hex = (text: string) => createHash('sha256').update(text).digest('hex')

await serve(async ({ databaseUrl, policyId, bytes }) => {
  const sql = createClient(databaseUrl, {
    connections: 10,
    connectSeconds: 5,
    session: { plan_cache_mode: 'force_generic_plan', jit: 'off', statement_timeout: '5000' },
  })
  const session = createSecretKey(SECRETS.session, 'utf8')
  const signing = createSecretKey(SECRETS.continue, 'utf8')
  const identifiers = createSecretKey(SECRETS.identifier, 'utf8')
  const padding = 'x'.repeat(bytes as number)
  const number = (text: string) =>
    createHmac('sha256', identifiers).update(text).digest().readBigInt64BE(0).toString()

  async function verify(form: URLSearchParams, cookie: string, client: string): Promise<string> {
    const token = form.get('session_token') ?? ''
    const state = form.get('state') ?? ''
    const [header, payload = '', mac = ''] = token.split('.')
    const expected = createHmac('sha256', session).update(`${header}.${payload}`).digest()
    if (!timingSafeEqual(expected, Buffer.from(mac, 'base64url'))) throw new Error('forged')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<
      string,
      string
    >
    const opening: Opening = {
      tenantId: TENANT,
      flow: 'password_reset',
      assessmentId: randomUUID(),
      reference: '0000-0000',
      tokenKey: hex(`token ${claims.jti}`),
      stateHash: hex(`state ${state}`),
      subjectHash: hex(`subject ${claims.sub}`),
      bindingHash: hex(cookie),
      keepUntil: Number(claims.exp) + 3600,
      engineVersion: '1',
      user: number(`user ${claims.sub}`),
      tokenAddress: number(`address ${claims.ip}`),
      visitAddress: number(`address ${client}`),
      request: {
        token: claims.facts as never,
        token_network: { country: 'DE', family: 4 },
        visit_network: { family: 4 },
        same_address: claims.ip === client,
        client: { script: true },
      },
      rawTokenAddress: claims.ip as string,
      rawVisitAddress: client,
      knownPolicies: [policyId as number],
    }
    const [row] = await openStatement(sql, openParameter(opening))
    if (!row?.id) throw new Error('not opened')
    const iat = Math.floor(Date.now() / 1000)
    const answer = { iss: claims.iss, sub: claims.sub, iat, exp: iat + 120, state, jti: row.id }
    const body = Buffer.from(JSON.stringify({ ...answer, decision: 'step_up' })).toString(
      'base64url',
    )
    const input = `${HEADER}.${body}`
    const settlement = { tenantId: TENANT, id: row.id, openedAt: row.opened_at, decision: DECISION }
    settleStatement(sql, settleParameters(TENANT, [settlement])).catch(() => {})
    return `${input}.${createHmac('sha256', signing).update(input).digest('base64url')}`
  }

  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('latin1')
    request.on('data', (piece: string) => {
      text += piece
    })
    request.on('end', () => {
      const { cookie = '', 'x-client': client } = request.headers
      verify(new URLSearchParams(text), cookie, String(client)).then(
        (token) => {
          const page = token + padding.slice(token.length)
          response.writeHead(200, {
            'content-type': 'text/html; charset=utf-8',
            'content-length': page.length,
          })
          response.end(page)
        },
        () => response.writeHead(500).end(),
      )
    })
  })
  return new Promise((listening) => {
    server.listen(0, '127.0.0.1', () => listening((server.address() as AddressInfo).port))
  })
})
