/** Flows as the inspector lists and shows them: whose, where they stand, and every hop in order. */
import type { TenantCore } from '../tenant/core.ts'
import type { TraceEvent } from '../tenant/trace.ts'
import type { Transaction } from '../tenant/transactions.ts'
import { type ShownLeg, shownLeg } from './inspector-executions.ts'

export interface FlowSummary {
  readonly id: string
  readonly what: string
  readonly user: string
  readonly client: string
  readonly startedAtMs: number
  readonly hops: number
  readonly status: { readonly tone: 'good' | 'bad' | 'open'; readonly text: string }
}

export interface FlowHop {
  readonly event: TraceEvent
  /** What the Action was given and did; for `action.ran`. */
  readonly leg?: ShownLeg
}

/** Newest first. */
export function flowsOf(core: TenantCore): readonly FlowSummary[] {
  const hops = new Map<string, number>()
  for (const { transaction } of core.trace.all())
    if (transaction !== undefined) hops.set(transaction, (hops.get(transaction) ?? 0) + 1)
  return core.transactions
    .all()
    .map((transaction) => summaryOf(core, transaction, hops.get(transaction.id) ?? 0))
    .reverse()
}

export function flowOf(
  core: TenantCore,
  id: string,
): { readonly summary: FlowSummary; readonly hops: readonly FlowHop[] } | undefined {
  const transaction = core.transactions.all().find((one) => one.id === id)
  if (!transaction) return undefined
  const events = core.trace.all().filter((event) => event.transaction === id)
  const legs = [...(core.executions.of(id)?.results ?? [])]
  // Both lists forget their oldest entries, so they are matched from the end.
  const hops = events
    .reverse()
    .map((event): FlowHop => {
      const leg = event.kind === 'action.ran' ? legs.pop() : undefined
      return leg ? { event, leg: shownLeg(leg) } : { event }
    })
    .reverse()
  return { summary: summaryOf(core, transaction, hops.length), hops }
}

const FLOWS = {
  'password-reset-post-challenge': 'Password reset',
  'post-login': 'Login',
} as const

function summaryOf(core: TenantCore, transaction: Transaction, hops: number): FlowSummary {
  const { id, trigger, userId, clientId, startedAtMs } = transaction
  return {
    id,
    what: FLOWS[trigger],
    user: core.users.get(userId)?.email ?? userId,
    client: clientId === undefined ? 'no application' : (core.clients.get(clientId)?.name ?? ''),
    startedAtMs,
    hops,
    status: statusOf(transaction, core.clock.now()),
  }
}

function statusOf(transaction: Transaction, nowMs: number): FlowSummary['status'] {
  const { ending } = transaction
  switch (ending?.kind) {
    case 'completed':
      return { tone: 'good', text: 'completed' }
    case 'denied':
      return { tone: 'bad', text: `denied by ${ending.action}: ${ending.reason}` }
    case 'failed':
      return { tone: 'bad', text: `failed: ${ending.reason.replaceAll('_', ' ')}` }
    case undefined:
      if (nowMs >= transaction.expiresAtMs) return { tone: 'bad', text: 'expired' }
      return { tone: 'open', text: waitingFor(transaction) }
  }
}

function waitingFor({ waiting, pending }: Transaction): string {
  const [hop] = pending
  switch (waiting?.purpose) {
    case 'redirect':
      return hop?.kind === 'redirect' ? `away at ${new URL(hop.url).origin}` : 'away'
    case 'form':
      return 'shows a form'
    case 'mfa':
    case 'recovery':
      return 'asks for a factor'
    case 'enrol':
      return 'asks to enrol a factor'
    case 'password':
      return 'asks for the new password'
    case 'login':
      return 'asks to log in'
    case 'ended':
      return 'done'
    case undefined:
      return 'running'
  }
}
