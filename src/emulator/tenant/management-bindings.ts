/** What is bound to a trigger, and which lists of Actions a trigger takes (contract 6.1). */
import { MOST } from './deployed-actions.ts'
import type { ManagedAction } from './management-action-draft.ts'
import { isEmulatedTrigger } from './management-triggers.ts'

export interface Binding {
  readonly id: string
  readonly triggerId: string
  readonly actionId: string
  readonly displayName: string
  readonly createdAtMs: number
}

export interface BindingRef {
  readonly type: 'action_name' | 'action_id' | 'binding_id'
  readonly value: string
  readonly displayName?: string | undefined
}

/** A refusal in the words of the API: people, and deploy tools, look for them. */
export interface ActionRefusal {
  readonly status: 400 | 404 | 409
  readonly message: string
}

export const refusal = (status: ActionRefusal['status'], message: string): ActionRefusal => ({
  status,
  message,
})

export const isRefusal = (value: object | true): value is ActionRefusal =>
  value !== true && 'message' in value && 'status' in value && typeof value.status === 'number'

export function resolveBindings(
  triggerId: string,
  refs: readonly BindingRef[],
  known: {
    readonly before: readonly Binding[]
    readonly actions: readonly ManagedAction[]
    readonly make: (action: ManagedAction, displayName: string | undefined) => Binding
  },
): readonly Binding[] | ActionRefusal {
  const { before, actions, make } = known
  const next: Binding[] = []
  for (const { type, value, displayName } of refs) {
    const kept = before.find(({ id }) => type === 'binding_id' && id === value)
    const action = actions.find(
      ({ id, name }) =>
        (type === 'action_id' && id === value) ||
        (type === 'action_name' && name === value) ||
        id === kept?.actionId,
    )
    if (!action) return refusal(404, `The action '${value}' does not exist.`)
    if (action.draft.trigger.id !== triggerId)
      return refusal(400, `The action '${action.name}' does not support the trigger ${triggerId}.`)
    if (action.deployedNumber === undefined)
      return refusal(400, `The action '${action.name}' must be deployed before it can be bound.`)
    next.push(kept ?? make(action, displayName))
  }
  const most = isEmulatedTrigger(triggerId) ? MOST[triggerId] : 20
  if (next.length > most)
    return refusal(400, `The trigger ${triggerId} takes at most ${most} actions.`)
  return next
}
