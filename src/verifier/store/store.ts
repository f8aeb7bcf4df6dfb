/**
 * The Store over anything that can ask Postgres a question. What differs between runtimes (whose
 * connection, how long, how many at once) is the asking; the questions and their answers are the same.
 */
import {
  type OpenAssessment,
  type Opened,
  type Opening,
  type Store,
  StoreError,
  type TenantSettings,
} from '../ports.ts'
import type { Ask } from './ask.ts'
import { type OpenRow, openParameter, openStatement } from './open-statement.ts'
import { createSettle } from './settle.ts'
import {
  checkStatement,
  policyStatement,
  type SettingsRow,
  settingsStatement,
  shadowStatement,
  unsettledStatement,
} from './statements.ts'
import { isCutShort } from './store-error.ts'

export function createStore(ask: Ask): Store {
  return {
    async open(opening) {
      const parameter = openParameter(opening)
      const open = async () => only(await ask((sql) => openStatement(sql, parameter)))
      // Whether it was committed nobody knows. Asking again tells: the token is its key.
      const row = await open().catch((error: unknown) => {
        if (isCutShort(error)) return open()
        throw error
      })
      // A repeat whose winner committed after the snapshot was taken; a new snapshot shows it.
      const unseen = row.fresh === false && row.id === null && !row.state_conflict
      return openedFrom(unseen ? await open() : row, opening)
    },

    settle: createSettle(ask),

    async readUnsettled(olderThanSeconds, limit, exceptPolicies = []) {
      const rows = await ask((sql) =>
        unsettledStatement(sql, olderThanSeconds, limit, exceptPolicies),
      )
      return rows.map((row) => assessmentFrom(row.tenant, { ...row, decision: null }))
    },

    async readPolicy(tenantId, policyId) {
      const [policy] = await ask((sql) => policyStatement(sql, tenantId, policyId))
      return policy
    },

    async readShadows(known) {
      const rows = await ask((sql) => shadowStatement(sql, known))
      return rows.map(({ tenant, flow, id, body }) => ({
        ...{ tenantId: tenant, flow, id },
        ...(body === null ? {} : { body }),
      }))
    },

    async readSettings() {
      const rows = await ask(settingsStatement)
      return new Map(rows.map((row) => [row.tenant, settingsFrom(row)]))
    },

    async check() {
      const row = only(await ask(checkStatement))
      return { schema: row.schema, epochSeconds: row.epoch_seconds }
    },
  }
}

/** The only row of a statement that always gives one. */
function only<Row>(rows: readonly Row[]): Row {
  const [row] = rows
  if (row === undefined) throw new StoreError('unknown', 'NO_ROW')
  return row
}

function openedFrom(row: OpenRow, { tenantId }: Opening): Opened {
  if (!row.policy_active) return { kind: 'no_policy' }
  if (row.fresh === null) return { kind: 'token_spent' }
  if (row.id === null) return { kind: row.state_conflict ? 'state_conflict' : 'token_spent' }
  return {
    kind: 'opened',
    fresh: row.fresh,
    assessment: assessmentFrom(tenantId, { ...row, id: row.id }),
    ...(row.policy_body === null ? {} : { policy: { id: row.policy_id, body: row.policy_body } }),
  }
}

type RecordRow = Pick<
  OpenRow,
  'reference' | 'opened_at' | 'flow' | 'engine_version' | 'policy_id' | 'facts' | 'decision'
> & { readonly id: string }

const assessmentFrom = (tenantId: string, row: RecordRow): OpenAssessment => ({
  tenantId,
  id: row.id,
  reference: row.reference,
  openedAt: row.opened_at,
  flow: row.flow,
  engineVersion: row.engine_version,
  policyId: row.policy_id,
  facts: row.facts,
  ...(row.decision === null ? {} : { decision: row.decision }),
})

const settingsFrom = (row: SettingsRow): TenantSettings => ({
  ...(row.name === null ? {} : { name: row.name }),
  ...(row.logo_url === null ? {} : { logoUrl: row.logo_url }),
  ...(row.color === null ? {} : { color: row.color }),
  ...(row.support_url === null ? {} : { supportUrl: row.support_url }),
  ...(row.restart_url === null ? {} : { restartUrl: row.restart_url }),
  requireClick: row.require_click,
  continueMethod: row.continue_method,
})
