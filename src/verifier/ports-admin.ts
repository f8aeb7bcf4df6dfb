/**
 * What the operator's API and pages ask of the outside: one store, with rights of its own, and who is
 * acting. None of it is on the request path of a verification.
 */
import type { BacktestRecord } from './domain/backtest.ts'
import type { Outcome } from './domain/decision.ts'
import type { Facts, ListFact } from './domain/facts.ts'
import type { PolicyDocument } from './domain/policy.ts'
import type { PolicyKey, PolicyStatus, PolicyVersion } from './domain/policy-version.ts'
import type { RecordSelection, ShadowCount } from './domain/record-selection.ts'
import type { Flow } from './domain/session.ts'
import { StoreError } from './ports.ts'

export type { PolicyKey, PolicyStatus, PolicyVersion, RecordSelection, ShadowCount }

/** The code of the `StoreError` of a cursor that no page of that list gave: the caller's mistake. */
export const BAD_CURSOR = 'BAD_CURSOR'

export const isBadCursor = (error: unknown): boolean =>
  error instanceof StoreError && error.code === BAD_CURSOR

/** Each may do what those before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** Who acts. `name` is what the audit keeps: `oidc:<subject>`, `token:<name>`, `access:<subject>`, `cli:<user>`. */
export interface Actor {
  readonly name: string
  readonly role: Role
}

/** Newest first; `next` continues after the last item and is absent on the last page. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next?: string
}

export interface PageRequest {
  /** What an earlier page gave as `next`; opaque to callers. Anything else: see `isBadCursor`. */
  readonly cursor?: string
  /** 1 to 200. */
  readonly limit: number
}

export interface AdminPolicies {
  /** By flow and falling version. */
  listPolicies(tenant: string): Promise<readonly PolicyVersion[]>
  readPolicy(key: PolicyKey): Promise<PolicyVersion | undefined>
  /** Stored as it is and never changed again; `taken` when that version number is in use. */
  addPolicy(
    tenant: string,
    document: PolicyDocument,
    status: Exclude<PolicyStatus, 'retired'>,
    actor: Actor,
  ): Promise<'added' | 'taken'>
  /**
   * In one step; answers the version it took the place of (null: there was none), which is itself when
   * it was active already: then nothing changed.
   */
  activatePolicy(
    key: PolicyKey,
    actor: Actor,
  ): Promise<{ readonly replaced: number | null } | 'absent'>
  /** Watches a version beside the active one; `active` when it is that one. */
  shadowPolicy(key: PolicyKey, actor: Actor): Promise<'shadowed' | 'active' | 'absent'>
  /** Ends the watch; false when it was not watched. */
  retireShadow(key: PolicyKey, actor: Actor): Promise<boolean>
  countShadow(selection: RecordSelection, version: number): Promise<readonly ShadowCount[]>
  /** Every settled record of the selection, oldest first. Stopped by `signal` it rejects too. */
  replay(
    selection: RecordSelection,
    take: (record: BacktestRecord) => void,
    signal: AbortSignal,
  ): Promise<void>
  countReplay(selection: RecordSelection): Promise<number>
}

export interface AssessmentFilter extends PageRequest {
  readonly flow?: Flow
  /** What was answered. */
  readonly outcome?: Outcome
  /** What the rules found, before `no_factor` and the mode. */
  readonly assessed?: Outcome
  /** Only those that wait for a person. */
  readonly review?: boolean
  /** A reason's code. */
  readonly reason?: string
  /** The code that a person reads out. */
  readonly reference?: string
  /** Pseudonyms of one user, under the current and the previous secret. */
  readonly users?: readonly string[]
  /** Epoch seconds, inclusive and exclusive. */
  readonly since?: number
  readonly until?: number
}

export interface AssessmentLine {
  readonly id: string
  readonly reference: string
  readonly flow: Flow
  readonly opened_at: string
  /** Null while open. */
  readonly settled_at: string | null
  readonly outcome: Outcome | null
  readonly assessed: Outcome | null
  readonly score: number | null
  readonly codes: readonly string[]
  readonly needs_review: boolean
  readonly confirmed: boolean
  readonly policy_version: number | null
  /** Pseudonym in decimal. */
  readonly user: string
}

export interface AssessmentRecord extends AssessmentLine {
  readonly tenant: string
  readonly facts: Facts
  /** As stored; null while open. */
  readonly decision: unknown
  /** The policy that judged it, as stored. */
  readonly policy: unknown
  /** What shadow versions found. */
  readonly shadow: unknown
}

