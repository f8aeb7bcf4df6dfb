/** Learning on Postgres: rows in, rows out. What they mean is decided above, in `learn.ts` and `confirm.ts`. */
import type { Learning, ProfileFold } from '../ports-learning.ts'
import type { Ask } from './ask.ts'
import { jsonText } from './client.ts'
import { candidateFrom } from './learning-candidates.ts'
import {
  type ClaimRow,
  type ConfirmedRow,
  claimsStatement,
  confirmedStatement,
  confirmStatement,
  type EventRow,
  eventsStatement,
  profilesStatement,
  recordEventsStatement,
} from './learning-statements.ts'
import { dueTenantsStatement, noteSecretsStatement } from './learning-tenants.ts'

export function createLearning(ask: Ask): Learning {
  return {
    async readDue(tenantIds, batch) {
      const rows = await ask((sql) => dueTenantsStatement(sql, jsonText(tenantIds), batch))
      return rows.map(({ tenant }) => tenant)
    },

    async recordEvents(tenantId, events, from) {
      const parameter = jsonText({
        alive: from === 'stream',
        events: events.map((event) => ({
          log_key: event.key,
          kind: event.kind,
          user_key: event.user,
          previous_user_key: event.previousUser,
          at: event.at,
          address: event.address,
          request: event.request,
          mail_domains: event.mailDomains,
        })),
      })
      const [row] = await ask((sql) => recordEventsStatement(sql, tenantId, parameter))
      return row?.added ?? 0
    },

    async readEvents(tenantId, batch) {
      const rows = await ask((sql) => eventsStatement(sql, tenantId, batch))
      return rows.map(eventFrom)
    },

    async readClaims(tenantId, batch) {
      const rows = await ask((sql) => claimsStatement(sql, tenantId, batch))
      return rows.map(claimFrom)
    },

    async confirm(tenantId, { records, events, claimsReadUntil }) {
      const parameter = jsonText({
        records: records.map(({ id, openedAt }) => ({ id, opened_at: openedAt })),
        events,
        claims_read_until: claimsReadUntil,
      })
      await ask((sql) => confirmStatement(sql, tenantId, parameter))
    },

    async readConfirmed(tenantId, limit) {
      const rows = await ask((sql) => confirmedStatement(sql, tenantId, limit))
      return rows.map(recordFrom)
    },

    async readProfiles(tenantId, users) {
      const rows = await ask((sql) => profilesStatement(sql, tenantId, jsonText(users)))
      return new Map(
        rows.map(({ user_key, profile, revision }) => [user_key, { profile, revision }]),
      )
    },

    async fold(tenantId, folds) {
      const parameter = jsonText(folds.map(foldParameter))
      const [row] = await ask<{ readonly folded: number }>(
        (sql) => sql`
          select fold_profiles(${tenantId}::text, ${parameter}::text::jsonb) as folded`,
      )
      return row?.folded ?? 0
    },

    async noteSecrets(tenantIds, { current, previous }, days) {
      const known = [current, previous ?? current]
      const parameter = jsonText({ tenants: tenantIds, current, known, days })
      const rows = await ask((sql) => noteSecretsStatement(sql, parameter))
      return rows.map(({ tenant }) => tenant)
    },

    async countBaselines(tenantId) {
      await ask((sql) => sql`select count_baselines(${tenantId}::text)`)
    },
  }
}

const previous = (key: string | null) => (key === null ? {} : { previousUser: key })

const eventFrom = (row: EventRow) => ({
  key: row.log_key,
  kind: row.kind,
  user: row.user_key,
  ...previous(row.previous_user_key),
  at: row.at,
  ...(row.address === null ? {} : { address: row.address }),
  ...(row.request === null ? {} : { request: row.request }),
  ...(row.disposable_email === null ? {} : { disposableEmail: row.disposable_email }),
  records: row.records.map(candidateFrom),
})

const claimFrom = (row: ClaimRow) => ({
  id: row.id,
  openedAt: row.opened_at,
  at: row.at,
  ...(row.last_reset_age_days === null ? {} : { lastResetAgeDays: row.last_reset_age_days }),
  records: row.records.map(candidateFrom),
})

const recordFrom = (row: ConfirmedRow) => ({
  id: row.id,
  openedAt: row.opened_at,
  user: row.user_key,
  ...previous(row.previous_user_key),
  facts: row.facts,
})

const foldParameter = ({
  user,
  revision,
  adopts,
  profile,
  records,
  events,
  counts,
}: ProfileFold) => ({
  user_key: user,
  revision,
  adopts: adopts?.user,
  adopts_revision: adopts?.revision,
  profile,
  assessments: records.map(({ id, openedAt }) => ({ id, opened_at: openedAt })),
  events,
  counts,
})
