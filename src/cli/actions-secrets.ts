/**
 * The values of an Action's secrets: from the environment or files what must not be seen, from --set
 * the rest, from the description what is the same for everybody. Checked as the Action itself does, so
 * that a faulty value fails here and not in somebody's reset.
 */
import { readFileSync } from 'node:fs'
import { PREVIOUS_SECRET, type ReferenceAction } from './actions-catalogue.ts'
import type { Secret } from './actions-plan.ts'
import { EXIT, Failure } from './failure.ts'

export interface SecretSources {
  /** `NAME=VALUE`, in order. */
  readonly set: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** A new Action starts with the values of the description; one that runs must not fall back to them. */
  readonly defaults: boolean
}

export function secretsFor(action: ReferenceAction, sources: SecretSources): readonly Secret[] {
  const set = new Map(sources.set.map(parseSet))
  const values = new Map<string, string>()
  const missing: string[] = []
  for (const { name, value: usual } of action.secrets) {
    const own = set.get(name) ?? (usual === undefined ? fromEnv(sources.env, name) : undefined)
    const value = own ?? (sources.defaults ? usual : undefined)
    if (value === undefined) missing.push(usual === undefined ? name : `--set ${name}=…`)
    else values.set(name, value)
    set.delete(name)
  }
  if (missing.length > 0) {
    throw new Failure(
      `Not given: ${missing.join(', ')}. RV_URL and secrets come from the environment (RV_URL, or RV_SESSION_SECRET_FILE for a file), the others from --set.`,
      EXIT.usage,
    )
  }
  const previous = fromEnv(sources.env, PREVIOUS_SECRET)
  if (previous !== undefined) values.set(PREVIOUS_SECRET, previous)
  check(values)
  return [...values, ...set].map(([name, value]) => ({ name, value }))
}

function parseSet(text: string): readonly [string, string] {
  const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined)
    throw new Failure('--set takes NAME=VALUE, such as RV_MODE=enforce.', EXIT.usage)
  if (name.includes('SECRET')) {
    const instead = `Give ${name} in the environment or as ${name}_FILE`
    throw new Failure(`${instead}: others on this machine see arguments.`, EXIT.usage)
  }
  return [name, value]
}

function fromEnv(env: SecretSources['env'], name: string): string | undefined {
  const file = env[`${name}_FILE`]
  if (!file) return env[name] || undefined
  try {
    return readFileSync(file, 'utf8').trimEnd()
  } catch {
    throw new Failure(`${name}_FILE cannot be read.`, EXIT.usage)
  }
}

function check(values: ReadonlyMap<string, string>): void {
  const faults: string[] = []
  const url = values.get('RV_URL') ?? ''
  if (!/^(https:\/\/|http:\/\/([a-z-]+\.)?localhost(:|\/|$))/.test(url) || !URL.canParse(url))
    faults.push('RV_URL must be the https origin of the verifier')
  const there = values.get('RV_SESSION_SECRET') ?? ''
  const back = values.get('RV_CONTINUE_SECRET') ?? ''
  if (there.length < 32 || back.length < 32)
    faults.push('RV_SESSION_SECRET and RV_CONTINUE_SECRET need 32 characters each')
  else if (there === back) faults.push('RV_SESSION_SECRET and RV_CONTINUE_SECRET must differ')
  const previous = values.get(PREVIOUS_SECRET)
  if (previous !== undefined && previous.length < 32)
    faults.push(`${PREVIOUS_SECRET} needs 32 characters`)
  else if (previous !== undefined && (previous === there || previous === back))
    faults.push(`${PREVIOUS_SECRET} must differ from both`)
  const mode = values.get('RV_MODE') ?? 'observe'
  if (!['observe', 'enforce', 'off'].includes(mode))
    faults.push('RV_MODE must be observe, enforce or off')
  if (faults.length > 0) throw new Failure(`${faults.join('; ')}.`, EXIT.usage)
}
