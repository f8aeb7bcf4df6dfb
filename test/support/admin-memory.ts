/**
 * The AdminStore in memory, for tests of what stands above it: it keeps what it is given, audits each
 * change as the real one does, and fails when it is told to. No pages beyond the first are asked of it
 * but by `cursor`, which is an index.
 */
import type { PolicyDocument } from '../../src/verifier/domain/policy.ts'
import { StoreError } from '../../src/verifier/ports.ts'
import type {
  Actor,
  AdminStore,
  ApiTokenRow,
  AssessmentRecord,
  AuditRow,
  ListEntry,
  Page,
  PageRequest,
  PolicyKey,
  PolicyVersion,
  Summary,
} from '../../src/verifier/ports-admin.ts'
import { SERVICE_TENANT } from '../../src/verifier/ports-admin.ts'

export interface AdminMemory extends AdminStore {
  readonly audit: (AuditRow & { readonly tenant: string })[]
  readonly policies: PolicyVersion[]
  readonly records: AssessmentRecord[]
  readonly entries: (ListEntry & { readonly tenant: string })[]
  readonly tokens: (ApiTokenRow & { readonly hash: string })[]
  readonly sessions: Map<string, { readonly actor: Actor; readonly displayName: string }>
  readonly released: { readonly id: string; readonly seconds: number }[]
  readonly erased: string[][]
  /** What was asked, by name of the method. */
  readonly calls: string[]
  /** Every method fails from now on. */
  fail(kind: StoreError['kind'] | undefined): void
}

const AT = '2027-01-15T08:00:00Z'
const EMPTY_SUMMARY: Summary = { buckets: [], reasons: [], users: 0, review: 0, confirmed: 0 }

