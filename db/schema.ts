/**
 * The tables, as drizzle reads and generates them. What it cannot express (partitions, storage
 * parameters, triggers, maintenance functions) stands in the SQL migrations beside it.
 *
 * Every key starts with the tenant: no row is found without naming one, and that is how it shards.
 * Who may operate the service (`admin_token`, `admin_session`) belongs to no tenant.
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
    /** The same user under the secret before the current one, while a rotation lasts. */
    previousUserKey: pseudonym('previous_user_key'),
    /** What other users are counted by; the facts hold them too. */
    tokenAddress: pseudonym('token_address'),
    visitAddress: pseudonym('visit_address'),
    device: pseudonym('device'),
    facts: jsonb('facts').notNull(),
    settledAt: instant('settled_at'),
    outcome: text('outcome'),
    assessed: text('assessed'),
    score: doublePrecision('score'),
    decision: jsonb('decision'),
    /** What the shadow versions would have decided; null where none was watched. */
    shadow: jsonb('shadow'),
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
    index('assessment_token_address')
      .on(table.tenant, table.tokenAddress, table.openedAt, table.userKey)
      .where(sql`${table.tokenAddress} is not null`),
    index('assessment_visit_address')
      .on(table.tenant, table.visitAddress, table.openedAt, table.userKey)
      .where(sql`${table.visitAddress} is not null`),
    index('assessment_device')
      .on(table.tenant, table.device, table.openedAt, table.userKey)
      .where(sql`${table.device} is not null`),
    // What an operator looks for is mostly among the few that were not let pass.
    index('assessment_stopped')
      .on(table.tenant, table.openedAt, table.id)
      .where(sql`${table.outcome} <> 'allow' or ${table.assessed} <> 'allow'`),
    index('assessment_to_fold')
      .on(table.tenant, table.openedAt)
      .where(sql`${table.confirmedAt} is not null and ${table.foldedAt} is null`),
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
    /** When the place was seen: most events say when, and not where. */
    lastPlaceAt: instant('last_place_at'),
    /** As the last login was told whose name was an e-mail address, by the list of that day. */
    disposableEmail: boolean('disposable_email'),
    /** Grows with each write, so that two folders cannot both build on the same state. */
    revision: integer('revision').notNull().default(0),
    firstAt: instant('first_at').notNull(),
    lastAt: instant('last_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.userKey] })],
)

/**
 * What the tenant's log stream told of a user, as far as a signal or the profile needs it. Kept a few
 * days longer than events are accepted, so that an event delivered twice is counted once.
 */
export const userEvent = pgTable(
  'user_event',
  {
    tenant: text('tenant').notNull(),
    /** SHA-256 of the log's id. */
    logKey: bytea('log_key').notNull(),
    kind: text('kind').notNull(),
    userKey: pseudonym('user_key').notNull(),
    previousUserKey: pseudonym('previous_user_key'),
    /** When it happened at Auth0. */
    at: instant('at').notNull(),
    receivedAt: instant('received_at').notNull().defaultNow(),
    address: pseudonym('address'),
    /** Of a login, or of a session that goes on: what the profile learns, as the facts' request. */
    request: jsonb('request'),
    /** Whether the domain of the e-mail address was listed; the domain itself is not kept. */
    disposableEmail: boolean('disposable_email'),
    foldedAt: instant('folded_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.logKey] }),
    index('user_event_user').on(table.tenant, table.userKey, table.kind, table.at),
    index('user_event_received').on(table.receivedAt),
    index('user_event_to_fold')
      .on(table.tenant, table.receivedAt)
      .where(sql`${table.kind} in ('login', 'session', 'reset') and ${table.foldedAt} is null`),
    check(
      'kind_known',
      sql`${table.kind} in ('login', 'session', 'failure', 'change', 'factor', 'reset')`,
    ),
    check(
      'login_has_request',
      sql`(${table.kind} in ('login', 'session')) = (${table.request} is not null)`,
    ),
  ],
)

/** Since when a log stream feeds the tenant, when it last did, and how far the folder has looked. */
export const learningState = pgTable('learning_state', {
  tenant: text('tenant').primaryKey(),
  streamSince: instant('stream_since'),
  streamLastAt: instant('stream_last_at'),
  /** Records opened before were searched for what their tokens confirm. */
  lookedUntil: instant('looked_until'),
  /** Whole hours before are in `address_baseline`. */
  countedUntil: instant('counted_until'),
})

/**
 * Which secrets pseudonyms were made with, by a fingerprint that tells nothing of them: history under a
 * secret that is no longer configured cannot be read, and nobody would notice otherwise.
 */
export const identifierKey = pgTable(
  'identifier_key',
  {
    tenant: text('tenant').notNull(),
    fingerprint: text('fingerprint').notNull(),
    /** When it last was the current one. */
    lastUsedAt: instant('last_used_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.fingerprint] })],
)

/**
 * How many confirmed events were counted over all users, and how often each value was among them. All
 * of it is halved from time to time (`age_counts`), so that what people did years ago fades. The total is
 * halved at once and says how often; a value's row says how often it was, and whoever reads or adds to it
 * makes up for the difference, until housekeeping has.
 */
export const globalTotal = pgTable('global_total', {
  tenant: text('tenant').primaryKey(),
  n: bigint('n', { mode: 'number' }).notNull(),
  halvings: integer('halvings').notNull().default(0),
  halvedAt: instant('halved_at').notNull().defaultNow(),
  /** Some values' rows may have been halved less often than the total. */
  lagging: boolean('lagging').notNull().default(false),
})

export const globalFeature = pgTable(
  'global_feature',
  {
    tenant: text('tenant').notNull(),
    feature: text('feature').notNull(),
    value: text('value').notNull(),
    n: bigint('n', { mode: 'number' }).notNull(),
    halvings: integer('halvings').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.feature, table.value] })],
)

