/** `/api/v2/users` and what hangs on a user: search, factors, sessions, linked identities. */
import type { Context, Hono } from 'hono'
import * as z from 'zod'
import type { TenantCore } from '../tenant/core.ts'
import { FACTOR_TYPES } from '../tenant/factors.ts'
import { passwordFault } from '../tenant/passwords.ts'
import type { User } from '../tenant/users.ts'
import { bodyOf, needs, refuseManagement } from './management-gate.ts'
import { answerList } from './management-list.ts'

const metadata = z.record(z.string(), z.unknown())

const members = {
  email_verified: z.boolean().optional(),
  phone_verified: z.boolean().optional(),
  blocked: z.boolean().optional(),
  username: z.string().max(128).optional(),
  phone_number: z.string().max(64).optional(),
  given_name: z.string().max(150).optional(),
  family_name: z.string().max(150).optional(),
  name: z.string().max(300).optional(),
  nickname: z.string().max(300).optional(),
  picture: z.string().max(2048).optional(),
  user_metadata: metadata.optional(),
  app_metadata: metadata.optional(),
  password: z.string().min(1).max(512).optional(),
  connection: z.string().optional(),
}
const ADDRESS = z
  .string()
  .regex(/^[^\s@]+@[^\s@]+$/, 'Object did not pass format validation: email')
const CREATE = z.object({
  ...members,
  connection: z.string(),
  email: ADDRESS,
  user_id: z.string().max(255).optional(),
})
const UPDATE = z.object({ ...members, email: ADDRESS.optional() })
const LINK = z.object({ provider: z.string(), user_id: z.string() })

const present = <Value extends object>(value: Value) =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined))

/** As the API shows a user: no factor, no password. */
export function shownUser(core: TenantCore, user: User) {
  const { factors: _factors, roles: _roles, identities, ...shown } = user
  const separator = user.user_id.indexOf('|')
  return {
    ...shown,
    identities: identities ?? [
      {
        connection: core.connection.name,
        provider: user.user_id.slice(0, Math.max(separator, 0)) || 'auth0',
        user_id: user.user_id.slice(separator + 1),
        isSocial: false,
      },
    ],
  }
}

