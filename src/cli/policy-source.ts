/**
 * Which policy a command means: a file, a stored version, the active one, or the default that the seed
 * installs. Whatever it is, it comes out validated; a fault names its place.
 */
import { existsSync, readFileSync } from 'node:fs'
import { listPolicies } from '../../db/policies.ts'
import type { PolicyDocument } from '../verifier/domain/policy.ts'
import type { PolicyVersion } from '../verifier/domain/policy-version.ts'
import type { Flow } from '../verifier/domain/session.ts'
import { defaultPolicies } from '../verifier/schema/default-policies.ts'
import { parsePolicy } from '../verifier/schema/policy-document.ts'
import { databaseUrl } from './database-url.ts'
import { EXIT, Failure } from './failure.ts'
import { ambiguousTenant } from './tenant-choice.ts'

export interface PolicyFlags {
  readonly databaseUrl?: string
  readonly tenant?: string
  readonly flow: Flow
}

export interface PolicySource {
  /** As a person would say it: `file p.json`, `version 3 (active)`. */
  readonly name: string
  readonly document: PolicyDocument
  /** Present when it is in the database. */
  readonly stored?: PolicyVersion
}

/** What the database holds of one tenant. */
export interface TenantVersions {
  readonly url: string
  readonly tenant: string
  readonly versions: readonly PolicyVersion[]
}

/** `text` is a path, a version number, `active` or `default`. Only what is stored asks the database. */
export async function policySource(text: string, flags: PolicyFlags): Promise<PolicySource> {
  if (text === 'default') return { name: 'the default', document: defaultOf(flags.flow) }
  if (text === 'active' || /^\d+$/.test(text)) {
    return storedSource(text, flags.flow, await tenantVersions(flags))
  }
  return { name: `file ${text}`, document: readPolicyFile(text) }
}

export function storedSource(
  text: string,
  flow: Flow,
  { tenant, versions }: TenantVersions,
): PolicySource {
  const stored = versions.find((version) => {
    if (version.flow !== flow) return false
    return text === 'active' ? version.status === 'active' : version.version === Number(text)
  })
  if (stored === undefined) {
    const there = versions.filter((version) => version.flow === flow)
    throw new Failure(
      `Tenant ${tenant} has no ${text === 'active' ? 'active version' : `version ${text}`} for ${flow}; there ${
        there.length === 0 ? 'is none' : `are ${there.map(({ version }) => version).join(', ')}`
      }.`,
    )
  }
  const parsed = parsePolicy(stored.body)
  if (!parsed.ok) {
    throw new Failure(`Version ${stored.version} cannot be used here:\n${lines(parsed.error)}`)
  }
  const name = `version ${stored.version} (${stored.status})`
  return { name, document: parsed.value, stored }
}

/** The tenant of the flag, else the only one there is. */
export async function tenantVersions(flags: PolicyFlags): Promise<TenantVersions> {
  const url = databaseUrl(flags.databaseUrl)
  const all = await listPolicies(url, flags.tenant)
  const tenants = [...new Set(all.map(({ tenant }) => tenant))]
  const tenant = flags.tenant ?? tenants[0]
  if (tenant === undefined) {
    throw new Failure('No tenant has a policy yet: name one with --tenant.', EXIT.usage)
  }
  if (flags.tenant === undefined && tenants.length > 1) throw ambiguousTenant(tenants)
  return { url, tenant, versions: all.filter((version) => version.tenant === tenant) }
}

export function readPolicyFile(path: string): PolicyDocument {
  if (!existsSync(path)) {
    throw new Failure(
      `There is no file ${path}; a policy is a file, a version number, active or default.`,
      EXIT.usage,
    )
  }
  const parsed = parsePolicy(parseJson(path, readFileSync(path, 'utf8')))
  if (!parsed.ok) throw new Failure(`${path} is no policy:\n${lines(parsed.error)}`)
  return parsed.value
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const message = (error as SyntaxError).message
    const [, position] = /position (\d+)/.exec(message) ?? []
    throw new Failure(
      `${path}${position === undefined ? '' : place(text, Number(position))}: ${message}`,
    )
  }
}

function place(text: string, position: number): string {
  const before = text.slice(0, position).split('\n')
  return `:${before.length}:${(before.at(-1) ?? '').length + 1}`
}

const lines = (faults: readonly string[]) => faults.map((fault) => `  ${fault}`).join('\n')

const defaultOf = (flow: Flow): PolicyDocument => {
  const document = defaultPolicies('monitor').find((policy) => policy.flow === flow)
  if (document === undefined) throw new Failure(`There is no default policy for ${flow}.`)
  return document
}