/** The busiest hour that was ordinary for an address: distinct users who logged in or completed a reset. */
export const addressBaseline = pgTable(
  'address_baseline',
  {
    tenant: text('tenant').notNull(),
    address: pseudonym('address').notNull(),
    users: integer('users').notNull(),
    /** The hour that was so busy. */
    at: instant('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.address] })],
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
    /** False for a feed of networks alone: it says nothing of an address whose network is unknown. */
    hasRanges: boolean('has_ranges').notNull().default(true),
    /** Where it came from, in the operator's words. */
    source: text('source'),
    /** Entries read, before they were flattened. */
    entries: integer('entries'),
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

/** Networks (ASN) on a list; bits as in `range_list`, whether or not that list has ranges too. */
export const asnList = pgTable(
  'asn_list',
  {
    tenant: text('tenant').notNull(),
    asn: bigint('asn', { mode: 'number' }).notNull(),
    mask: integer('mask').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.asn] }),
    check('asn_in_range', sql`${table.asn} between 1 and 4294967295`),
    check('asn_mask_not_empty', sql`${table.mask} > 0`),
  ],
)

/** Domains of throw-away e-mail addresses, which those of the log stream's logins are looked up in. */
export const domainList = pgTable(
  'domain_list',
  {
    tenant: text('tenant').notNull(),
    domain: text('domain').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.domain] })],
)

/** What operators did; tenant `*`: to the service as a whole. A trigger keeps it append-only. */
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
  (table) => [
    primaryKey({ columns: [table.tenant, table.id] }),
    index('audit_time').on(table.tenant, table.at, table.id),
  ],
)

/** Tokens that machines call the operator's API with. Revoked ones stay, because the audit names them. */
export const adminToken = pgTable(
  'admin_token',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    name: text('name').notNull(),
    role: text('role').notNull(),
    /** SHA-256 in hexadecimal of a token of 256 random bits: nothing to guess, so nothing to stretch. */
    hash: text('hash').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    expiresAt: instant('expires_at'),
    /** To the hour, so that a token in use does not write with each call. */
    lastUsedAt: instant('last_used_at'),
    revokedAt: instant('revoked_at'),
  },
  (table) => [
    unique('admin_token_name').on(table.name),
    unique('admin_token_hash').on(table.hash),
    check('role_known', sql`${table.role} in ('viewer', 'operator', 'admin')`),
    check('hash_is_digest', sql`${table.hash} ~ '^[0-9a-f]{64}$'`),
  ],
)

/** Browsers that are signed in to the operator's pages, by the SHA-256 of their cookie. */
export const adminSession = pgTable(
  'admin_session',
  {
    hash: text('hash').primaryKey(),
    actor: text('actor').notNull(),
    role: text('role').notNull(),
    displayName: text('display_name').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [
    index('admin_session_expiry').on(table.expiresAt),
    check('role_known', sql`${table.role} in ('viewer', 'operator', 'admin')`),
    check('hash_is_digest', sql`${table.hash} ~ '^[0-9a-f]{64}$'`),
  ],
)