export function createAdminMemory(): AdminMemory {
  const audit: AdminMemory['audit'] = []
  const policies: PolicyVersion[] = []
  const records: AssessmentRecord[] = []
  const entries: AdminMemory['entries'] = []
  const tokens: AdminMemory['tokens'] = []
  const sessions: AdminMemory['sessions'] = new Map()
  const released: AdminMemory['released'] = []
  const erased: string[][] = []
  const calls: string[] = []
  let failing: StoreError['kind'] | undefined

  const note = (tenant: string, actor: Actor, action: string, subject: string, detail = {}) => {
    const id = String(audit.length + 1)
    audit.unshift({ id, tenant, at: AT, actor: actor.name, action, subject, detail })
  }
  const find = ({ tenant, flow, version }: PolicyKey) =>
    policies.findIndex(
      (own) => own.tenant === tenant && own.flow === flow && own.version === version,
    )
  const setStatus = (at: number, status: PolicyVersion['status']) => {
    policies[at] = { ...(policies[at] as PolicyVersion), status }
  }
  const named = ({ flow, version }: Pick<PolicyKey, 'flow' | 'version'>) => `${flow} ${version}`

  const store: AdminStore = {
    async listPolicies(tenant) {
      return policies
        .filter((own) => own.tenant === tenant)
        .sort((a, b) => (a.flow === b.flow ? b.version - a.version : a.flow < b.flow ? -1 : 1))
    },
    async readPolicy(key) {
      return policies[find(key)]
    },
    async addPolicy(tenant, document, status, actor) {
      const { flow, version } = document
      if (find({ tenant, flow, version }) !== -1) return 'taken'
      const id = policies.length + 1
      policies.push({ id, tenant, flow, version, status: 'draft', created_at: AT, body: document })
      note(tenant, actor, 'policy.add', named(document))
      if (status === 'active') await store.activatePolicy({ tenant, flow, version }, actor)
      if (status === 'shadow') await store.shadowPolicy({ tenant, flow, version }, actor)
      return 'added'
    },
    async activatePolicy(key, actor) {
      const at = find(key)
      if (at === -1) return 'absent'
      const before = policies.findIndex(
        ({ tenant, flow, status }, index) =>
          tenant === key.tenant && flow === key.flow && status === 'active' && index !== at,
      )
      if (before !== -1) setStatus(before, 'retired')
      setStatus(at, 'active')
      note(key.tenant, actor, 'policy.activate', named(key))
      return { replaced: policies[before]?.version ?? null }
    },
    async shadowPolicy(key, actor) {
      const at = find(key)
      if (at === -1) return 'absent'
      if (policies[at]?.status === 'active') return 'active'
      setStatus(at, 'shadow')
      note(key.tenant, actor, 'policy.shadow', named(key))
      return 'shadowed'
    },
    async retireShadow(key, actor) {
      const at = find(key)
      if (policies[at]?.status !== 'shadow') return false
      setStatus(at, 'retired')
      note(key.tenant, actor, 'policy.retire', named(key))
      return true
    },
    async countShadow() {
      return [{ active: 'allow', shadow: 'step_up', records: 3, users: 2 }]
    },
    async replay({ tenant, flow }, take, signal) {
      for (const record of records) {
        if (signal.aborted) return
        if (record.tenant === tenant && record.flow === flow && record.assessed !== null)
          take({ facts: record.facts, user: record.user, assessed: record.assessed })
      }
    },
    async countReplay({ tenant, flow }) {
      return records.filter((own) => own.tenant === tenant && own.flow === flow).length
    },
    async listAssessments(tenant, filter) {
      const lines = records
        .filter((own) => own.tenant === tenant)
        .filter(({ user }) => filter.users === undefined || filter.users.includes(user))
        .filter(({ flow }) => filter.flow === undefined || filter.flow === flow)
        .map(({ tenant: _tenant, facts: _facts, decision: _decision, ...line }) => {
          const { policy: _policy, shadow: _shadow, ...rest } = line
          return rest
        })
      return pageOf(lines, filter)
    },
    async readAssessment(tenant, id) {
      return records.find((own) => own.tenant === tenant && own.id === id)
    },
    async releaseAssessment(tenant, id, seconds, actor) {
      const record = await store.readAssessment(tenant, id)
      if (record === undefined) return false
      released.push({ id, seconds })
      note(tenant, actor, 'assessment.release', record.reference)
      return true
    },
    async summarise() {
      return EMPTY_SUMMARY
    },
    async readEntries(tenant) {
      return entries.filter((own) => own.tenant === tenant).map(({ tenant: _, ...entry }) => entry)
    },
    async readFeeds() {
      return []
    },
    async putEntry(tenant, { expiresInSeconds, ...entry }, actor) {
      const at = entries.findIndex(
        ({ tenant: own, kind, value }) =>
          own === tenant && kind === entry.kind && value === entry.value,
      )
      const expires_at = expiresInSeconds === undefined ? null : AT
      const row = { ...entry, tenant, expires_at, created_at: AT }
      if (at === -1) entries.push(row)
      else entries[at] = row
      note(tenant, actor, 'list.add', `${entry.kind} ${entry.value}`)
    },
    async removeEntry(tenant, { kind, value }, actor) {
      const at = entries.findIndex(
        (own) => own.tenant === tenant && own.kind === kind && own.value === value,
      )
      if (at === -1) return false
      entries.splice(at, 1)
      note(tenant, actor, 'list.remove', `${kind} ${value}`)
      return true
    },
    async exportSubject(tenant, { users }, actor) {
      note(tenant, actor, 'user.export', users[0] ?? '')
      return { profile: [], verifications: [] }
    },
    async eraseSubject(tenant, { users }, actor) {
      erased.push([...users])
      note(tenant, actor, 'user.erase', users[0] ?? '')
      return { profiles: 1, verifications: 2 }
    },
    async listAudit(tenant, filter) {
      return pageOf(
        audit.filter((row) => row.tenant === tenant).map(({ tenant: _, ...row }) => row),
        filter,
      )
    },
    async listTokens() {
      return tokens.map(({ hash: _, ...row }) => row)
    },
    async addToken({ name, role, hash, expiresInSeconds }, actor) {
      if (tokens.some((own) => own.name === name)) return 'taken'
      const row: ApiTokenRow = {
        id: String(tokens.length + 1),
        name,
        role,
        created_at: AT,
        expires_at: expiresInSeconds === undefined ? null : AT,
        last_used_at: null,
        revoked_at: null,
      }
      tokens.push({ ...row, hash })
      note(SERVICE_TENANT, actor, 'token.add', name)
      return row
    },
    async revokeToken(id, actor) {
      const at = tokens.findIndex((own) => own.id === id && own.revoked_at === null)
      const token = tokens[at]
      if (token === undefined) return false
      tokens[at] = { ...token, revoked_at: AT }
      note(SERVICE_TENANT, actor, 'token.revoke', token.name)
      return true
    },
    async findToken(hash) {
      const token = tokens.find((own) => own.hash === hash && own.revoked_at === null)
      return token && { name: `token:${token.name}`, role: token.role }
    },
    async addSession({ hash, actor, displayName }) {
      sessions.set(hash, { actor, displayName })
      note(SERVICE_TENANT, actor, 'session.begin', actor.name)
    },
    async findSession(hash) {
      return sessions.get(hash)
    },
    async endSession(hash) {
      sessions.delete(hash)
    },
  }

  const watched = Object.fromEntries(
    Object.entries(store).map(([name, method]) => [
      name,
      async (...parameters: unknown[]) => {
        calls.push(name)
        if (failing !== undefined) throw new StoreError(failing, 'TEST')
        return await (method as (...given: unknown[]) => unknown)(...parameters)
      },
    ]),
  ) as unknown as AdminStore

  return {
    ...watched,
    audit,
    policies,
    records,
    entries,
    tokens,
    sessions,
    released,
    erased,
    calls,
    fail: (kind) => {
      failing = kind
    },
  }
}

/** For tests that arrange. */
export const draftOf = (tenant: string, document: PolicyDocument): PolicyVersion => ({
  id: 1,
  tenant,
  flow: document.flow,
  version: document.version,
  status: 'draft',
  created_at: AT,
  body: document,
})

function pageOf<Item>(items: readonly Item[], { cursor, limit }: PageRequest): Page<Item> {
  const start = cursor === undefined ? 0 : Number(cursor)
  const next = start + limit < items.length ? { next: String(start + limit) } : {}
  return { items: items.slice(start, start + limit), ...next }
}