/** The part of the query syntax that tests and Actions use: `email:"…"`, `user_id:"…"`, with AND. */
function matches(user: User, query: string): boolean {
  const terms = [...query.matchAll(/([\w.]+):\s*(?:"([^"]*)"|(\S+))/g)]
  return terms.every(([, name = '', quoted, bare]) => {
    const wanted = (quoted ?? bare ?? '').toLowerCase()
    const value = name
      .split('.')
      .reduce<unknown>((at, part) => (Object(at) as Record<string, unknown>)[part], user)
    const text = String(value).toLowerCase()
    return wanted.endsWith('*') ? text.startsWith(wanted.slice(0, -1)) : text === wanted
  })
}

/** First-level merge, as the API does for metadata; null removes. */
const mergedMetadata = (
  stored: Readonly<Record<string, unknown>>,
  change: Readonly<Record<string, unknown>> | undefined,
) =>
  change === undefined
    ? stored
    : Object.fromEntries(
        [...new Map([...Object.entries(stored), ...Object.entries(change)])].filter(
          ([, value]) => value !== null,
        ),
      )

export function mountUsersApi(api: Hono, core: TenantCore) {
  const found = (c: Context) =>
    core.users.all().find(({ user_id }) => user_id === c.req.param('id'))
  const missing = (c: Context) =>
    refuseManagement(c, 404, 'The user does not exist.', 'inexistent_user')
  const shown = (user: User) => shownUser(core, user)

  api.get('/users', needs(core, 'read:users'), (c) => {
    const query = c.req.query('q') ?? ''
    const users = core.users.all().filter((user) => matches(user, query))
    return answerList(c, 'users', users.map(shown))
  })

  api.get('/users-by-email', needs(core, 'read:users'), (c) => {
    const email = (c.req.query('email') ?? '').toLowerCase()
    return c.json(
      core.users
        .all()
        .filter((user) => user.email.toLowerCase() === email)
        .map(shown),
    )
  })

  api.post('/users', needs(core, 'create:users'), async (c) => {
    const body = await bodyOf(c, CREATE)
    if (body instanceof Response) return body
    const { connection, password, user_id, ...profile } = body
    if (connection !== core.connection.name)
      return refuseManagement(c, 400, 'The connection does not exist.', 'inexistent_connection')
    const weak = password === undefined ? undefined : passwordFault(password)
    if (weak) return refuseManagement(c, 400, `PasswordStrengthError: ${weak}`, 'invalid_password')
    const id = user_id === undefined ? undefined : `auth0|${user_id}`
    if (core.users.get(profile.email) || (id && core.users.get(id)))
      return refuseManagement(c, 409, 'The user already exists.', 'auth0_idp_error')
    const user = core.users.add({
      ...present(profile),
      email: profile.email,
      email_verified: profile.email_verified ?? false,
      ...(id === undefined ? {} : { user_id: id }),
      ...(password === undefined ? {} : { password }),
    })
    core.log.write('sapi', { description: 'Create a User', userId: user.user_id })
    return c.json(shown(user), 201)
  })

  api.get('/users/:id', needs(core, 'read:users'), (c) => {
    const user = found(c)
    return user ? c.json(shown(user)) : missing(c)
  })

  api.patch('/users/:id', needs(core, 'update:users', 'update:users_app_metadata'), async (c) => {
    const body = await bodyOf(c, UPDATE)
    if (body instanceof Response) return body
    const user = found(c)
    if (!user) return missing(c)
    const { connection: _connection, password, app_metadata, user_metadata, ...profile } = body
    const weak = password === undefined ? undefined : passwordFault(password)
    if (weak) return refuseManagement(c, 400, `PasswordStrengthError: ${weak}`, 'invalid_password')
    if (password !== undefined) await core.users.setPassword(user.user_id, password)
    const changed = core.users.update(user.user_id, {
      ...present(profile),
      app_metadata: mergedMetadata(user.app_metadata, app_metadata),
      user_metadata: mergedMetadata(user.user_metadata, user_metadata),
    })
    core.log.write('sapi', { description: 'Update a User', userId: user.user_id })
    return c.json(shown(changed))
  })

  api.delete('/users/:id', needs(core, 'delete:users'), (c) => {
    const user = found(c)
    if (user) {
      core.users.remove(user.user_id)
      core.sessions.endAll(user.user_id)
      for (const { id } of core.loginSide.refreshTokens.of(user.user_id))
        core.loginSide.refreshTokens.revoke(id)
      core.log.write('sapi', { description: 'Delete a User', userId: user.user_id })
    }
    return c.body(null, 204)
  })

  api.post('/users/:id/identities', needs(core, 'update:users'), async (c) => {
    const body = await bodyOf(c, LINK)
    if (body instanceof Response) return body
    const primary = found(c)
    const secondary = core.users.get(
      body.user_id.includes('|') ? body.user_id : `${body.provider}|${body.user_id}`,
    )
    if (!primary || !secondary || primary.user_id === secondary.user_id) return missing(c)
    const identities = [...shown(primary).identities, ...shown(secondary).identities]
    core.users.update(primary.user_id, { identities })
    return c.json(identities, 201)
  })

  api.get('/users/:id/authentication-methods', needs(core, 'read:users'), (c) => {
    const user = found(c)
    if (!user) return missing(c)
    const enrolled = user.factors.map(({ type }, index) => ({
      id: `${type}|${index}`,
      type,
      confirmed: true,
    }))
    return answerList(c, 'authenticators', enrolled)
  })

  api.delete('/users/:id/authentication-methods', needs(core, 'update:users'), (c) => {
    const user = found(c)
    if (!user) return missing(c)
    core.users.update(user.user_id, { factors: [] })
    return c.body(null, 204)
  })

  api.post('/users/:id/authentication-methods', needs(core, 'update:users'), async (c) => {
    const body = await bodyOf(c, z.object({ type: z.enum(FACTOR_TYPES) }))
    if (body instanceof Response) return body
    const user = found(c)
    if (!user) return missing(c)
    core.users.enrol(user.user_id, body.type)
    return c.json({ type: body.type, confirmed: true }, 201)
  })

  api.get('/users/:id/sessions', needs(core, 'read:users'), (c) => {
    const user = found(c)
    if (!user) return missing(c)
    const sessions = core.sessions.of(user.user_id).map((session) => ({
      id: session.id,
      user_id: session.userId,
      created_at: new Date(session.createdAtMs).toISOString(),
      authenticated_at: new Date(session.authenticatedAtMs).toISOString(),
      expires_at: new Date(session.expiresAtMs).toISOString(),
      idle_expires_at: new Date(session.idleExpiresAtMs).toISOString(),
      clients: [...session.clientIds].map((client_id) => ({ client_id })),
    }))
    return c.json({ sessions })
  })

  api.delete('/users/:id/sessions', needs(core, 'update:users'), (c) => {
    core.sessions.endAll(c.req.param('id'))
    return c.body(null, 202)
  })

  api.get('/users/:id/logs', needs(core, 'read:logs', 'read:logs_users'), (c) => {
    const events = core.log.all().filter(({ user_id }) => user_id === c.req.param('id'))
    return answerList(c, 'logs', events.reverse())
  })
}
