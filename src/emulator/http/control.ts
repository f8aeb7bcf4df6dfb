/**
 * The control plane: the tenant's test handles over HTTP, for tests that are not written in TypeScript.
 * JSON under `/__emulator`, for programs on this machine.
 */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { TenantCore } from '../tenant/core.ts'
import { mountControlledFlows } from './control-flows.ts'
import { programsOnly, refuse } from './control-request.ts'
import { mountControlledState } from './control-state.ts'

export const CONTROL_PATH = '/__emulator'

/** What no part of the core can do by itself. */
export interface WholeTenant {
  reset(): Promise<void>
}

/** What `GET /__emulator/` answers; docs/emulator.md explains it. */
export const ENDPOINTS: readonly (readonly [method: string, path: string, about: string])[] = [
  ['GET', '/', 'this list'],
  ['GET', '/users', 'all users'],
  ['POST', '/users', 'add a user: email, password, factors, metadata and more'],
  ['GET', '/users/{id or email}', 'one user'],
  ['PATCH', '/users/{id or email}', 'change members; password sets a new one'],
  ['DELETE', '/users/{id or email}', 'remove the user'],
  ['POST', '/users/{id or email}/factors', 'enrol a factor: its type, or an object with one'],
  [
    'GET',
    '/users/{id or email}/one-time-password',
    'what the authenticator shows now; ?factor=push-notification for that app',
  ],
  ['POST', '/users/{id or email}/check-password', 'whether a login with it would be accepted'],
  ['GET', '/clients', 'all applications'],
  ['POST', '/clients', 'add an application'],
  ['GET', '/mailbox', 'mails, newest last; ?to=ADDRESS'],
  ['DELETE', '/mailbox', 'empty it'],
  ['GET', '/phone', 'text messages and calls, newest last; ?to=NUMBER'],
  ['DELETE', '/phone', 'empty it'],
  ['GET', '/clock', "the tenant's time"],
  ['PUT', '/clock', '{"at": DATE or MILLISECONDS}, {"advance_seconds": N} or {"follow": true}'],
  ['POST', '/tickets', 'a reset link: user, client_id, result_url, lifetime_seconds'],
  ['GET', '/actions', 'what is bound to each trigger, in order'],
  ['PUT', '/actions/{trigger}', 'deploy and bind these Actions in place of all before'],
  ['GET', '/faults', 'faults, with their values'],
  ['PATCH', '/faults', 'change some of them'],
  ['GET', '/switches', 'undocumented behaviour, with its values'],
  ['PATCH', '/switches', 'change some of it'],
  ['GET', '/trace', 'every hop; ?after=SEQ, ?kind=KIND, ?transaction=ID'],
  ['DELETE', '/trace', 'forget it'],
  ['GET', '/executions', 'one record per run of a trigger: event, commands, log, tokens'],
  ['GET', '/logs', "tenant log events with Auth0's type codes"],
  ['POST', '/reset', 'back to how the tenant was started'],
]

const MOST_BYTES = 4 * 1024 * 1024

export function mountControl(app: Hono, core: TenantCore, whole: WholeTenant) {
  const control = new Hono()
  control.use(programsOnly, bodyLimit({ maxSize: MOST_BYTES }))
  control.get('/', list)
  mountControlledState(control, core)
  mountControlledFlows(control, core)
  control.post('/reset', async (c) => {
    await whole.reset()
    return c.body(null, 204)
  })
  control.all('*', (c) =>
    refuse(c, 404, 'not_found', `There is no such endpoint. GET ${CONTROL_PATH}/ lists them.`),
  )
  // With and without the slash at the end.
  app.get(`${CONTROL_PATH}/`, programsOnly, list)
  app.route(CONTROL_PATH, control)
}

const list = (c: Context) =>
  c.json({
    endpoints: ENDPOINTS.map(([method, path, about]) => ({
      method,
      path: `${CONTROL_PATH}${path}`,
      about,
    })),
  })
