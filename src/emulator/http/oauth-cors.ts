/**
 * Which pages may read an answer by script: those of the tenant's applications (web origins and the
 * origins of their callbacks). What is public anyway is open to all.
 */
import type { Hono } from 'hono'
import { cors } from 'hono/cors'
import type { TenantCore } from '../tenant/core.ts'

const originOf = (url: string) => (URL.canParse(url) ? new URL(url).origin : undefined)

export function allowScripts(app: Hono, core: TenantCore) {
  const isKnown = (origin: string) =>
    core.clients
      .all()
      .some(
        ({ web_origins, callbacks }) =>
          web_origins.includes(origin) || callbacks.some((url) => originOf(url) === origin),
      )
  const ofApplications = cors({
    origin: (origin) => (isKnown(origin) ? origin : undefined),
    allowMethods: ['GET', 'POST', 'OPTIONS'],
    credentials: true,
  })
  for (const path of ['/oauth/token', '/oauth/revoke', '/userinfo', '/dbconnections/*'])
    app.use(path, ofApplications)
  app.use('/.well-known/*', cors({ origin: '*' }))
}
