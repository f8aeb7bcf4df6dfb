/** A policy as it is kept: a version that never changes, and the part it plays. */
import type { Flow } from './session.ts'

/** `retired`: was active or watched, and is kept because records name it. */
export type PolicyStatus = 'draft' | 'shadow' | 'active' | 'retired'

export interface PolicyKey {
  readonly tenant: string
  readonly flow: Flow
  readonly version: number
}

export interface PolicyVersion extends PolicyKey {
  readonly id: number
  readonly status: PolicyStatus
  /** ISO 8601 in UTC. */
  readonly created_at: string
  /** As stored: it may be of another build. */
  readonly body: unknown
}
