/**
 * The one statement of a verification: it spends the token, claims the state, charges the visit, reads
 * what is known and opens the record, all or nothing, in one round trip.
 *
 * Step by step:
 *
 * given     the request as one JSON parameter, typed here; nothing else enters the statement.
 * active    the tenant's active policy for the flow. Without one nothing below writes anything.
 * tok       spends the token. A token that was spent for the same browser, state and subject is
 *           touched without change, because only a touched row is returned, and because the touch waits
 *           for a concurrent first request to commit. For anybody else no row comes back.
 * claim     only for a token spent just now: claims the state. Another token's claim comes back as
 *           that token's key; then everything below stays untouched and the token stays spent.
 * ours      one row if the token is fresh and the state is ours: the gate of every later step.
 * released  uses up a release that a person granted this user.
 * charge    one GCRA step for the user and for each distinct address, in key order, so that two
 *           requests never wait for each other crosswise. Debt is capped at a day.
 * facts     the whole input of the decision, as one document.
 * opened    stores it.
 * stored    for a repeat: the record as this statement's snapshot shows it. A winner that committed
 *           after the snapshot was taken is not in it; the caller then asks once more.
 *
 * Data flows from each step to the next, which fixes the order in which they run and take their locks.
 */
import type { PendingQuery, Sql } from 'postgres'
import type { Decision } from '../domain/decision.ts'
import type { Facts } from '../domain/facts.ts'
import type { Flow } from '../domain/session.ts'
import type { Opening } from '../ports.ts'
import { jsonText } from './client.ts'
import { factsDocument } from './facts-document.ts'
import { openedAtText } from './settle-statement.ts'

export interface OpenRow {
  readonly policy_active: boolean
  /** Null: the token was spent by somebody else. */
  readonly fresh: boolean | null
  readonly state_conflict: boolean
  /** Null when no record was opened or found; then so is the rest. */
  readonly id: string | null
  readonly reference: string
  readonly opened_at: string
  readonly flow: Flow
  readonly engine_version: string
  readonly policy_id: number
  readonly facts: Facts
  readonly decision: Decision | null
  /** Null when the caller knows this policy. */
  readonly policy_body: unknown
}

