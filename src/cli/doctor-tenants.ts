/** What `doctor` makes of each tenant: whether a policy decides for it, and whether its log stream is alive. */
import type { PolicyDocument } from '../verifier/domain/policy.ts'
import type { PolicyVersion } from '../verifier/domain/policy-version.ts'
import { FLOWS } from '../verifier/domain/session.ts'
import { parsePolicy } from '../verifier/schema/policy-document.ts'
import type { Finding } from './findings.ts'

/** A tenant with logins at all has an event by then. */
const STREAM_QUIET_SECONDS = 6 * 3600

/** Which tenants of the configuration have a policy that decides, in words of this build. */
export function policyFindings(
  tenantIds: readonly string[],
  versions: readonly PolicyVersion[],
): readonly Finding[] {
  const active = new Map<string, PolicyVersion[]>()
  for (const version of versions) {
    if (version.status !== 'active') continue
    active.set(version.tenant, [...(active.get(version.tenant) ?? []), version])
  }
  const modeOf = modes()
  return tenantIds.flatMap((tenant) => {
    const own = active.get(tenant)
    if (own === undefined) return [noPolicy(tenant)]
    return FLOWS.map((flow) => {
      const version = own.find((one) => one.flow === flow)
      return version === undefined
        ? missingFlow(tenant, flow)
        : policyFinding(version, modeOf(version.body))
    })
  })
}

/** The mode of a policy; undefined: it is none of this build. Most tenants have the same one, read once. */
function modes(): (body: unknown) => PolicyDocument['mode'] | undefined {
  const known = new Map<string, PolicyDocument['mode'] | undefined>()
  return (body) => {
    const text = JSON.stringify(body)
    if (!known.has(text)) {
      const parsed = parsePolicy(body)
      known.set(text, parsed.ok ? parsed.value.mode : undefined)
    }
    return known.get(text)
  }
}

const noPolicy = (tenant: string): Finding => ({
  check: 'policy',
  level: 'error',
  tenant,
  text: `${tenant} has none: everybody gets the page that says to try again`,
  todo: `redirect-verifier policy show default > policy.json, then policy activate policy.json --tenant ${tenant}`,
})

const missingFlow = (tenant: string, flow: string): Finding => ({
  check: 'policy',
  level: 'warning',
  tenant,
  text: `${tenant} has none for ${flow}`,
  todo: `Needed as soon as an Action for it is bound: policy show default --flow ${flow}.`,
})

function policyFinding(
  { tenant, flow, version }: PolicyVersion,
  mode: PolicyDocument['mode'] | undefined,
): Finding {
  if (mode === undefined)
    return {
      check: 'policy',
      level: 'error',
      tenant,
      text: `${tenant}: version ${version} for ${flow} is not one that this build understands`,
      todo: 'Activate one that is: redirect-verifier policy validate FILE names each fault.',
    }
  return {
    check: 'policy',
    level: 'ok',
    tenant,
    text: `${tenant}: version ${version} for ${flow}, ${mode === 'monitor' ? 'monitor: it only watches' : mode}`,
    ...(mode === 'monitor' ? { aside: 'only watching (monitor)' } : {}),
  }
}

export function streamFindings(
  tenantIds: readonly string[],
  ages: ReadonlyMap<string, number>,
): readonly Finding[] {
  return tenantIds.map((tenant) => {
    const age = ages.get(tenant)
    const todo = 'Look at the stream in Auth0: its health, the address, and the token it sends.'
    if (age === undefined)
      return {
        check: 'log stream',
        level: 'warning',
        tenant,
        text: `${tenant}: nothing has come yet`,
        todo,
      }
    if (age > STREAM_QUIET_SECONDS)
      return {
        check: 'log stream',
        level: 'warning',
        tenant,
        text: `${tenant}: nothing for ${Math.round(age / 3600)} hours`,
        todo,
      }
    return { check: 'log stream', level: 'ok', tenant, text: `${tenant}: is alive` }
  })
}
