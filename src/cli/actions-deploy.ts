/**
 * `actions deploy` and `actions remove`: brings one Action of a tenant to what the reference says, or
 * takes it away, and leaves whatever else is bound where it stands. Run again, each changes nothing.
 */
import { actionNamed, readCatalogue } from './actions-catalogue.ts'
import {
  type BindingEntry,
  connectManagement,
  credentialsFrom,
  type Management,
} from './actions-management.ts'
import {
  type DeployPlan,
  type FoundBinding,
  isNothing,
  isOurs,
  planDeploy,
} from './actions-plan.ts'
import { secretsFor } from './actions-secrets.ts'
import { Failure } from './failure.ts'
import { ofProcess, type Surroundings } from './surroundings.ts'
import { type Paint, paintFor } from './terminal.ts'

export interface DeployFlags {
  readonly domain?: string
  readonly from?: string
  readonly set: readonly string[]
  readonly secrets?: true
  readonly bind: boolean
  readonly dryRun?: true
  readonly json?: true
}

export async function runDeploy(
  name: string,
  flags: DeployFlags,
  around: Surroundings = ofProcess,
): Promise<void> {
  const action = actionNamed(readCatalogue(flags.from), name)
  const management = connectManagement(credentialsFrom(around.env, flags.domain), around.fetch)
  const found = await management.findAction(name)
  const bindings = await management.bindings(action.trigger.id)
  const given = { set: flags.set, env: around.env }
  if (found !== undefined && !flags.secrets && flags.set.length > 0)
    throw new Failure(`${name} exists: --set needs --secrets, which sets all of them anew.`)
  const secrets =
    found === undefined
      ? secretsFor(action, { ...given, defaults: true })
      : flags.secrets
        ? secretsFor(action, { ...given, defaults: false })
        : 'keep'
  const plan = planDeploy({ action, bind: flags.bind, secrets }, found, bindings)
  const steps = stepsOf(plan, name, bindings)
  if (!flags.dryRun) await carryOut(management, plan)
  report(around, flags, { name, domain: management.domain, steps, plan })

  async function carryOut(tenant: Management, { create, draft, deploy, bind }: DeployPlan) {
    let id = found?.id ?? ''
    if (create) id = await tenant.create(action, draft?.secrets ?? [])
    else if (draft !== undefined) {
      await tenant.update(id, {
        ...(draft.code ? { code: action.code } : {}),
        ...(draft.runtime ? { runtime: action.runtime } : {}),
        ...(draft.dependencies ? { dependencies: [] } : {}),
        ...(draft.secrets ? { secrets: draft.secrets } : {}),
      })
    }
    if (deploy) {
      await tenant.built(id)
      await tenant.deploy(id)
    }
    const added = { add: { actionId: id, displayName: name } }
    if (bind) await rebind(tenant, action.trigger.id, (before) => [...before.map(keep), added])
  }
}

export type RemoveFlags = Pick<DeployFlags, 'domain' | 'dryRun' | 'json'>

export async function runRemove(
  name: string,
  flags: RemoveFlags,
  around: Surroundings = ofProcess,
): Promise<void> {
  const { trigger } = actionNamed(readCatalogue(), name)
  const management = connectManagement(credentialsFrom(around.env, flags.domain), around.fetch)
  const found = await management.findAction(name)
  if (found !== undefined && !isOurs(found))
    throw new Failure(`The tenant's Action ${name} is somebody else's: nothing was removed.`)
  const isOwn = ({ actionName }: FoundBinding) => actionName === name
  const bound = (await management.bindings(trigger.id)).some(isOwn)
  const steps = [
    ...(bound ? [`take ${name} off ${trigger.id}; what else is bound stays`] : []),
    ...(found === undefined ? [] : [`delete the Action ${name}`]),
  ]
  if (!flags.dryRun) {
    if (bound)
      await rebind(management, trigger.id, (before) =>
        before.filter((one) => !isOwn(one)).map(keep),
      )
    if (found !== undefined) await management.remove(found.id)
  }
  report(around, flags, { name, domain: management.domain, steps })
}

const keep = (binding: FoundBinding): BindingEntry => ({ keep: binding })

/** The list is read again right before it is written, and once more to see that nothing got lost. */
async function rebind(
  management: Management,
  triggerId: string,
  change: (before: readonly FoundBinding[]) => readonly BindingEntry[],
): Promise<void> {
  const next = change(await management.bindings(triggerId))
  await management.bind(triggerId, next)
  const kept = next.flatMap((entry) => ('keep' in entry ? [entry.keep.actionName] : []))
  const after = (await management.bindings(triggerId)).map(({ actionName }) => actionName)
  const lost = kept.filter((actionName) => !after.includes(actionName))
  if (lost.length > 0)
    throw new Failure(`${triggerId} has lost ${lost.join(', ')}: bind them again in the dashboard.`)
}

function stepsOf(plan: DeployPlan, name: string, bindings: readonly FoundBinding[]) {
  const { create, draft, deploy, bind } = plan
  const behind = bindings.map(({ displayName }) => displayName).join(', ')
  return [
    ...(create ? [`create the Action ${name}`] : []),
    ...(draft?.code ? [`change its code: ${draft.code.length} lines differ`] : []),
    ...(draft?.runtime ? ['set its runtime'] : []),
    ...(draft?.dependencies ? ['take its dependencies away'] : []),
    ...(draft?.secrets
      ? [`set its secrets: ${draft.secrets.map((secret) => secret.name).join(', ')}`]
      : []),
    ...(deploy ? ['deploy it'] : []),
    ...(bind ? [behind === '' ? 'bind it' : `bind it, after ${behind}`] : []),
  ]
}

function report(
  { write }: Surroundings,
  { dryRun, json }: Pick<DeployFlags, 'dryRun' | 'json'>,
  done: {
    readonly name: string
    readonly domain: string
    readonly steps: readonly string[]
    readonly plan?: DeployPlan
  },
): void {
  const { name, domain, steps, plan } = done
  const changed = plan === undefined ? steps.length > 0 : !isNothing(plan)
  if (json) {
    const result = { name, domain, changed, dry_run: dryRun === true, steps }
    write(`${JSON.stringify(result)}\n`)
    return
  }
  const paint = paintFor(process.stdout)
  const head = !changed ? 'no change' : dryRun ? 'would' : 'done'
  write(
    [
      `${paint('bold', name)} on ${domain}: ${head}`,
      ...steps.map((step) => `  ${step}`),
      ...(dryRun ? codeLines(plan, paint) : []),
      '',
    ].join('\n'),
  )
}

function codeLines(plan: DeployPlan | undefined, paint: Paint): readonly string[] {
  return (plan?.draft?.code ?? []).map(({ kind, line, text }) =>
    kind === 'added'
      ? paint('green', `  + ${String(line).padStart(4)}  ${text}`)
      : paint('red', `  - ${String(line).padStart(4)}  ${text}`),
  )
}