export function openStatement(sql: Sql, parameter: string): PendingQuery<OpenRow[]> {
  return sql<OpenRow[]>`
  with given as materialized (
    select
      tenant, flow, assessment_id, reference, engine_version, request, known,
      decode(token_key, 'hex') as token_key, decode(state_hash, 'hex') as state_hash,
      decode(subject_hash, 'hex') as subject_hash, decode(binding_hash, 'hex') as binding_hash,
      to_timestamp(keep_until) as keep_until,
      user_key, token_address, visit_address, device, raw_token_address, raw_visit_address,
      previous_user, previous_token_address, previous_visit_address, previous_device
    from jsonb_to_record(${parameter}::text::jsonb) as parameter (
      tenant text, flow text, assessment_id uuid, reference text, engine_version text,
      token_key text, state_hash text, subject_hash text, binding_hash text,
      keep_until double precision, user_key bigint, token_address bigint, visit_address bigint,
      device bigint, request jsonb, raw_token_address inet, raw_visit_address inet, known integer[],
      previous_user bigint, previous_token_address bigint, previous_visit_address bigint,
      previous_device bigint
    )
  ),
  active as materialized (
    select policy.id, policy.user_per_hour, policy.address_per_hour
    from given join policy using (tenant, flow)
    where policy.status = 'active'
  ),
  tok as (
    insert into redemption as spent (
      tenant, token_key, state_hash, subject_hash, binding_hash, assessment_id, opened_at, keep_until
    )
    select
      tenant, token_key, state_hash, subject_hash, binding_hash, assessment_id, now(), keep_until
    from given
    where exists (select from active)
    on conflict (tenant, token_key) do update
      set assessment_id = spent.assessment_id
      where spent.binding_hash = excluded.binding_hash
        and spent.state_hash = excluded.state_hash
        and spent.subject_hash = excluded.subject_hash
    returning spent.assessment_id, spent.opened_at, spent.xmax = 0 as fresh
  ),
  claim as (
    insert into state_claim as held (tenant, state_hash, token_key, keep_until)
    select tenant, state_hash, token_key, keep_until
    from given, tok
    where tok.fresh
    on conflict (tenant, state_hash) do update
      set token_key = held.token_key
    returning held.token_key
  ),
  ours as materialized (
    select from given join claim using (token_key)
  ),
  released as (
    update release
    set used_at = now(), used_by = given.assessment_id
    from given, ours
    where release.tenant = given.tenant
      and release.user_key in (given.user_key, given.previous_user)
      and release.used_at is null and release.expires_at > now()
    returning release.user_key
  ),
  charge as (
    insert into rate_gcra as rate (tenant, bucket, key, arrival)
    select tenant, bucket, key, now() + make_interval(secs => least(step, 86400))
    from (
      select given.tenant, 'user' as bucket, given.user_key as key,
        3600 / active.user_per_hour as step
      from given, active, ours
      union
      select given.tenant, 'address', address, 3600 / active.address_per_hour
      from given, active, ours, unnest(array[given.token_address, given.visit_address]) as address
      where address is not null
    ) as keys
    where (select count(*) from released) >= 0
    order by bucket, key
    on conflict (tenant, bucket, key) do update
      set arrival = least(
        greatest(rate.arrival, now()) + (excluded.arrival - now()), now() + interval '1 day'
      )
    returning rate.bucket, rate.key, extract(epoch from rate.arrival - now()) as debt
  ),
  facts as materialized (
    select ${factsDocument(sql)} as document
    from given, ours
  ),
  opened as (
    insert into assessment (
      tenant, opened_at, id, reference, flow, engine_version, policy_id, user_key,
      previous_user_key, token_address, visit_address, device, facts
    )
    select
      given.tenant, now(), given.assessment_id, given.reference, given.flow, given.engine_version,
      active.id, given.user_key, given.previous_user, given.token_address, given.visit_address,
      given.device, facts.document
    from given, active, facts
    returning id, reference, opened_at, flow, engine_version, policy_id, facts, decision
  ),
  stored as (
    select
      earlier.id, earlier.reference, earlier.opened_at, earlier.flow, earlier.engine_version,
      earlier.policy_id, earlier.facts, earlier.decision
    from given, tok
    join lateral (
      select * from assessment
      where assessment.tenant = given.tenant and assessment.opened_at = tok.opened_at
        and assessment.id = tok.assessment_id
        -- No token lives for a day. Without it every week's partition is made ready for each request.
        and assessment.opened_at between now() - interval '1 day' and now()
      limit 1
    ) as earlier on true
    where not tok.fresh
  ),
  record as (
    select * from opened union all select * from stored
  )
  select
    exists (select from active) as policy_active,
    (select fresh from tok) as fresh,
    coalesce(
      coalesce(
        (select claim.token_key from claim),
        (
          select held.token_key from state_claim as held
          where held.tenant = given.tenant and held.state_hash = given.state_hash
        )
      ) <> given.token_key,
      false
    ) as state_conflict,
    record.id, record.reference, ${openedAtText(sql, sql`record.opened_at`)} as opened_at, record.flow, record.engine_version,
    record.policy_id, record.facts, record.decision,
    (
      select policy.body from policy
      where policy.tenant = given.tenant and policy.id = record.policy_id
        and policy.id <> all (given.known)
    ) as policy_body
  from given left join record on true`
}

/** The statement's one parameter. Keys as its column list names them. */
export const openParameter = (opening: Opening): string =>
  jsonText({
    tenant: opening.tenantId,
    flow: opening.flow,
    assessment_id: opening.assessmentId,
    reference: opening.reference,
    engine_version: opening.engineVersion,
    token_key: opening.tokenKey,
    state_hash: opening.stateHash,
    subject_hash: opening.subjectHash,
    binding_hash: opening.bindingHash,
    keep_until: opening.keepUntil,
    user_key: opening.user,
    token_address: opening.tokenAddress,
    visit_address: opening.visitAddress,
    device: opening.device,
    request: opening.request,
    raw_token_address: opening.rawTokenAddress,
    raw_visit_address: opening.rawVisitAddress,
    known: opening.knownPolicies,
    previous_user: opening.previous?.user,
    previous_token_address: opening.previous?.tokenAddress,
    previous_visit_address: opening.previous?.visitAddress,
    previous_device: opening.previous?.device,
  })
