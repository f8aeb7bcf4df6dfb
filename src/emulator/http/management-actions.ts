/** `/api/v2/actions`: Actions, their versions, and what is bound to the triggers (contract 6.1). */
import type { Context, Hono } from 'hono'
import * as z from 'zod'
import type { TenantCore } from '../tenant/core.ts'
import type { ActionVersion, ManagedAction } from '../tenant/management-action-draft.ts'
import { type ActionRefusal, type Binding, isRefusal } from '../tenant/management-bindings.ts'
import { isTrigger, TRIGGERS } from '../tenant/management-triggers.ts'
import {
  shownAction,
  shownBinding,
  shownTrigger,
  shownVersion,
} from './management-action-shapes.ts'
import { bodyOf, needs, refuseManagement } from './management-gate.ts'
import { answerList } from './management-list.ts'

const NAME = z.string().min(1).max(255)
const SECRETS = z.array(z.object({ name: NAME, value: z.string().optional() }))
const DEPENDENCIES = z.array(
  z.object({ name: NAME, version: z.string(), registry_url: z.string().nullish() }),
)
const TRIGGER = z.array(z.looseObject({ id: z.string(), version: z.string().optional() })).length(1)
const CREATE = z.object({
  name: NAME,
  supported_triggers: TRIGGER,
  code: z.string().default(''),
  runtime: z.string().default('node22'),
  dependencies: DEPENDENCIES.default([]),
  secrets: SECRETS.default([]),
  modules: z.array(z.unknown()).optional(),
  deploy: z.boolean().optional(),
})
const UPDATE = z.object({
  name: NAME.optional(),
  supported_triggers: TRIGGER.optional(),
  code: z.string().optional(),
  runtime: z.string().optional(),
  dependencies: DEPENDENCIES.optional(),
  secrets: SECRETS.optional(),
  modules: z.array(z.unknown()).optional(),
})
const BINDINGS = z.object({
  bindings: z.array(
    z.object({
      ref: z.object({
        type: z.enum(['action_name', 'action_id', 'binding_id']),
        value: z.string(),
      }),
      display_name: z.string().optional(),
    }),
  ),
})

const triggerOf = (
  given: readonly { readonly id: string; readonly version?: string | undefined }[],
) => {
  const [wanted] = given
  const known = TRIGGERS.find(({ id }) => id === wanted?.id)
  return known ? { id: known.id, version: wanted?.version ?? known.version } : undefined
}

