/** Read off the SQL itself: no statement reaches a table without naming whose rows it means. */
import { getTableName, is } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import type { Sql } from 'postgres'
import { describe, expect, it } from 'vitest'
import * as schema from '../../db/schema.ts'
import {
  claimsStatement,
  confirmedStatement,
  confirmStatement,
  eventsStatement,
  profilesStatement,
  recordEventsStatement,
} from '../../src/verifier/store/learning-statements.ts'
import {
  dueTenantsStatement,
  noteSecretsStatement,
} from '../../src/verifier/store/learning-tenants.ts'
import { openStatement } from '../../src/verifier/store/open-statement.ts'
import { settleStatement } from '../../src/verifier/store/settle-statement.ts'
import {
  checkStatement,
  policyStatement,
  settingsStatement,
  shadowStatement,
  unsettledStatement,
} from '../../src/verifier/store/statements.ts'

interface Text {
  readonly text: string
}

/** In place of the driver: the statement's text, parameters as `?`. */
const textOnly = (strings: TemplateStringsArray, ...values: readonly unknown[]): Text => ({
  text: strings.reduce((text, part, i) => {
    const value = values[i - 1]
    return `${text}${typeof value === 'object' ? (value as Text).text : '?'}${part}`
  }),
})
const sql = textOnly as unknown as Sql
const textOf = (statement: unknown) => (statement as Text).text

const SETTLEMENTS = { tenantId: 'a', first: 'b', last: 'c', settlements: '[]' }
const OF_ONE_TENANT = {
  open: textOf(openStatement(sql, '{}')),
  settle: textOf(settleStatement(sql, SETTLEMENTS)),
  policy: textOf(policyStatement(sql, 'a', 1)),
  recordEvents: textOf(recordEventsStatement(sql, 'a', '[]')),
  events: textOf(eventsStatement(sql, 'a', { limit: 1, olderThanSeconds: 1 })),
  claims: textOf(claimsStatement(sql, 'a', { limit: 1, olderThanSeconds: 1 })),
  confirm: textOf(confirmStatement(sql, 'a', '{}')),
  confirmed: textOf(confirmedStatement(sql, 'a', 1)),
  profiles: textOf(profilesStatement(sql, 'a', '[]')),
  noteSecrets: textOf(noteSecretsStatement(sql, '{}')),
  dueTenants: textOf(dueTenantsStatement(sql, '[]', { olderThanSeconds: 1 })),
}
/** On purpose; each returns the tenant of every row, or no row of anybody. */
const OF_ALL_TENANTS = {
  unsettled: textOf(unsettledStatement(sql, 1, 1, [])),
  settings: textOf(settingsStatement(sql)),
  shadows: textOf(shadowStatement(sql, [])),
  check: textOf(checkStatement(sql)),
}

const tables = Object.values(schema).flatMap((value) =>
  is(value, PgTable) ? [getTableName(value)] : [],
)
const MENTION = new RegExp(`\\b(from|join|into|update)\\s+(${tables.join('|')})\\b`, 'g')

describe('every statement of one tenant', () => {
  it.each(Object.entries(OF_ONE_TENANT))('%s names the tenant at each table', (_name, text) => {
    const mentions = [...text.matchAll(MENTION)]
    expect(mentions.length).toBeGreaterThan(0)
    for (const [i, mention] of mentions.entries()) {
      const until = mentions[i + 1]?.index ?? text.length
      expect(text.slice(mention.index, until), `${mention[0]}`).toMatch(/\btenant\b/)
    }
  })

  it('the check of mentions sees the tables that the one statement is known to touch', () => {
    const touched = new Set([...OF_ONE_TENANT.open.matchAll(MENTION)].map(([, , table]) => table))
    for (const table of [
      'policy',
      'redemption',
      'state_claim',
      'release',
      'rate_gcra',
      'user_profile',
      'entity_list',
      'range_list',
      'ip_range',
      'assessment',
    ]) {
      expect([...touched]).toContain(table)
    }
  })
})

it.each(['unsettled', 'settings'] as const)('%s returns the tenant of each row', (name) => {
  expect(OF_ALL_TENANTS[name]).toMatch(/^\s*select tenant,/)
})

it('the check reads no table of a tenant', () => {
  expect(OF_ALL_TENANTS.check).not.toMatch(MENTION)
})

it.each(Object.entries({ ...OF_ONE_TENANT, ...OF_ALL_TENANTS }))(
  '%s takes its parameters as text alone, cast in SQL',
  (_name, text) => {
    const parameters = text.split('?').slice(1)
    for (const after of parameters) expect(after).toMatch(/^::text\b/)
  },
)
