/**
 * Compiled policies by their id: those that decide, and the shadow versions that are watched beside them.
 * Versions are immutable, so an entry is never wrong, only unused.
 */
import { compilePolicy } from './domain/compile.ts'
import type { Flow } from './domain/session.ts'
import type { CompiledPolicy, Store, StoredPolicy } from './ports.ts'
import { parsePolicy } from './schema/policy-document.ts'

/** Two versions per tenant and flow overlap while one replaces the other; older ones are re-read. */
const VERSIONS_KEPT = 4

/**
 * Most tenants have the same few documents, and a compiled one takes some 45 KB: ten thousand tenants
 * share what is equal. Beyond so many documents sharing ends, and nothing else.
 */
const DOCUMENTS_SHARED = 100

/** Of one tenant and flow, the newest: each costs as much as the decision itself. */
const SHADOWS_EVALUATED = 4

export interface Policies {
  /** Ids whose bodies need not be sent again. */
  known(tenantId: string, flow: Flow): readonly number[]
  /** The compiled policy, or undefined when this build cannot compile its body. */
  compiled(
    key: { readonly tenantId: string; readonly flow: Flow; readonly policyId: number },
    body: StoredPolicy | undefined,
    store: Pick<Store, 'readPolicy'>,
  ): Promise<CompiledPolicy | undefined>
  /** As read last; never read for a request. */
  shadows(tenantId: string, flow: Flow): readonly CompiledPolicy[]
  /** Reads which versions are watched, off the request path; answers how many this build cannot use. */
  refreshShadows(store: Pick<Store, 'readShadows'>): Promise<number>
}

export function createPolicies(): Policies {
  const byFlow = new Map<string, Map<number, CompiledPolicy>>()
  const compiledOf = createCompiler()
  let shadows: readonly CompiledShadow[] = []
  let shadowsByFlow = new Map<string, CompiledPolicy[]>()
  const versions = (tenantId: string, flow: Flow) => {
    const key = `${flow} ${tenantId}`
    const kept = byFlow.get(key) ?? new Map<number, CompiledPolicy>()
    byFlow.set(key, kept)
    return kept
  }
  return {
    known: (tenantId, flow) => [...versions(tenantId, flow).keys()],
    async compiled({ tenantId, flow, policyId }, body, store) {
      const kept = versions(tenantId, flow)
      const cached = kept.get(policyId)
      if (cached !== undefined) return cached
      const stored = body ?? (await store.readPolicy(tenantId, policyId))
      const compiled = stored && compiledOf(stored.body)
      if (compiled === undefined) return undefined
      kept.set(policyId, compiled)
      for (const oldest of kept.keys()) {
        if (kept.size <= VERSIONS_KEPT) break
        kept.delete(oldest)
      }
      return compiled
    },
    shadows: (tenantId, flow) => shadowsByFlow.get(`${flow} ${tenantId}`) ?? [],
    async refreshShadows(store) {
      const before = new Map(shadows.map((shadow) => [shadow.id, shadow]))
      const evaluated = new Map<string, number>()
      shadows = (await store.readShadows([...before.keys()])).flatMap((row) => {
        const { tenantId, flow, id, body } = row
        const place = `${flow} ${tenantId}`
        const count = (evaluated.get(place) ?? 0) + 1
        evaluated.set(place, count)
        if (count > SHADOWS_EVALUATED) return []
        return [before.get(id) ?? { tenantId, flow, id, policy: compiledOf(body) }]
      })
      shadowsByFlow = new Map()
      for (const { tenantId, flow, policy } of shadows) {
        if (policy === undefined) continue
        const place = `${flow} ${tenantId}`
        const own = shadowsByFlow.get(place)
        if (own === undefined) shadowsByFlow.set(place, [policy])
        else own.push(policy)
      }
      return shadows.filter(({ policy }) => policy === undefined).length
    },
  }
}

interface CompiledShadow {
  readonly tenantId: string
  readonly flow: Flow
  readonly id: number
  /** Absent: another build wrote a body that this one cannot use. */
  readonly policy: CompiledPolicy | undefined
}

/** Compiles each document once, however many tenants have it; undefined for one this build cannot use. */
function createCompiler(): (body: unknown) => CompiledPolicy | undefined {
  const byText = new Map<string, CompiledPolicy>()
  return (body) => {
    // The store's documents name their members in one order, so equal ones have equal texts.
    const text = JSON.stringify(body)
    const known = byText.get(text)
    if (known !== undefined) return known
    const parsed = parsePolicy(body)
    if (!parsed.ok) return undefined
    const compiled = compilePolicy(parsed.value)
    byText.set(text, compiled)
    for (const oldest of byText.keys()) {
      if (byText.size <= DOCUMENTS_SHARED) break
      byText.delete(oldest)
    }
    return compiled
  }
}
