/**
 * The tables, as drizzle reads and generates them. What it cannot express (partitions, storage
 * parameters, triggers, maintenance functions) stands in the SQL migrations beside it.
 *
 * Every key starts with the tenant: no row is found without naming one, and that is how it shards.
 * Digests are full SHA-256 as `bytea`; pseudonyms are 64-bit keyed hashes as `bigint`. No address,
 * e-mail, subject or token is stored.
 */
import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  customType,
  doublePrecision,
  index,
  inet,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'

const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' })
const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' })
const pseudonym = (name: string) => bigint(name, { mode: 'bigint' })

/** Presentation and behaviour of the pages. Hosts and secrets come from configuration, never from here. */
export const tenantSettings = pgTable(
  'tenant_settings',
  {
    tenant: text('tenant').primaryKey(),
    name: text('name'),
    logoUrl: text('logo_url'),
    color: text('color'),
    supportUrl: text('support_url'),
    restartUrl: text('restart_url'),
    requireClick: boolean('require_click').notNull().default(false),
    continueMethod: text('continue_method').notNull().default('post'),
  },
  (table) => [
    check('color_is_hex', sql`${table.color} ~ '^#[0-9a-fA-F]{6}$'`),
    check('logo_is_https', sql`${table.logoUrl} ~ '^https://'`),
    check('support_is_web', sql`${table.supportUrl} ~ '^(https?://|mailto:)'`),
    check('restart_is_web', sql`${table.restartUrl} ~ '^https?://'`),
    check('continue_method_known', sql`${table.continueMethod} in ('post', 'get')`),
  ],
)

/**
 * Versions of a tenant's rules for a flow. A trigger keeps bodies as they were first stored, because
 * records name the version that judged them. The allowances are columns of their own so that the
 * request's statement need not unpack the body to charge a visit.
 */
export const policy = pgTable(
  'policy',
  {
    tenant: text('tenant').notNull(),
    id: integer('id').generatedAlwaysAsIdentity(),
    flow: text('flow').notNull(),
    version: integer('version').notNull(),
    status: text('status').notNull().default('draft'),
    body: jsonb('body').notNull(),
    userPerHour: doublePrecision('user_per_hour')
      .notNull()
      .generatedAlwaysAs(sql`((body #>> '{limits,user,per_hour}')::double precision)`),
    addressPerHour: doublePrecision('address_per_hour')
      .notNull()
      .generatedAlwaysAs(sql`((body #>> '{limits,address,per_hour}')::double precision)`),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.id] }),
    unique('policy_version_once').on(table.tenant, table.flow, table.version),
    uniqueIndex('policy_one_active')
      .on(table.tenant, table.flow)
      .where(sql`${table.status} = 'active'`),
    check('flow_known', sql`${table.flow} in ('password_reset', 'login')`),
    check('status_known', sql`${table.status} in ('draft', 'shadow', 'active', 'retired')`),
    check('body_names_flow', sql`${table.body} ->> 'flow' is not distinct from ${table.flow}`),
    check(
      'body_names_version',
      sql`(${table.body} ->> 'version')::integer is not distinct from ${table.version}`,
    ),
    // Not a number sorts above infinity, so the upper bound refuses it too.
    check(
      'user_allowance_positive',
      sql`${table.userPerHour} > 0 and ${table.userPerHour} < 'infinity'`,
    ),
    check(
      'address_allowance_positive',
      sql`${table.addressPerHour} > 0 and ${table.addressPerHour} < 'infinity'`,
    ),
  ],
)

/** One row per session token that was ever used: the replay guard. Kept until the transaction is dead. */
export const redemption = pgTable(
  'redemption',
  {
    tenant: text('tenant').notNull(),
    tokenKey: bytea('token_key').notNull(),
    stateHash: bytea('state_hash').notNull(),
    subjectHash: bytea('subject_hash').notNull(),
    bindingHash: bytea('binding_hash').notNull(),
    assessmentId: uuid('assessment_id').notNull(),
    /** The record's partition key. */
    openedAt: instant('opened_at').notNull(),
    keepUntil: instant('keep_until').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.tokenKey] }),
    index('redemption_expiry').on(table.keepUntil),
  ],
)

/** One row per state that was ever answered: a second token cannot answer for it. */
export const stateClaim = pgTable(
  'state_claim',
  {
    tenant: text('tenant').notNull(),
    stateHash: bytea('state_hash').notNull(),
    tokenKey: bytea('token_key').notNull(),
    keepUntil: instant('keep_until').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.stateHash] }),
    index('state_claim_expiry').on(table.keepUntil),
  ],
)

/**
 * The record: facts as they were when it was opened, and the decision once it is settled. The migration
 * partitions it by week of opening, which drizzle cannot say.
 */
