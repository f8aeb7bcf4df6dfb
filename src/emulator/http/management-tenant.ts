/** The rest of `/api/v2` that clients and deploy tools read: applications, connections, logs, settings. */
import type { Context, Hono } from 'hono'
import * as z from 'zod'
import type { Client } from '../tenant/clients.ts'
import type { TenantCore } from '../tenant/core.ts'
import { randomName } from '../tenant/identifiers.ts'
import { bodyOf, needs, refuseManagement } from './management-gate.ts'
import { answerList } from './management-list.ts'

const URLS = z.array(z.string().max(2048))
const REFRESH = z.object({
  rotation_type: z.enum(['rotating', 'non-rotating']).optional(),
  expiration_type: z.enum(['expiring', 'non-expiring']).optional(),
  leeway: z.number().int().min(0).optional(),
  token_lifetime: z.number().int().min(1).optional(),
  idle_token_lifetime: z.number().int().min(1).optional(),
  infinite_token_lifetime: z.boolean().optional(),
  infinite_idle_token_lifetime: z.boolean().optional(),
})
const CLIENT = z.object({
  name: z.string().min(1).optional(),
  app_type: z.enum(['regular_web', 'spa', 'native', 'non_interactive']).optional(),
  callbacks: URLS.optional(),
  allowed_logout_urls: URLS.optional(),
  web_origins: URLS.optional(),
  grant_types: z.array(z.string()).optional(),
  token_endpoint_auth_method: z
    .enum(['none', 'client_secret_post', 'client_secret_basic'])
    .optional(),
  refresh_token: REFRESH.optional(),
  client_metadata: z.record(z.string(), z.string()).optional(),
  initiate_login_uri: z.string().optional(),
  organization_usage: z.enum(['deny', 'allow', 'require']).optional(),
})
const SETTINGS = z.object({
  session_lifetime: z.number().positive().optional(),
  idle_session_lifetime: z.number().positive().optional(),
  default_audience: z.string().optional(),
  default_directory: z.string().optional(),
  allowed_logout_urls: URLS.optional(),
  default_redirection_uri: z.string().optional(),
  friendly_name: z.string().optional(),
  support_email: z.string().optional(),
  support_url: z.string().optional(),
})

const present = <Value extends object>(value: Value) =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [Key in keyof Value]?: Exclude<Value[Key], undefined>
  }

const shownClient = (core: TenantCore, client: Client) => {
  const { metadata, ...members } = client
  return {
    ...members,
    client_metadata: metadata,
    tenant: core.name,
    global: false,
    is_first_party: true,
  }
}

export function mountTenantApi(api: Hono, core: TenantCore) {
  const shown = (client: Client) => shownClient(core, client)
  const missing = (c: Context, what: string) =>
    refuseManagement(c, 404, `The ${what} does not exist.`, `inexistent_${what}`)

  api.get('/clients', needs(core, 'read:clients'), (c) =>
    answerList(c, 'clients', core.clients.all().map(shown)),
  )
  api.get('/clients/:id', needs(core, 'read:clients'), (c) => {
    const client = core.clients.get(c.req.param('id'))
    return client ? c.json(shown(client)) : missing(c, 'client')
  })
  api.post('/clients', needs(core, 'create:clients'), async (c) => {
    const body = await bodyOf(c, CLIENT.required({ name: true }))
    if (body instanceof Response) return body
    const { client_metadata, refresh_token, ...members } = body
    const client = core.clients.add({
      ...present(members),
      name: body.name,
      client_id: randomName(core.random, 32),
      ...(client_metadata ? { metadata: client_metadata } : {}),
      ...(refresh_token ? { refresh_token: present(refresh_token) } : {}),
    })
    return c.json(shown(client), 201)
  })
  api.patch('/clients/:id', needs(core, 'update:clients'), async (c) => {
    const body = await bodyOf(c, CLIENT)
    if (body instanceof Response) return body
    const client = core.clients.get(c.req.param('id'))
    if (!client) return missing(c, 'client')
    const { client_metadata, refresh_token, ...members } = body
    const changed: Client = {
      ...client,
      ...present(members),
      metadata: { ...client.metadata, ...client_metadata },
      refresh_token: { ...client.refresh_token, ...present(refresh_token ?? {}) },
    }
    core.clients.replace(changed)
    return c.json(shown(changed))
  })
  api.delete('/clients/:id', needs(core, 'delete:clients'), (c) => {
    core.clients.remove(c.req.param('id'))
    return c.body(null, 204)
  })

  const connections = () => [
    {
      ...core.connection,
      options: {},
      realms: [core.connection.name],
      is_domain_connection: false,
      enabled_clients: core.clients.all().map(({ client_id }) => client_id),
    },
  ]
  api.get('/connections', needs(core, 'read:connections'), (c) =>
    answerList(c, 'connections', connections()),
  )
  api.get('/connections/:id', needs(core, 'read:connections'), (c) => {
    const found = connections().find(({ id }) => id === c.req.param('id'))
    return found ? c.json(found) : missing(c, 'connection')
  })

  api.get('/logs', needs(core, 'read:logs', 'read:logs_users'), (c) => {
    const type = /\btype:"?(\w+)"?/.exec(c.req.query('q') ?? c.req.query('search') ?? '')?.[1]
    const events = core.log.all().filter((event) => type === undefined || event.type === type)
    return answerList(c, 'logs', events.reverse().map(shownEvent))
  })
  api.get('/logs/:id', needs(core, 'read:logs', 'read:logs_users'), (c) => {
    const event = core.log.all().find(({ log_id }) => log_id === c.req.param('id'))
    return event ? c.json(shownEvent(event)) : missing(c, 'log')
  })

  api.get('/tenants/settings', needs(core, 'read:tenant_settings'), (c) => c.json(core.settings))
  api.patch('/tenants/settings', needs(core, 'update:tenant_settings'), async (c) => {
    const body = await bodyOf(c, SETTINGS)
    if (body instanceof Response) return body
    Object.assign(core.settings, present(body))
    return c.json(core.settings)
  })

  const { organizations, resourceServers } = core.loginSide
  const domains = () =>
    core.customDomains.map(({ domain, domain_metadata }) => ({
      custom_domain_id: `cd_${domain}`,
      domain,
      primary: domain === core.customDomains[0]?.domain,
      status: 'ready',
      type: 'self_managed_certs',
      domain_metadata: domain_metadata ?? {},
    }))
  api.get('/resource-servers', needs(core, 'read:resource_servers'), (c) =>
    answerList(c, 'resource_servers', resourceServers.all()),
  )
  api.get('/client-grants', needs(core, 'read:client_grants'), (c) =>
    answerList(c, 'client_grants', core.management.all()),
  )
  api.get('/custom-domains', needs(core, 'read:custom_domains'), (c) =>
    answerList(c, 'custom_domains', domains()),
  )
  api.get('/organizations', needs(core, 'read:organizations'), (c) =>
    answerList(
      c,
      'organizations',
      organizations.all().map(({ members: _members, ...organization }) => organization),
    ),
  )
  api.get('/roles', needs(core, 'read:roles'), (c) => {
    const names = new Set(core.users.all().flatMap(({ roles }) => roles))
    return answerList(
      c,
      'roles',
      [...names].map((name) => ({ id: `rol_${name}`, name, description: '' })),
    )
  })
}

/** As the API tells it: `_id` beside `log_id`. */
const shownEvent = <Event extends { readonly log_id: string }>(event: Event) => ({
  ...event,
  _id: event.log_id,
})
