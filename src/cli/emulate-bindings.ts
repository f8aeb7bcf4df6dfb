/** From what was found in files to what is bound to each trigger, with everything worth saying about it. */
import { readFileSync } from 'node:fs'
import type { ActionSpec, TriggerId } from '../emulator/index.ts'
import { lintAction } from '../emulator/lint/lint.ts'
import { replaceKeywords, resolveSecrets, type Secrets } from './emulate-secrets.ts'
import type { ActionSource, Sources } from './emulate-sources.ts'

export const TRIGGERS: readonly TriggerId[] = ['password-reset-post-challenge', 'post-login']

export interface BoundAction {
  readonly spec: ActionSpec
  readonly file: string
  readonly errors: number
  readonly warnings: number
}

export type Bound = Readonly<Record<TriggerId, readonly BoundAction[]>>

export interface Bindings {
  readonly bound: Bound
  /** One sentence each. */
  readonly notes: readonly string[]
}

export function bindSources({ actions, order }: Sources, given: Secrets): Bindings {
  const notes: string[] = []
  for (const { name, triggers } of actions) {
    const other = triggers.filter((trigger) => !isTrigger(trigger))
    if (triggers.length === 0)
      notes.push(`${name} exports no handler of an emulated trigger: it is left out.`)
    else if (other.length === triggers.length)
      notes.push(`${name} is for ${other.join(', ')}, which is not emulated: it is left out.`)
  }
  const used = new Set<string>()
  const bind = (trigger: TriggerId): readonly BoundAction[] => {
    const able = actions.filter(({ triggers }) => triggers.includes(trigger))
    const names = order[trigger]
    if (!names) {
      if (able.length > 1)
        notes.push(
          `Nothing says which Actions are bound to ${trigger}: all ${able.length} run, one after the other. To run one, give its file to --actions; to choose, list them under triggers in the deploy CLI's configuration.`,
        )
      return able.map((action) => boundAction(action, given, used, notes))
    }
    const left = able.filter(({ name }) => !names.includes(name))
    for (const { name } of left) notes.push(`${name} is not bound to ${trigger}: it does not run.`)
    return names.flatMap((name) => {
      const action = able.find((one) => one.name === name)
      if (action) return [boundAction(action, given, used, notes)]
      notes.push(`${trigger} binds ${name}, but there is no such Action for it.`)
      return []
    })
  }
  const bound = {
    'password-reset-post-challenge': bind('password-reset-post-challenge'),
    'post-login': bind('post-login'),
  }
  const unused = Object.keys(given).filter((name) => !used.has(name))
  if (unused.length > 0 && actions.every(({ secrets }) => secrets !== undefined))
    notes.push(`No Action declares ${unused.join(', ')}: given for nothing.`)
  return { bound, notes: [...new Set(notes)] }
}

/** Names read by their path; a plain file declares none. */
const secretsReadBy = (source: string) => [
  ...new Set(
    [...source.matchAll(/\bevent\.secrets\.([A-Za-z_]\w*)/g)].map(([, name = '']) => name),
  ),
]

const isTrigger = (name: string): name is TriggerId => TRIGGERS.some((trigger) => trigger === name)

function boundAction(
  action: ActionSource,
  given: Secrets,
  used: Set<string>,
  notes: string[],
): BoundAction {
  const { name, file, dependencies } = action
  const { values, missing } = action.secrets
    ? resolveSecrets(action.secrets, given)
    : { values: given, missing: [] }
  for (const secret of Object.keys(action.secrets ?? given)) used.add(secret)
  if (missing.length > 0)
    notes.push(
      `${name} has no value for ${missing.join(', ')}: undefined in event.secrets. Give values with --secret or --secrets.`,
    )
  const source = readFileSync(file, 'utf8')
  const unset = action.secrets ? [] : secretsReadBy(source).filter((secret) => !(secret in given))
  if (unset.length > 0)
    notes.push(
      `${name} reads ${unset.join(', ')}: undefined in event.secrets. Give values with --secret or --secrets.`,
    )
  const code = replaceKeywords(source, given)
  const findings = lintAction(code)
  return {
    // The file itself where it runs as it is, so that stack traces name it.
    spec: {
      name,
      ...(code === source ? { file } : { code, resolveFrom: file }),
      secrets: values,
      dependencies,
    },
    file,
    errors: findings.filter(({ severity }) => severity === 'error').length,
    warnings: findings.filter(({ severity }) => severity === 'warning').length,
  }
}