export const assessment = pgTable(
  'assessment',
  {
    tenant: text('tenant').notNull(),
    /** The database's clock; the partition key. */
    openedAt: instant('opened_at').notNull(),
    id: uuid('id').notNull(),
    reference: text('reference').notNull(),
    flow: text('flow').notNull(),
    engineVersion: text('engine_version').notNull(),
    policyId: integer('policy_id').notNull(),
    userKey: pseudonym('user_key').notNull(),
    facts: jsonb('facts').notNull(),
    settledAt: instant('settled_at'),
    outcome: text('outcome'),
    assessed: text('assessed'),
    score: doublePrecision('score'),
    decision: jsonb('decision'),
    /** When the user was seen to complete what the decision asked for. */
    confirmedAt: instant('confirmed_at'),
    /** When the confirmed record was folded into the user's profile. */
    foldedAt: instant('folded_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.openedAt, table.id] }),
    index('assessment_reference').on(table.tenant, table.reference),
    index('assessment_user').on(table.tenant, table.userKey, table.openedAt),
    index('assessment_unsettled')
      .on(table.tenant, table.openedAt)
      .where(sql`${table.decision} is null`),
    check('outcome_known', sql`${table.outcome} in ('allow', 'step_up', 'deny')`),
    check('assessed_known', sql`${table.assessed} in ('allow', 'step_up', 'deny')`),
    check(
      'settled_whole',
      sql`num_nulls(${table.decision}, ${table.outcome}, ${table.assessed}, ${table.score}, ${table.settledAt}) in (0, 5)`,
    ),
  ],
)

/** What a user's confirmed history looks like, one compact document per user. */
export const userProfile = pgTable(
  'user_profile',
  {
    tenant: text('tenant').notNull(),
    userKey: pseudonym('user_key').notNull(),
    n: integer('n').notNull(),
    hist: jsonb('hist').notNull(),
    medianRttMs: doublePrecision('median_rtt_ms'),
    lastLatitude: doublePrecision('last_latitude'),
    lastLongitude: doublePrecision('last_longitude'),
    firstAt: instant('first_at').notNull(),
    lastAt: instant('last_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.userKey] })],
)

/**
 * Velocity by the generic cell rate algorithm: one theoretical arrival time per key, exact rate and
 * burst in one row.
 */
export const rateGcra = pgTable(
  'rate_gcra',
  {
    tenant: text('tenant').notNull(),
    bucket: text('bucket').notNull(),
    key: pseudonym('key').notNull(),
    arrival: instant('arrival').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.bucket, table.key] }),
    check('bucket_known', sql`${table.bucket} in ('user', 'address')`),
  ],
)

/**
 * Deny and allow lists. `value` is a pseudonym in decimal for users, addresses and devices, and plain
 * for countries (`NO`), autonomous systems (`64500`) and client ids.
 */
export const entityList = pgTable(
  'entity_list',
  {
    tenant: text('tenant').notNull(),
    kind: text('kind').notNull(),
    value: text('value').notNull(),
    action: text('action').notNull(),
    note: text('note'),
    expiresAt: instant('expires_at'),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.kind, table.value] }),
    check(
      'kind_known',
      sql`${table.kind} in ('user', 'address', 'device', 'country', 'asn', 'client')`,
    ),
    check('action_known', sql`${table.action} in ('deny', 'allow')`),
  ],
)

/** A person let this user's next attempt pass; opening a record uses it up. One at a time per user. */
export const release = pgTable(
  'release',
  {
    tenant: text('tenant').notNull(),
    userKey: pseudonym('user_key').notNull(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
    usedBy: uuid('used_by'),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.userKey] })],
)

/** The address lists that are loaded, by their bit in `ip_range.mask`. */
export const rangeList = pgTable(
  'range_list',
  {
    tenant: text('tenant').notNull(),
    bit: integer('bit').notNull(),
    kind: text('kind').notNull(),
    loadedAt: instant('loaded_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.bit] }),
    check('bit_in_mask', sql`${table.bit} between 0 and 30`),
    check('kind_known', sql`${table.kind} in ('tor', 'vpn', 'hosting', 'relay', 'untrusted')`),
  ],
)

/**
 * Address lists, flattened to ranges that do not overlap: bit i of `mask` says that list i holds the
 * range. Flat, because then one step down an index answers for any number of lists.
 */
export const ipRange = pgTable(
  'ip_range',
  {
    tenant: text('tenant').notNull(),
    low: inet('low').notNull(),
    high: inet('high').notNull(),
    mask: integer('mask').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.low] }),
    check('range_upward', sql`${table.low} <= ${table.high}`),
    check('range_one_family', sql`family(${table.low}) = family(${table.high})`),
    check('mask_not_empty', sql`${table.mask} > 0`),
  ],
)

/** What operators did. A trigger keeps it append-only. */
export const audit = pgTable(
  'audit',
  {
    tenant: text('tenant').notNull(),
    id: bigint('id', { mode: 'bigint' }).generatedAlwaysAsIdentity(),
    at: instant('at').notNull().defaultNow(),
    actor: text('actor').notNull(),
    action: text('action').notNull(),
    subject: text('subject'),
    detail: jsonb('detail'),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.id] })],
)