export interface AdminAssessments {
  listAssessments(tenant: string, filter: AssessmentFilter): Promise<Page<AssessmentLine>>
  readAssessment(tenant: string, id: string): Promise<AssessmentRecord | undefined>
  /**
   * Lets the next attempt of the record's user pass once where it would stop for want of a factor;
   * false when there is no such record. Whether the record calls for it is the caller's to look at.
   */
  releaseAssessment(tenant: string, id: string, seconds: number, actor: Actor): Promise<boolean>
  summarise(tenant: string, range: SummaryRange): Promise<Summary>
}

export interface SummaryRange {
  /** Epoch seconds, inclusive and exclusive. */
  readonly since: number
  readonly until: number
  readonly bucketSeconds: number
  readonly flow?: Flow
}

export interface Summary {
  /** Buckets with at least one record, by time. `at` is the bucket's start in epoch seconds. */
  readonly buckets: readonly {
    readonly at: number
    readonly allow: number
    readonly step_up: number
    readonly deny: number
    readonly open: number
  }[]
  /** By falling number of records; of decided records only. */
  readonly reasons: readonly {
    readonly code: string
    readonly records: number
    readonly users: number
  }[]
  readonly users: number
  /** Records that wait for a person. */
  readonly review: number
  readonly confirmed: number
}

export interface ListEntry extends ListFact {
  /** A pseudonym for users, addresses and devices; plain for the other kinds. */
  readonly value: string
  readonly note: string | null
  readonly expires_at: string | null
  readonly created_at: string
}

export interface NewListEntry extends ListFact {
  readonly value: string
  readonly note: string
  /** From now; absent: for ever. */
  readonly expiresInSeconds?: number
}

export interface ListFeed {
  readonly kind: string
  readonly source: string | null
  readonly entries: number | null
  readonly ranges: number
  readonly networks: number
  readonly loaded_at: string
}

export interface AdminLists {
  readEntries(tenant: string): Promise<readonly ListEntry[]>
  readFeeds(tenant: string): Promise<readonly ListFeed[]>
  /** In place of an entry for the same value. */
  putEntry(tenant: string, entry: NewListEntry, actor: Actor): Promise<void>
  /** False when there is none. */
  removeEntry(
    tenant: string,
    entry: { readonly kind: string; readonly value: string },
    actor: Actor,
  ): Promise<boolean>
}

/** What a user is known by: pseudonyms and subject digests under the current and the previous secret. */
export interface SubjectKeys {
  readonly users: readonly string[]
  readonly subjectHashes: readonly string[]
}

export interface AdminSubjects {
  /** Everything under a user's keys, as stored. Reading it is audited: it is personal data. */
  exportSubject(
    tenant: string,
    keys: SubjectKeys,
    actor: Actor,
  ): Promise<Readonly<Record<string, unknown>>>
  /** Table → rows deleted. */
  eraseSubject(
    tenant: string,
    keys: SubjectKeys,
    actor: Actor,
  ): Promise<Readonly<Record<string, number>>>
}

export interface AuditFilter extends PageRequest {
  readonly actor?: string
  readonly action?: string
  readonly since?: number
  readonly until?: number
}

export interface AuditRow {
  readonly id: string
  readonly at: string
  readonly actor: string
  readonly action: string
  readonly subject: string | null
  readonly detail: unknown
}

/** A tenant id that no tenant has: what concerns the service as a whole is audited under it. */
export const SERVICE_TENANT = '*'

export interface ApiTokenRow {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly created_at: string
  readonly expires_at: string | null
  /** To the hour; null: never. */
  readonly last_used_at: string | null
  readonly revoked_at: string | null
}

export interface AdminAccess {
  listAudit(tenant: string, filter: AuditFilter): Promise<Page<AuditRow>>
  listTokens(): Promise<readonly ApiTokenRow[]>
  /** `hash`: SHA-256 of the token, hexadecimal; the token itself is stored nowhere. */
  addToken(
    token: {
      readonly name: string
      readonly role: Role
      readonly hash: string
      readonly expiresInSeconds?: number
    },
    actor: Actor,
  ): Promise<ApiTokenRow | 'taken'>
  /** False when there is no such token or it is revoked already. */
  revokeToken(id: string, actor: Actor): Promise<boolean>
  /** A token that is neither expired nor revoked; notes that it was used. */
  findToken(hash: string): Promise<Actor | undefined>
  /** A signed-in browser. `hash`: SHA-256 of its cookie. Signing in is audited. */
  addSession(session: {
    readonly hash: string
    readonly actor: Actor
    readonly displayName: string
    readonly seconds: number
  }): Promise<void>
  findSession(
    hash: string,
  ): Promise<{ readonly actor: Actor; readonly displayName: string } | undefined>
  endSession(hash: string): Promise<void>
}

/** Every method may throw `StoreError`. */
export interface AdminStore
  extends AdminPolicies,
    AdminAssessments,
    AdminLists,
    AdminSubjects,
    AdminAccess {}
