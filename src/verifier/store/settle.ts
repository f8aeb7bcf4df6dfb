/**
 * Settling, in groups: decisions of a tenant that come while others of it are being written wait for
 * those and then leave together, in one statement. So a decision that comes alone is written at once,
 * and under load a write-back costs a fraction of a statement and of a commit.
 */
import type { Decision } from '../domain/decision.ts'
import { type Settlement, type Store, StoreError } from '../ports.ts'
import type { Ask } from './ask.ts'
import { settleParameters, settleStatement } from './settle-statement.ts'
import { isRefusedValue } from './store-error.ts'

/** A statement of this many is still far from its deadline. */
const MOST_TOGETHER = 50
/** Of one tenant. What finds no room stays open, and the sweep settles it. */
const MOST_WAITING = 2000

interface Waiting {
  readonly settlement: Settlement
  readonly standing: Promise<Decision>
  readonly settled: (decision: Decision) => void
  readonly failed: (error: unknown) => void
}

export function createSettle(ask: Ask): Store['settle'] {
  /** By tenant, and there by record. A tenant is in it for as long as something of it is being written. */
  const lines = new Map<string, Map<string, Waiting>>()

  async function settle(settlement: Settlement): Promise<Decision> {
    const { tenantId, id } = settlement
    const line = lines.get(tenantId)
    // A repeat of the same request: the first one's decision is the one to stand.
    const same = line?.get(id)
    if (same !== undefined) return await same.standing
    if (line !== undefined && line.size >= MOST_WAITING) {
      throw new StoreError('overloaded', 'QUEUE_FULL')
    }
    const waiting = waitingFor(settlement)
    if (line !== undefined) line.set(id, waiting)
    else void drain(tenantId, new Map([[id, waiting]]))
    return await waiting.standing
  }

  async function drain(tenantId: string, line: Map<string, Waiting>): Promise<void> {
    lines.set(tenantId, line)
    while (line.size > 0) {
      const group = [...line.values()].slice(0, MOST_TOGETHER)
      for (const { settlement } of group) line.delete(settlement.id)
      await write(tenantId, group)
    }
    lines.delete(tenantId)
  }

  /** Never rejects: whoever waits is told. */
  async function write(tenantId: string, group: readonly Waiting[]): Promise<void> {
    try {
      const unseen = await ended(tenantId, group)
      // The snapshot showed nothing: another's decision was committed after it was taken.
      const missing = unseen.length === 0 ? [] : await ended(tenantId, unseen)
      for (const { failed } of missing) failed(new StoreError('unknown', 'NO_RECORD'))
    } catch (error) {
      // One that Postgres does not take must not keep its neighbours from being written.
      if (group.length > 1 && isRefusedValue(error)) {
        for (const one of group) await write(tenantId, [one])
      } else for (const { failed } of group) failed(error)
    }
  }

  /** Tells those that are settled now, and returns the others. */
  async function ended(tenantId: string, group: readonly Waiting[]): Promise<readonly Waiting[]> {
    const settlements = group.map(({ settlement }) => settlement)
    const parameters = settleParameters(tenantId, settlements)
    const rows = await ask((sql) => settleStatement(sql, parameters))
    const byId = new Map(rows.map((row) => [row.id, row]))
    return group.filter(({ settlement, settled }) => {
      const row = byId.get(settlement.id)
      const standing = row?.written ? settlement.decision : row?.decision
      if (standing === undefined || standing === null) return true
      settled(standing)
      return false
    })
  }

  return settle
}

function waitingFor(settlement: Settlement): Waiting {
  let settled: Waiting['settled'] = () => {}
  let failed: Waiting['failed'] = () => {}
  const standing = new Promise<Decision>((resolve, reject) => {
    settled = resolve
    failed = reject
  })
  return { settlement, standing, settled, failed }
}
