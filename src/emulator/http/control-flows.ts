/** The control plane's handles on what happens: Actions, faults, switches, links, and what was recorded. */
import type { Hono } from 'hono'
import type { DeployedAction } from '../runtime/execution.ts'
import type { TenantCore } from '../tenant/core.ts'
import { bodyOf, refuse } from './control-request.ts'
import { ACTIONS, FAULTS, NEW_TICKET, onWire, SWITCHES, TRIGGER } from './control-schemas.ts'
import { shownExecution } from './inspector-executions.ts'
import { originOf } from './surface.ts'

/** Without code and secret values. */
const shownAction = ({ id, name, version, secrets, filename }: DeployedAction) => ({
  id,
  name,
  version,
  secrets: Object.keys(secrets),
  ...(filename === undefined ? {} : { file: filename }),
})

export function mountControlledFlows(app: Hono, core: TenantCore) {
  const { actions, faults, switches, trace } = core

  app.post('/tickets', async (c) => {
    const body = await bodyOf(c, NEW_TICKET)
    if (!body.ok) return body.refused
    const { user, client_id, result_url, lifetime_seconds } = body.value
    const userId = core.users.get(user)?.user_id
    if (userId === undefined) return refuse(c, 404, 'not_found', `There is no user ${user}.`)
    if (client_id !== undefined && !core.clients.get(client_id))
      return refuse(c, 404, 'not_found', `There is no application ${client_id}.`)
    const link = core.resetRequests.createTicket({
      userId,
      clientId: client_id,
      resultUrl: result_url,
      lifetimeSeconds: lifetime_seconds,
      origin: originOf(c),
    })
    return c.json({ link }, 201)
  })

  app.get('/actions', (c) =>
    c.json(
      Object.fromEntries(
        TRIGGER.options.map((trigger) => [trigger, actions.bound(trigger).map(shownAction)]),
      ),
    ),
  )
  app.put('/actions/:trigger', async (c) => {
    const trigger = TRIGGER.safeParse(c.req.param('trigger'))
    if (!trigger.success)
      return refuse(c, 404, 'not_found', `Triggers are: ${TRIGGER.options.join(', ')}.`)
    const body = await bodyOf(c, ACTIONS)
    if (!body.ok) return body.refused
    try {
      return c.json(actions.bind(trigger.data, body.value).map(shownAction))
    } catch (error) {
      // The tenant's own limits; nothing was bound.
      return refuse(c, 400, 'invalid_body', error instanceof Error ? error.message : String(error))
    }
  })

  app.get('/faults', (c) => c.json(onWire(faults)))
  app.patch('/faults', async (c) => {
    const body = await bodyOf(c, FAULTS)
    if (!body.ok) return body.refused
    Object.assign(faults, body.value)
    return c.json(onWire(faults))
  })
  app.get('/switches', (c) => c.json(onWire(switches)))
  app.patch('/switches', async (c) => {
    const body = await bodyOf(c, SWITCHES)
    if (!body.ok) return body.refused
    Object.assign(switches, body.value)
    return c.json(onWire(switches))
  })

  app.get('/trace', (c) => {
    const { after, kind, transaction } = c.req.query()
    return c.json(
      trace
        .all()
        .filter((event) => after === undefined || event.seq > Number(after))
        .filter((event) => kind === undefined || event.kind === kind)
        .filter((event) => transaction === undefined || event.transaction === transaction),
    )
  })
  app.delete('/trace', (c) => {
    trace.clear()
    return c.body(null, 204)
  })
  app.get('/executions', (c) => c.json(core.executions.all().map(shownExecution)))
  app.get('/logs', (c) => c.json(core.log.all()))
}
