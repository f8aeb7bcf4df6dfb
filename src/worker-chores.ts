/** What the cron of a Worker does: records that were left open, learning, retention. */
import { attempt } from './verifier/http/background.ts'
import { forEachDue, learnTurn, unreadHistories } from './verifier/learn.ts'
import type { Log } from './verifier/log.ts'
import type { createPolicies } from './verifier/policies.ts'
import type { Store } from './verifier/ports.ts'
import type { Learning, Retention } from './verifier/ports-learning.ts'
import { settleOpen } from './verifier/sweep.ts'
import type { Service } from './worker-service.ts'

export interface WorkerChores {
  readonly store: Store & Learning & Retention
  readonly policies: ReturnType<typeof createPolicies>
  /** Undefined: the configuration has faults, and only what needs none is done. */
  readonly service: () => Promise<Service | undefined>
  readonly log: Log
}

/** One after the other, whatever becomes of the one before. Never rejects. */
export async function runChores({ store, policies, service, log }: WorkerChores): Promise<void> {
  await attempt(log, 'sweep', async () => {
    const { settled, left } = await settleOpen(store, policies)
    if (settled + left > 0) log('swept', { settled, left })
  })
  await attempt(log, 'learn', async () => {
    const made = await service()
    if (made === undefined) return
    await forEachDue(store, made.config.tenants.keys(), async (tenantId) => {
      const turn = await learnTurn(store, tenantId)
      if (turn.confirmed + turn.folded > 0) log('learned', { tenant_id: tenantId, ...turn })
    })
  })
  await attempt(log, 'tidy', async () => {
    const made = await service()
    if (made === undefined) return
    const { identifiers, config } = made
    const { profileDays } = config.retention
    const unread = await unreadHistories(store, config.tenants.keys(), identifiers, profileDays)
    for (const tenantId of unread) log('history_unread', { tenant_id: tenantId })
    const tidied = await store.tidy(config.retention)
    if (tidied.rows + tidied.made + tidied.dropped > 0) log('purged', { ...tidied })
  })
}
