/** What the `policy` commands do: print, compare, store, activate, watch, replay. */
import { userInfo } from 'node:os'
import {
  activatePolicy,
  activateVersion,
  retireShadow,
  shadowPolicy,
  shadowVersion,
} from '../../db/policies.ts'
import { countShadow } from '../../db/replay.ts'
import type { Confusion } from '../verifier/domain/backtest.ts'
import { OUTCOMES } from '../verifier/domain/decision.ts'
import type { PolicyDocument } from '../verifier/domain/policy.ts'
import { describePolicy } from '../verifier/domain/policy-text.ts'
import type { Flow } from '../verifier/domain/session.ts'
import { parsePolicy } from '../verifier/schema/policy-document.ts'
import { policyJsonSchema } from '../verifier/schema/policy-json-schema.ts'
import { type AnswerFlags, answer } from './answer.ts'
import { EXIT, Failure } from './failure.ts'
import { backtestText, confusionText, runBacktest } from './policy-backtest.ts'
import { diffPolicies, diffText } from './policy-diff.ts'
import {
  type PolicyFlags,
  type PolicySource,
  policySource,
  readPolicyFile,
  storedSource,
  type TenantVersions,
  tenantVersions,
} from './policy-source.ts'
import { createProgress } from './progress.ts'
import { paintFor } from './terminal.ts'

interface Flags extends PolicyFlags, AnswerFlags {
  readonly actor?: string
  readonly stop?: true
  readonly report?: true
  readonly since?: number
  readonly until?: number
  readonly rate?: number
}

const print = (text: string) => void process.stdout.write(`${text}\n`)
const printJson = (value: unknown) => print(JSON.stringify(value, undefined, 2))

export async function list(flags: Flags): Promise<void> {
  const { tenant, versions } = await tenantVersions(flags)
  if (flags.json) {
    printJson(versions)
    return
  }
  const paint = paintFor(process.stdout)
  for (const { flow, version, status, created_at, body } of versions) {
    const parsed = parsePolicy(body)
    const about = parsed.ok
      ? `${parsed.value.mode}, ${parsed.value.floors.length} floors, ${parsed.value.rules.length} rules`
      : 'of another build: it cannot be used here'
    const shown = status === 'active' ? paint('green', 'active  ') : status.padEnd(8)
    print(
      `${tenant}  ${flow.padEnd(14)}  ${String(version).padStart(5)}  ${shown}  ${created_at}  ${about}`,
    )
  }
}

export async function show(policy: string, flags: Flags): Promise<void> {
  const { document } = await policySource(policy, flags)
  printJson(document)
}

export function validate(files: readonly string[], flags: AnswerFlags): void {
  const valid: ValidFile[] = []
  const faults: { readonly file: string; readonly fault: string }[] = []
  for (const file of files) {
    try {
      const { flow, version, mode, floors, rules } = readPolicyFile(file)
      valid.push({ file, flow, version, mode, floors: floors.length, rules: rules.length })
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      if (error.exitCode === EXIT.usage) throw error
      faults.push({ file, fault: error.message })
    }
  }
  const text = valid.map(
    ({ file, flow, version, mode, floors, rules }) =>
      `${file}: ${flow} version ${version}, ${mode}, ${floors} floors, ${rules} rules`,
  )
  if (flags.json || text.length > 0) answer(flags, { valid, faults }, text.join('\n'))
  if (faults.length > 0) throw new Failure(faults.map(({ fault }) => fault).join('\n'))
}

interface ValidFile {
  readonly file: string
  readonly flow: Flow
  readonly version: number
  readonly mode: PolicyDocument['mode']
  readonly floors: number
  readonly rules: number
}

export async function diff(before: string, after: string, flags: Flags): Promise<void> {
  const [old, now] = [await policySource(before, flags), await policySource(after, flags)]
  if (old.document.flow !== now.document.flow) {
    throw new Failure(`One is for ${old.document.flow}, the other for ${now.document.flow}.`)
  }
  const changes = diffPolicies(old.document, now.document)
  if (flags.json) {
    printJson(changes)
    return
  }
  const paint = paintFor(process.stdout)
  print(paint('bold', `${old.name} → ${now.name}, ${old.document.flow}`))
  print(changes.length === 0 ? 'no difference' : diffText(changes, paint))
}

export async function activate(policy: string, flags: Flags): Promise<void> {
  const here = await tenantVersions(flags)
  const source = await storable(policy, flags, here)
  const { document, stored } = source
  const key = { tenant: here.tenant, flow: document.flow, version: document.version }
  if (stored?.status === 'active') {
    answer(
      flags,
      { ...key, activated: false },
      `Version ${document.version} is the active one for ${document.flow} already.`,
    )
    return
  }
  const actor = actorOf(flags)
  const active = here.versions.find(
    ({ flow, status }) => flow === document.flow && status === 'active',
  )
  if (stored === undefined) await activatePolicy(here.url, here.tenant, document, actor)
  else await activateVersion(here.url, key, actor)
  const before = active === undefined ? undefined : parsePolicy(active.body)
  const changes = before?.ok ? diffPolicies(before.value, document) : []
  const text = [
    `Version ${document.version} decides for ${here.tenant}, ${document.flow} (${document.mode})${
      active === undefined ? '' : `, in place of version ${active.version}`
    }.`,
    ...(active === undefined
      ? [`It is their first: ${here.tenant} must be the tenant's id in RV_TENANTS.`]
      : []),
    ...(changes.length > 0 ? [diffText(changes, paintFor(process.stdout))] : []),
  ]
  const replaced = active?.version ?? null
  answer(flags, { ...key, activated: true, replaced, changes }, text.join('\n'))
}

