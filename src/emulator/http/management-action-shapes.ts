/** Actions, versions and bindings as the Management API shows them. */
import {
  type ActionVersion,
  isAllDeployed,
  type ManagedAction,
  statusOf,
} from '../tenant/management-action-draft.ts'
import type { Binding } from '../tenant/management-bindings.ts'

const iso = (ms: number) => new Date(ms).toISOString()

export const shownTrigger = ({
  id,
  version,
}: {
  readonly id: string
  readonly version: string
}) => ({
  id,
  version,
  status: 'CURRENT',
  runtimes: ['node18', 'node22'],
  default_runtime: 'node22',
  binding_policy: 'trigger-bound',
  compatible_triggers: [],
})

const shownSecrets = (secrets: Readonly<Record<string, string>>, atMs: number) =>
  Object.keys(secrets).map((name) => ({ name, updated_at: iso(atMs) }))

/** The members an Action and its versions share; the values of secrets are never told. */
export function shownVersion(action: ManagedAction, version: ActionVersion) {
  const { running, createdAtMs } = version
  return {
    id: version.id,
    action_id: action.id,
    number: version.number,
    code: running.code,
    dependencies: running.dependencies,
    secrets: shownSecrets(running.secrets, createdAtMs),
    runtime: action.draft.runtime,
    status: 'built',
    deployed: version.number === action.deployedNumber,
    created_at: iso(createdAtMs),
    updated_at: iso(createdAtMs),
    built_at: iso(createdAtMs),
    supported_triggers: [action.draft.trigger],
    modules: [],
  }
}

export function shownAction(action: ManagedAction, nowMs: number) {
  const { draft } = action
  const version = action.versions.find(({ number }) => number === action.deployedNumber)
  return {
    id: action.id,
    name: action.name,
    supported_triggers: [draft.trigger],
    code: draft.code,
    dependencies: draft.dependencies,
    runtime: draft.runtime,
    secrets: shownSecrets(draft.secrets, action.updatedAtMs),
    modules: [],
    status: statusOf(action, nowMs),
    created_at: iso(action.createdAtMs),
    updated_at: iso(action.updatedAtMs),
    ...(nowMs >= action.builtAtMs ? { built_at: iso(action.builtAtMs) } : {}),
    installed_integration_id: '',
    all_changes_deployed: isAllDeployed(action),
    ...(action.buildFault === undefined
      ? {}
      : { errors: [{ id: 'compilation_failed', msg: action.buildFault, url: '' }] }),
    ...(version
      ? {
          current_version: shownVersion(action, version),
          deployed_version: shownVersion(action, version),
        }
      : {}),
  }
}

export const shownBinding = (
  { id, triggerId, displayName, createdAtMs }: Binding,
  action: ManagedAction | undefined,
  nowMs: number,
) => ({
  id,
  trigger_id: triggerId,
  display_name: displayName,
  created_at: iso(createdAtMs),
  updated_at: iso(createdAtMs),
  ...(action ? { action: shownAction(action, nowMs) } : {}),
})