export function mountActionsApi(api: Hono, core: TenantCore) {
  const { managedActions: actions } = core
  const shown = (action: ManagedAction) => shownAction(action, core.clock.now())
  const refuse = (c: Context, { status, message }: ActionRefusal) =>
    refuseManagement(c, status, message)
  const missing = (c: Context) => refuse(c, { status: 404, message: 'That action does not exist.' })
  const read = needs(core, 'read:actions')
  const update = needs(core, 'update:actions')

  /** Secrets named without a value keep the one they have. */
  const secretsOf = (
    given: z.infer<typeof SECRETS>,
    before: Readonly<Record<string, string>> = {},
  ) => Object.fromEntries(given.map(({ name, value }) => [name, value ?? before[name] ?? '']))
  const dependenciesOf = (given: z.infer<typeof DEPENDENCIES>) =>
    given.map(({ name, version }) => ({ name, version }))

  api.get('/actions/actions', read, (c) => {
    const { triggerId, actionName, deployed } = c.req.query()
    const wanted = actions
      .all()
      .filter(({ draft }) => triggerId === undefined || draft.trigger.id === triggerId)
      .filter(({ name }) => actionName === undefined || name === actionName)
      .filter(
        (one) => deployed === undefined || String(one.deployedNumber !== undefined) === deployed,
      )
    return answerList(c, 'actions', wanted.map(shown), 'totals')
  })

  api.post('/actions/actions', needs(core, 'create:actions'), async (c) => {
    const body = await bodyOf(c, CREATE)
    if (body instanceof Response) return body
    const trigger = triggerOf(body.supported_triggers)
    if (!trigger) return refuse(c, { status: 400, message: 'The trigger does not exist.' })
    const created = actions.create({
      name: body.name,
      code: body.code,
      runtime: body.runtime,
      trigger,
      dependencies: dependenciesOf(body.dependencies),
      secrets: secretsOf(body.secrets),
    })
    if (isRefusal(created)) return refuse(c, created)
    core.log.write('sapi', { description: 'Create an action' })
    return c.json(shown(created), 201)
  })

  api.get('/actions/actions/:id', read, (c) => {
    const action = actions.get(c.req.param('id'))
    return action ? c.json(shown(action)) : missing(c)
  })

  api.patch('/actions/actions/:id', update, async (c) => {
    const body = await bodyOf(c, UPDATE)
    if (body instanceof Response) return body
    const action = actions.get(c.req.param('id'))
    if (!action) return missing(c)
    const trigger = body.supported_triggers && triggerOf(body.supported_triggers)
    const changed = actions.update(action.id, {
      ...(body.name === undefined ? {} : { name: body.name }),
      ...(body.code === undefined ? {} : { code: body.code }),
      ...(body.runtime === undefined ? {} : { runtime: body.runtime }),
      ...(body.dependencies ? { dependencies: dependenciesOf(body.dependencies) } : {}),
      ...(body.secrets ? { secrets: secretsOf(body.secrets, action.draft.secrets) } : {}),
      ...(trigger ? { trigger } : {}),
    })
    return isRefusal(changed) ? refuse(c, changed) : c.json(shown(changed))
  })

  api.delete('/actions/actions/:id', needs(core, 'delete:actions'), (c) => {
    const removed = actions.remove(c.req.param('id'), c.req.query('force') === 'true')
    return isRefusal(removed) ? refuse(c, removed) : c.body(null, 204)
  })

  const answerVersion = (c: Context, id: string, version: ActionVersion | ActionRefusal) => {
    const action = actions.get(id)
    if (isRefusal(version)) return refuse(c, version)
    core.log.write('sapi', { description: 'Deploy an action' })
    return action ? c.json(shownVersion(action, version), 202) : missing(c)
  }

  api.post('/actions/actions/:id/deploy', needs(core, 'create:actions', 'update:actions'), (c) => {
    const id = c.req.param('id')
    return answerVersion(c, id, actions.deploy(id))
  })

  api.get('/actions/actions/:id/versions', read, (c) => {
    const action = actions.get(c.req.param('id'))
    if (!action) return missing(c)
    const newestFirst = [...action.versions].reverse()
    return answerList(
      c,
      'versions',
      newestFirst.map((version) => shownVersion(action, version)),
      'totals',
    )
  })

  api.get('/actions/actions/:id/versions/:version', read, (c) => {
    const action = actions.get(c.req.param('id'))
    const version = action?.versions.find(({ id }) => id === c.req.param('version'))
    return action && version ? c.json(shownVersion(action, version)) : missing(c)
  })

  api.post('/actions/actions/:id/versions/:version/deploy', update, (c) => {
    const id = c.req.param('id')
    return answerVersion(c, id, actions.redeploy(id, c.req.param('version')))
  })

  api.get('/actions/triggers', read, (c) => c.json({ triggers: TRIGGERS.map(shownTrigger) }))

  const shownOf = (binding: Binding) =>
    shownBinding(binding, actions.get(binding.actionId), core.clock.now())

  api.get('/actions/triggers/:trigger/bindings', read, (c) => {
    const trigger = c.req.param('trigger')
    if (!isTrigger(trigger))
      return refuse(c, { status: 404, message: 'That trigger does not exist.' })
    return answerList(c, 'bindings', actions.bindings(trigger).map(shownOf), 'totals')
  })

  api.patch('/actions/triggers/:trigger/bindings', update, async (c) => {
    const body = await bodyOf(c, BINDINGS)
    if (body instanceof Response) return body
    const trigger = c.req.param('trigger')
    if (!isTrigger(trigger))
      return refuse(c, { status: 404, message: 'That trigger does not exist.' })
    const bound = actions.bind(
      trigger,
      body.bindings.map(({ ref, display_name }) => ({ ...ref, displayName: display_name })),
    )
    if ('message' in bound) return refuse(c, bound)
    return c.json({ bindings: bound.map(shownOf) })
  })

  api.get('/actions/executions/:id', read, (c) => {
    const execution = core.executions.all().find(({ id }) => id === c.req.param('id'))
    if (!execution) return refuse(c, { status: 404, message: 'That execution does not exist.' })
    const results = execution.results.map(({ action, error, durationMs }) => ({
      action_name: action,
      duration_ms: durationMs,
      ...(error ? { error: { id: error.class, msg: error.message } } : {}),
    }))
    const { id, trigger_id, status, created_at, updated_at } = execution
    return c.json({ id, trigger_id, status, created_at, updated_at, results })
  })

  api.get('/actions/modules', read, (c) => answerList(c, 'modules', [], 'totals'))
}
