/**
 * Where Auth0 delivers a tenant's log: `POST /hooks/auth0-logs`, a custom log stream whose Authorization
 * Token is `Bearer <token>`. The token says which tenant it is. Each delivery is answered only when it
 * is stored, since Auth0 repeats one that fails; delivered twice, it counts once.
 * https://auth0.com/docs/customize/log-streams/custom-log-streams
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Rejection } from '../domain/rejection.ts'
import { StoreError } from '../ports.ts'
import type { AppContext, AppDeps, LogStream, Refuse } from './app-deps.ts'
import { readText } from './form-body.ts'
import { parseItems } from './hooks-body.ts'

const BODY_BYTES = 1024 * 1024

export function createLogHook(
  { clock, log }: Pick<AppDeps, 'clock' | 'log'>,
  stream: LogStream,
  refuse: Refuse,
) {
  const holders = [...stream.tokens].flatMap(([tenantId, tokens]) =>
    tokens.map((token) => ({ tenantId, digest: digestOf(token) })),
  )

  /** Every token is compared, and digests of one length, so that the time taken tells nothing. */
  function tenantOf(header: string | undefined): string | undefined {
    const [, token = ''] = /^Bearer +(\S+)$/i.exec(header ?? '') ?? []
    const given = digestOf(token)
    let found: string | undefined
    for (const { tenantId, digest } of holders) {
      if (timingSafeEqual(given, digest)) found = tenantId
    }
    return found
  }

  return async function receive(c: AppContext): Promise<Response> {
    const tenantId = tenantOf(c.req.header('authorization'))
    if (tenantId === undefined) {
      c.header('WWW-Authenticate', 'Bearer')
      return c.json({ code: 'unauthorized', detail: 'Give the log stream’s own token.' }, 401)
    }
    c.set('tenantId', tenantId)
    const body = await readText(c.req, BODY_BYTES)
    if (!body.ok) return refuse(c, body.error)
    const items = parseItems(body.value)
    if (items === undefined) {
      const detail = 'Set the content format of the stream to JSON lines, array or object.'
      return c.json({ code: 'malformed', detail }, 400)
    }
    try {
      const { accepted, ignored } = await stream.receive(tenantId, items, clock())
      log('log_stream', { tenant_id: tenantId, accepted, ignored })
      return c.json({ accepted, ignored })
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      const rejection: Rejection = { code: 'unavailable', tenantId }
      return refuse(c, rejection)
    }
  }
}

const digestOf = (token: string) => createHash('sha256').update(token).digest()
