/**
 * Which record a completed reset or login was the completion of. A confirmed record is learned, so a
 * wrong answer here would let a stranger into a user's profile: where a completion could have been
 * another record's, it is nobody's, and the only harm is that nothing is learned.
 */
import type { CandidateRecord, DueEvent, ResetClaim } from './ports-learning.ts'

/** How long before its answer a token may have been signed (`exp - iat` of a session token). */
const TOKEN_SECONDS = 900
/** Auth0 keeps a suspended transaction for an hour. */
export const TRANSACTION_SECONDS = 3600
/** Between Auth0's clock, ours and the database's. */
export const CLOCK_SECONDS = 60
const DAY = 86_400
/** Records are kept for at least two weeks, so within this age none is missing from the question. */
export const CLAIM_DAYS = 10

/**
 * Whether completing this record proves what it was answered: an allowed one by itself, a step-up only
 * where a factor was really asked for. An observing Action lets everybody go on, and a policy that
 * monitors answers `allow` to what its rules stopped: neither proves anything, and a denied record that
 * was completed all the same least of all.
 */
function proves({ outcome, assessed, enforced, factorSeen }: CandidateRecord): boolean {
  if (outcome === 'allow') return assessed === 'allow'
  return outcome === 'step_up' && (enforced || factorSeen)
}

/**
 * A login may succeed without any record: from a session that needed none. At a shared address it would
 * pass for the step-up that somebody else left unfinished, so there the factor itself must be seen. A
 * reset ends in a new password only by way of what its Action asked.
 */
const needsFactor = (kind: DueEvent['kind'], { outcome, factorSeen }: CandidateRecord): boolean =>
  kind !== 'reset' && outcome === 'step_up' && !factorSeen

/**
 * By an event of the log stream: a password was changed, or a login succeeded, at an address.
 *
 * Only records that Auth0 or we saw at that very address can be meant, so an event without one confirms
 * nothing. One such record is the one. Of several it could be any, unless all of them came from one
 * browser (its device cookie cannot be guessed) and all were allowed: then they say the same of the
 * user, and the newest stands for them. A step-up among several is never confirmed, since the reset may
 * have been the other tab's, which was asked for nothing.
 */
export function confirmedByEvent({
  kind,
  address,
  records,
}: DueEvent): CandidateRecord | undefined {
  if (address === undefined) return undefined
  const [newest, ...others] = records.filter(({ addresses }) => addresses.includes(address))
  if (newest === undefined || newest.confirmed || !proves(newest)) return undefined
  if (needsFactor(kind, newest)) return undefined
  const alike = (other: CandidateRecord) =>
    other.device !== undefined &&
    other.device === newest.device &&
    other.outcome === 'allow' &&
    newest.outcome === 'allow' &&
    proves(other)
  return others.every(alike) ? newest : undefined
}

/**
 * By what a later token says: the last reset lies `k` whole days back, so it happened within one day
 * that ends `k` days before that token was signed.
 *
 * A record is confirmed by it only if, of all records of the user that could have been completed in
 * that day (denied and open ones too), it is the only one, and if its own token said that the reset
 * before it was two days old or more. With an age of 0 or 1 day the reset of that day could be the
 * earlier one, and without an age (which is also what a user who never reset has) nothing is excluded.
 *
 * Only an allowed record: no address ties the reset to it, and whoever was warned of a thief's attempt
 * changes the password on that very day by another way. That must not pass for the factor that the thief
 * was asked for; nor may a factor of the user's own, who logged in that day.
 */
export function confirmedByClaim(claim: ResetClaim): CandidateRecord | undefined {
  const period = periodOf(claim)
  if (period === undefined) return undefined
  const possible = claim.records.filter(
    ({ at }) => at <= period.until && at + TRANSACTION_SECONDS + CLOCK_SECONDS >= period.from,
  )
  const [record, another] = possible
  if (record === undefined || another !== undefined) return undefined
  const { confirmed, outcome, lastResetAgeDays = 0 } = record
  if (confirmed || outcome !== 'allow' || lastResetAgeDays < 2) return undefined
  return proves(record) ? record : undefined
}

/** When the reset that the claim speaks of can have happened; undefined for one that is too long ago. */
function periodOf({ at, lastResetAgeDays: age }: ResetClaim) {
  if (age === undefined || age > CLAIM_DAYS) return undefined
  return {
    from: at - TOKEN_SECONDS - CLOCK_SECONDS - (age + 1) * DAY,
    until: at + CLOCK_SECONDS - age * DAY,
  }
}
