/**
 * What learning and forgetting need of the store: interfaces only, like `ports.ts`. All of it runs off
 * the request path.
 */
import type { Outcome } from './domain/decision.ts'
import type { Facts, ProfileFacts, RequestFacts } from './domain/facts.ts'

/** Learning, off the request path: every method may throw `StoreError`. Nothing here decides anything. */
export interface Learning {
  /** Those of the tenants for whom a turn would find something to do. */
  readDue(
    tenantIds: readonly string[],
    batch: Pick<Batch, 'olderThanSeconds'>,
  ): Promise<readonly string[]>
  /**
   * Stores what is new among them; answers how many were. Events of the stream show that it is alive,
   * those of an import do not.
   */
  recordEvents(
    tenantId: string,
    events: readonly UserEvent[],
    from: 'stream' | 'import',
  ): Promise<number>
  /** Logins, sessions and resets that were not looked at yet, oldest first. */
  readEvents(tenantId: string, batch: Batch): Promise<readonly DueEvent[]>
  /** Records not looked at yet whose token tells the age of the last reset, oldest first. */
  readClaims(tenantId: string, batch: Batch): Promise<readonly ResetClaim[]>
  /** Marks records as completed, events as looked at, and claims up to a time as read: all or nothing. */
  confirm(tenantId: string, confirmation: Confirmation): Promise<void>
  /** Records that are confirmed and not in the profile yet, oldest first. */
  readConfirmed(tenantId: string, limit: number): Promise<readonly DueRecord[]>
  readProfiles(
    tenantId: string,
    users: readonly string[],
  ): Promise<ReadonlyMap<string, StoredProfile>>
  /** Applies each fold whole or not at all; answers how many were applied. */
  fold(tenantId: string, folds: readonly ProfileFold[]): Promise<number>
  /**
   * Notes which secret makes the pseudonyms; answers the tenants for whom another one than these did
   * within so many days, so that there is history which nobody reads any more.
   */
  noteSecrets(
    tenantIds: readonly string[],
    secrets: { readonly current: string; readonly previous?: string },
    days: number,
  ): Promise<readonly string[]>
  /** Counts how busy addresses were in the hours since the last time. */
  countBaselines(tenantId: string): Promise<void>
}

/** Rows younger than this are left: what belongs to them may still be on its way. */
export interface Batch {
  readonly limit: number
  readonly olderThanSeconds: number
}

/** What a log event says of a user, as far as it is kept. Times are epoch seconds at Auth0. */
export interface UserEvent {
  /** Digest of the log's id; what makes an event the same one. */
  readonly key: string
  readonly kind: 'login' | 'session' | 'failure' | 'change' | 'factor' | 'reset'
  readonly user: string
  readonly previousUser?: string
  readonly at: number
  readonly address?: string
  /** Of a login or a session: what the profile learns. */
  readonly request?: RequestFacts
  /**
   * Of a login that named an e-mail address: its domain, and those that it is a part of. They are looked
   * up in the list of throw-away domains, and what is stored is the answer.
   */
  readonly mailDomains?: readonly string[]
}

export interface DueEvent extends Omit<UserEvent, 'mailDomains'> {
  /** Absent where no domain was told, or no list was loaded. */
  readonly disposableEmail?: boolean
  /** Records of the user that this event may be the completion of, newest first. */
  readonly records: readonly CandidateRecord[]
}

/** A record of the user as the question of its completion sees it. */
export interface CandidateRecord extends RecordKey {
  readonly at: number
  /** Absent while nobody has settled it. */
  readonly outcome?: Outcome
  readonly assessed?: Outcome
  readonly confirmed: boolean
  /** Its token said that the Action acts on the answer. */
  readonly enforced: boolean
  /** As Auth0 and as we saw it. */
  readonly addresses: readonly string[]
  readonly device?: string
  /** A second factor of the user succeeded between the record and the event. */
  readonly factorSeen: boolean
  /** What its own token said. */
  readonly lastResetAgeDays?: number
}

export interface RecordKey {
  readonly id: string
  readonly openedAt: string
}

export interface ResetClaim extends RecordKey {
  readonly at: number
  /** Absent: this token says nothing that could confirm a record. */
  readonly lastResetAgeDays?: number
  /** The user's other reset records of the days that this age points to. */
  readonly records: readonly CandidateRecord[]
}

export interface Confirmation {
  readonly records: readonly RecordKey[]
  /** Keys of events. */
  readonly events: readonly string[]
  /** Text as Postgres prints it. */
  readonly claimsReadUntil?: string
}

export interface DueRecord extends RecordKey {
  readonly user: string
  readonly previousUser?: string
  readonly facts: Facts
}

export interface StoredProfile {
  readonly profile: ProfileFacts
  /** What a fold must name, so that nothing learned in between is lost. */
  readonly revision: number
}

export interface ProfileFold {
  readonly user: string
  /** Absent: the user has no profile. */
  readonly revision?: number
  /** A profile under the previous secret that this one takes the place of. */
  readonly adopts?: { readonly user: string; readonly revision: number }
  readonly profile: ProfileFacts
  readonly records: readonly RecordKey[]
  readonly events: readonly string[]
  /** What is added to everybody's counts. */
  readonly counts: FeatureCounts
}

export interface FeatureCounts {
  readonly n: number
  readonly features: readonly {
    readonly feature: string
    readonly value: string
    readonly count: number
  }[]
}

/** Forgetting, off the request path. May throw `StoreError`. */
export interface Retention {
  /** One turn: what is too much for it is left to the next. */
  tidy(periods: RetentionPeriods): Promise<Tidied>
}

export interface RetentionPeriods {
  /** Days that a record is kept after it was opened; at least 7. */
  readonly recordDays: number
  /** Days that a profile is kept after its user's last login or confirmed verification; at least 30. */
  readonly profileDays: number
}

export interface Tidied {
  /** Partitions of records. */
  readonly made: number
  readonly dropped: number
  readonly rows: number
}
