/**
 * What stands between a tenant and a reference Action: pure, so that a dry run and a deploy cannot
 * differ. Values of secrets are told by nobody, so they are compared by name only.
 */
import type { ReferenceAction } from './actions-catalogue.ts'
import { EXIT, Failure } from './failure.ts'
import { type LineChange, lineDiff } from './line-diff.ts'

/** An Action as the tenant shows it. */
export interface FoundAction {
  readonly id: string
  readonly name: string
  readonly triggerId: string
  readonly code: string
  readonly runtime: string
  readonly dependencies: readonly { readonly name: string; readonly version: string }[]
  readonly secretNames: readonly string[]
  readonly allDeployed: boolean
}

export interface FoundBinding {
  readonly id: string
  readonly actionName: string
  readonly displayName: string
}

export interface Secret {
  readonly name: string
  readonly value: string
}

export interface DeployPlan {
  /** Absent: the draft is as it should be. */
  readonly draft?: {
    readonly code?: readonly LineChange[]
    readonly runtime?: true
    readonly dependencies?: true
    /** All of them: the tenant's list is replaced. */
    readonly secrets?: readonly Secret[]
  }
  readonly create: boolean
  readonly deploy: boolean
  readonly bind: boolean
}

export interface Wanted {
  readonly action: ReferenceAction
  readonly bind: boolean
  /** For a new Action, or to replace those of an old one. */
  readonly secrets: 'keep' | readonly Secret[]
}

/** Throws `Failure` where going on would take something from somebody else. */
export function planDeploy(
  { action, bind, secrets }: Wanted,
  found: FoundAction | undefined,
  bindings: readonly FoundBinding[],
): DeployPlan {
  refuseRival(action, bindings)
  const bound = bindings.some(({ actionName }) => actionName === action.name)
  if (found === undefined) {
    if (secrets === 'keep') throw new Error('a new Action needs its secrets')
    return { create: true, draft: { secrets }, deploy: true, bind: bind && !bound }
  }
  refuseForeign(action, found)
  if (secrets === 'keep') refuseMissing(action, found)
  const draft = {
    ...(found.code === action.code ? {} : { code: lineDiff(found.code, action.code) }),
    ...(found.runtime === action.runtime ? {} : { runtime: true as const }),
    ...(found.dependencies.length === 0 ? {} : { dependencies: true as const }),
    ...(secrets === 'keep' ? {} : { secrets }),
  }
  const changed = Object.keys(draft).length > 0
  return {
    create: false,
    ...(changed ? { draft } : {}),
    deploy: changed || !found.allDeployed,
    bind: bind && !bound,
  }
}

export const isNothing = ({ create, draft, deploy, bind }: DeployPlan) =>
  !create && draft === undefined && !deploy && !bind

/** Two Actions of ours on one trigger would send everybody to the verifier twice. */
function refuseRival({ name }: ReferenceAction, bindings: readonly FoundBinding[]): void {
  const ours = ['password-reset-verify', 'password-reset-recovery-form']
  const rival = bindings.find(
    ({ actionName }) => actionName !== name && ours.includes(actionName) && ours.includes(name),
  )
  if (rival === undefined) return
  throw new Failure(
    `${rival.actionName} is bound already, and ${name} goes in its place: redirect-verifier actions remove ${rival.actionName}`,
    EXIT.failed,
  )
}

/** Each of our Actions takes this secret from its first version on. */
export const isOurs = ({ secretNames }: FoundAction) => secretNames.includes('RV_SESSION_SECRET')

function refuseForeign({ name, trigger }: ReferenceAction, found: FoundAction): void {
  if (isOurs(found) && found.triggerId === trigger.id) return
  throw new Failure(`The tenant has an Action ${name} of somebody else: rename that one first.`)
}

/** The list of secrets is replaced as a whole, and nobody can read the values of the others back. */
function refuseMissing({ name, secrets }: ReferenceAction, { secretNames }: FoundAction): void {
  const missing = secrets.filter((secret) => !secretNames.includes(secret.name))
  if (missing.length === 0) return
  const names = missing.map((secret) => secret.name).join(', ')
  throw new Failure(`${name} lacks ${names} in the tenant: deploy with --secrets to set them all.`)
}
