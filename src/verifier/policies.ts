/** Compiled policies by their id. Versions are immutable, so an entry is never wrong, only unused. */
import { compilePolicy } from './domain/compile.ts'
import type { Flow } from './domain/session.ts'
import type { CompiledPolicy, Store, StoredPolicy } from './ports.ts'
import { parsePolicy } from './schema/policy-document.ts'

/** Two versions per tenant and flow overlap while one replaces the other; older ones are re-read. */
const VERSIONS_KEPT = 4

export interface Policies {
  /** Ids whose bodies need not be sent again. */
  known(tenantId: string, flow: Flow): readonly number[]
  /** The compiled policy, or undefined when this build cannot compile its body. */
  compiled(
    key: { readonly tenantId: string; readonly flow: Flow; readonly policyId: number },
    body: StoredPolicy | undefined,
    store: Pick<Store, 'readPolicy'>,
  ): Promise<CompiledPolicy | undefined>
}

export function createPolicies(): Policies {
  const byFlow = new Map<string, Map<number, CompiledPolicy>>()
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
      const parsed = stored && parsePolicy(stored.body)
      if (!parsed?.ok) return undefined
      const compiled = compilePolicy(parsed.value)
      kept.set(policyId, compiled)
      for (const oldest of kept.keys()) {
        if (kept.size <= VERSIONS_KEPT) break
        kept.delete(oldest)
      }
      return compiled
    },
  }
}
