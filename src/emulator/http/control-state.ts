/** The control plane's handles on what the tenant holds: users, applications, inboxes and the clock. */
import type { Context, Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import type { User } from '../tenant/users.ts'
import { bodyOf, refuse } from './control-request.ts'
import { CLOCK, FACTOR, NEW_CLIENT, NEW_USER, PASSWORD, USER_CHANGE } from './control-schemas.ts'

export function mountControlledState(app: Hono, core: TenantCore) {
  const { users, clients, mailbox, phoneInbox, clock } = core

  const named = (c: Context): User | undefined => users.get(c.req.param('user') ?? '')
  const noUser = (c: Context) =>
    refuse(c, 404, 'not_found', `There is no user ${c.req.param('user')}.`)

  app.get('/users', (c) => c.json(users.all()))
  app.post('/users', async (c) => {
    const body = await bodyOf(c, NEW_USER)
    if (!body.ok) return body.refused
    const { email, user_id } = body.value
    if (users.get(email) || (user_id !== undefined && users.get(user_id)))
      return refuse(c, 409, 'conflict', 'There already is a user with this address or id.')
    return c.json(users.add(body.value), 201)
  })
  app.get('/users/:user', (c) => {
    const user = named(c)
    return user ? c.json(user) : noUser(c)
  })
  app.patch('/users/:user', async (c) => {
    const user = named(c)
    if (!user) return noUser(c)
    const body = await bodyOf(c, USER_CHANGE)
    if (!body.ok) return body.refused
    const { password, ...change } = body.value
    const holder = change.email === undefined ? undefined : users.get(change.email)
    if (holder && holder.user_id !== user.user_id)
      return refuse(c, 409, 'conflict', 'There already is a user with this address.')
    if (password !== undefined) await users.setPassword(user.user_id, password)
    return c.json(users.update(user.user_id, change))
  })
  app.delete('/users/:user', (c) => {
    const user = named(c)
    if (!user) return noUser(c)
    users.remove(user.user_id)
    return c.body(null, 204)
  })
  app.post('/users/:user/factors', async (c) => {
    const user = named(c)
    if (!user) return noUser(c)
    const body = await bodyOf(c, FACTOR)
    return body.ok ? c.json(users.enrol(user.user_id, body.value), 201) : body.refused
  })
  app.get('/users/:user/one-time-password', async (c) => {
    const user = named(c)
    if (!user) return noUser(c)
    const wanted = c.req.query('factor') === 'push-notification' ? 'push-notification' : 'otp'
    if (!user.factors.some(({ type }) => type === wanted))
      return refuse(c, 409, 'conflict', `The user has no ${wanted} enrolled.`)
    return c.json({ code: await users.oneTimePassword(user.user_id, wanted) })
  })
  app.post('/users/:user/check-password', async (c) => {
    const user = named(c)
    if (!user) return noUser(c)
    const body = await bodyOf(c, PASSWORD)
    if (!body.ok) return body.refused
    return c.json({ accepted: await users.checkPassword(user.user_id, body.value.password) })
  })

  app.get('/clients', (c) => c.json(clients.all()))
  app.post('/clients', async (c) => {
    const body = await bodyOf(c, NEW_CLIENT)
    if (!body.ok) return body.refused
    if (clients.get(body.value.client_id))
      return refuse(c, 409, 'conflict', 'There already is an application with this id.')
    return c.json(clients.add(body.value), 201)
  })

  for (const [path, inbox] of [
    ['/mailbox', mailbox],
    ['/phone', phoneInbox],
  ] as const) {
    app.get(path, (c) => {
      const to = c.req.query('to')?.toLowerCase()
      const all: readonly { readonly to: string }[] = inbox.all()
      return c.json(all.filter((one) => to === undefined || one.to.toLowerCase() === to))
    })
    app.delete(path, (c) => {
      inbox.clear()
      return c.body(null, 204)
    })
  }

  const time = (c: Context) =>
    c.json({ at: new Date(clock.now()).toISOString(), milliseconds: clock.now() })
  app.get('/clock', time)
  app.put('/clock', async (c) => {
    const body = await bodyOf(c, CLOCK)
    if (!body.ok) return body.refused
    const change = body.value
    if ('at' in change) clock.set(new Date(change.at))
    else if ('advance_seconds' in change) clock.advanceSeconds(change.advance_seconds)
    else clock.follow()
    return time(c)
  })
}