export async function shadow(policy: string, flags: Flags): Promise<void> {
  const here = await tenantVersions(flags)
  const { document, stored } = await storable(policy, flags, here)
  const { flow, version } = document
  const key = { tenant: here.tenant, flow, version }
  if (flags.report) return await reportShadow(here, key, flags)
  if (flags.stop) {
    if (!(await retireShadow(here.url, key, actorOf(flags))))
      throw new Failure(`Version ${version} is not watched for ${flow}.`)
    const text = `Version ${version} is no longer watched for ${here.tenant}, ${flow}.`
    return answer(flags, { ...key, watched: false }, text)
  }
  if (stored?.status === 'active')
    throw new Failure(`Version ${version} is the active one for ${flow}: it decides already.`)
  if (stored === undefined) await shadowPolicy(here.url, here.tenant, document, actorOf(flags))
  else await shadowVersion(here.url, key, actorOf(flags))
  answer(
    flags,
    { ...key, watched: true },
    `Version ${version} is watched for ${here.tenant}, ${flow}: it answers nobody. See policy shadow ${version} --report.`,
  )
}

async function reportShadow(
  { url }: TenantVersions,
  key: { readonly tenant: string; readonly flow: Flags['flow']; readonly version: number },
  flags: Flags,
): Promise<void> {
  const counts = await countShadow(url, { ...key, ...times(flags) }, key.version)
  if (flags.json) {
    printJson(counts)
    return
  }
  const records = counts.reduce((sum, count) => sum + count.records, 0)
  if (records === 0) return print(`Version ${key.version} was not evaluated in this time.`)
  const found = (then: string, now: string) =>
    counts.find((count) => count.active === then && count.shadow === now)?.records ?? 0
  const confusion = Object.fromEntries(
    OUTCOMES.map((then) => [
      then,
      Object.fromEntries(OUTCOMES.map((now) => [now, found(then, now)])),
    ]),
  ) as Confusion
  print(`Version ${key.version} beside the active one, ${records} records:`)
  print(confusionText(confusion, paintFor(process.stdout)))
}

export async function backtest(policy: string, flags: Flags): Promise<void> {
  const here = await tenantVersions(flags)
  const { document } = await policySource(policy, { ...flags, tenant: here.tenant })
  const selection = { tenant: here.tenant, flow: document.flow, ...times(flags) }
  const progress = createProgress('records', process.stderr)
  const answer = await runBacktest(here.url, selection, document, {
    ...(flags.rate === undefined ? {} : { rate: flags.rate }),
    ...(progress.watched ? { progress: progress.show } : {}),
  }).finally(progress.end)
  if (flags.json) printJson(answer)
  else print(backtestText(answer, paintFor(process.stdout)))
}

export const schema = (): void => printJson(policyJsonSchema())

export async function document(policy: string, flags: Flags): Promise<void> {
  const source = await policySource(policy, flags)
  const text = describePolicy(source.document)
  if (flags.json) printJson(text)
  else process.stdout.write(text)
}

/** A stored version, or a file whose version is not taken by another body. */
async function storable(text: string, flags: Flags, here: TenantVersions): Promise<PolicySource> {
  if (/^\d+$/.test(text)) return storedSource(text, flags.flow, here)
  const document = readPolicyFile(text)
  const own = here.versions.filter(({ flow }) => flow === document.flow)
  const taken = own.find(({ version }) => version === document.version)
  if (taken === undefined) return { name: `file ${text}`, document }
  const stored = storedSource(String(document.version), document.flow, here)
  if (diffPolicies(stored.document, document).length === 0) return stored
  const next = Math.max(...own.map(({ version }) => version)) + 1
  throw new Failure(
    `Version ${document.version} of ${document.flow} is stored already and says something else. Versions are never changed: give the file "version": ${next}.`,
  )
}

function actorOf({ actor }: Flags): string {
  if (actor !== undefined) return actor
  try {
    return userInfo().username
  } catch {
    return 'command line'
  }
}

/** Spans came as seconds before now. */
function times({ since, until }: Flags): { readonly since?: number; readonly until?: number } {
  const now = Math.floor(Date.now() / 1000)
  const at = (time: number) => (time < 0 ? now + time : time)
  return {
    ...(since === undefined ? {} : { since: at(since) }),
    ...(until === undefined ? {} : { until: at(until) }),
  }
}
