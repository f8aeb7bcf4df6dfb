/** Policies by the names that people give them: a version's number, `active`, `default`. */
import type { PolicyDocument } from '../domain/policy.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import type { Flow } from '../domain/session.ts'
import type { AdminStore, PolicyKey } from '../ports-admin.ts'
import { defaultPolicies } from '../schema/default-policies.ts'
import { parsePolicy } from '../schema/policy-document.ts'
import type { Problem } from './problem.ts'

export const NO_VERSION: Problem = {
  code: 'not_found',
  detail: 'There is no such version for this tenant and flow.',
}

export async function policyNamed(
  store: Pick<AdminStore, 'listPolicies' | 'readPolicy'>,
  tenant: string,
  flow: Flow,
  name: string,
): Promise<Result<PolicyDocument, Problem>> {
  if (name === 'default') {
    const document = defaultPolicies('monitor').find((policy) => policy.flow === flow)
    return document === undefined ? refuse(NO_VERSION) : ok(document)
  }
  if (name !== 'active') {
    return await usablePolicy(store, { tenant, flow, version: Number(name) })
  }
  const versions = await store.listPolicies(tenant)
  const active = versions.find((own) => own.flow === flow && own.status === 'active')
  return active === undefined ? refuse(NO_VERSION) : usable(active.version, active.body)
}

/** A stored version that this build can judge by. */
export async function usablePolicy(
  store: Pick<AdminStore, 'readPolicy'>,
  key: PolicyKey,
): Promise<Result<PolicyDocument, Problem>> {
  const stored = await store.readPolicy(key)
  return stored === undefined ? refuse(NO_VERSION) : usable(stored.version, stored.body)
}

function usable(version: number, body: unknown): Result<PolicyDocument, Problem> {
  const parsed = parsePolicy(body)
  if (parsed.ok) return parsed
  return refuse({
    code: 'conflict',
    detail: `Version ${version} cannot be used by this build: ${parsed.error[0]}`,
  })
}
