/** The Management API as the commands need it, on the official client. Nothing here decides anything. */
import { ManagementClient, ManagementError } from 'auth0'
import type { ReferenceAction } from './actions-catalogue.ts'
import type { FoundAction, FoundBinding, Secret } from './actions-plan.ts'
import { EXIT, Failure } from './failure.ts'
import type { Surroundings } from './surroundings.ts'

export interface Management {
  readonly domain: string
  findAction(name: string): Promise<FoundAction | undefined>
  create(action: ReferenceAction, secrets: readonly Secret[]): Promise<string>
  update(id: string, draft: Draft): Promise<void>
  /** When the draft is built; `Failure` when it cannot be. */
  built(id: string): Promise<void>
  deploy(id: string): Promise<void>
  remove(id: string): Promise<void>
  bindings(triggerId: string): Promise<readonly FoundBinding[]>
  /** Replaces the whole list, in this order. */
  bind(triggerId: string, list: readonly BindingEntry[]): Promise<void>
  /** The address of a reset's link, as a mail would carry it. */
  resetLink(user: string, clientId: string | undefined): Promise<string>
}

export type Draft = Partial<Pick<ReferenceAction, 'code' | 'runtime'>> & {
  readonly dependencies?: readonly never[]
  readonly secrets?: readonly Secret[]
}

export type BindingEntry =
  | { readonly keep: FoundBinding }
  | { readonly add: { readonly actionId: string; readonly displayName: string } }

export interface Credentials {
  readonly domain: string
  readonly token?: string
  readonly clientId?: string
  readonly clientSecret?: string
}

/** A build takes seconds; Auth0's own tools wait for two minutes. */
const BUILD_CHECKS = 60
const BUILD_CHECK_MILLISECONDS = 2_000
const FIRST_CHECK_MILLISECONDS = 400

export function connectManagement(
  { domain, ...credentials }: Credentials,
  fetch?: Surroundings['fetch'],
): Management {
  const { token, clientId = '', clientSecret = '' } = credentials
  const options = { domain, telemetry: false, timeoutInSeconds: 30, ...(fetch ? { fetch } : {}) }
  const { actions, tickets } =
    token === undefined
      ? new ManagementClient({ ...options, clientId, clientSecret })
      : new ManagementClient({ ...options, token })
  const triggerType = (id: string) => id as Parameters<typeof actions.triggers.bindings.list>[0]
  return {
    domain,
    findAction: (name) =>
      told(async () => {
        for await (const action of await actions.list({ actionName: name })) {
          if (action.name === name && action.id !== undefined) return foundOf(action, action.id)
        }
        return undefined
      }),
    create: ({ name, code, runtime, trigger }, secrets) =>
      told(async () => {
        const { id } = await actions.create({
          name,
          code,
          runtime,
          supported_triggers: [{ id: triggerType(trigger.id), version: trigger.version }],
          dependencies: [],
          secrets: [...secrets],
        })
        if (id === undefined) throw new Failure('The tenant created an Action without an id.')
        return id
      }),
    update: (id, { dependencies, secrets, ...draft }) =>
      told(async () => {
        await actions.update(id, {
          ...draft,
          ...(dependencies ? { dependencies: [...dependencies] } : {}),
          ...(secrets ? { secrets: [...secrets] } : {}),
        })
      }),
    built: (id) =>
      told(async () => {
        for (let check = 0; check < BUILD_CHECKS; check += 1) {
          await pause(check === 0 ? FIRST_CHECK_MILLISECONDS : BUILD_CHECK_MILLISECONDS)
          const { status } = await actions.get(id)
          if (status === 'built') return
          if (status === 'failed')
            throw new Failure(
              'Auth0 could not build the Action: its page in the dashboard says why.',
            )
        }
        throw new Failure('Auth0 has not built the Action within two minutes: try again later.')
      }),
    deploy: (id) =>
      told(async () => {
        for (let attempt = 0; ; attempt += 1) {
          try {
            await actions.deploy(id)
            return
          } catch (error) {
            // The state before an update is shown for a moment after it.
            const early = error instanceof ManagementError && /'built' state/.test(error.message)
            if (!early || attempt === 5) throw error
            await pause(BUILD_CHECK_MILLISECONDS)
          }
        }
      }),
    remove: (id) =>
      told(async () => {
        await actions.delete(id)
      }),
    bindings: (triggerId) =>
      told(async () => {
        const found: FoundBinding[] = []
        for await (const binding of await actions.triggers.bindings.list(triggerType(triggerId))) {
          const { id = '', display_name = '', action } = binding
          found.push({ id, displayName: display_name, actionName: action?.name ?? display_name })
        }
        return found
      }),
    bind: (triggerId, list) =>
      told(async () => {
        await actions.triggers.bindings.updateMany(triggerType(triggerId), {
          bindings: list.map((entry) =>
            'keep' in entry
              ? {
                  ref: { type: 'binding_id', value: entry.keep.id },
                  display_name: entry.keep.displayName,
                }
              : {
                  ref: { type: 'action_id', value: entry.add.actionId },
                  display_name: entry.add.displayName,
                },
          ),
        })
      }),
    resetLink: (user, clientId) =>
      told(async () => {
        const { ticket } = await tickets.changePassword({
          user_id: user,
          ttl_sec: 300,
          ...(clientId === undefined ? {} : { client_id: clientId }),
        })
        return ticket
      }),
  }
}

type ListedAction =
  Awaited<ReturnType<ManagementClient['actions']['list']>> extends AsyncIterable<infer Item>
    ? Item
    : never

const foundOf = (action: ListedAction, id: string): FoundAction => ({
  id,
  name: action.name ?? '',
  triggerId: action.supported_triggers?.[0]?.id ?? '',
  code: action.code ?? '',
  runtime: action.runtime ?? '',
  dependencies: (action.dependencies ?? []).map(({ name = '', version = '' }) => ({
    name,
    version,
  })),
  secretNames: (action.secrets ?? []).flatMap(({ name }) => name ?? []),
  allDeployed: action.all_changes_deployed === true,
})

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds))

/** The client's own messages hold whole bodies. */
async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ManagementError) {
      const body = Object(error.body) as { readonly message?: unknown }
      const said = typeof body.message === 'string' ? `: ${body.message}` : ''
      throw new Failure(`The Management API answered ${error.statusCode ?? 'nothing'}${said}`)
    }
    throw error
  }
}

/** From AUTH0_DOMAIN and AUTH0_MANAGEMENT_TOKEN, or AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET. */
export function credentialsFrom(env: Surroundings['env'], flag: string | undefined): Credentials {
  const domain = (flag ?? env.AUTH0_DOMAIN ?? '').replace(/^https:\/\//, '').replace(/\/$/, '')
  if (!/^[a-z0-9.-]+(:\d+)?$/i.test(domain))
    throw new Failure('Set AUTH0_DOMAIN or give --domain: acme.eu.auth0.com.', EXIT.usage)
  const token = env.AUTH0_MANAGEMENT_TOKEN
  if (token) return { domain, token }
  const { AUTH0_CLIENT_ID: clientId, AUTH0_CLIENT_SECRET: clientSecret } = env
  if (clientId && clientSecret) return { domain, clientId, clientSecret }
  throw new Failure(
    'Set AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET of a machine-to-machine application, or AUTH0_MANAGEMENT_TOKEN.',
    EXIT.usage,
  )
}
