/** Lists, and what is stored of one person. */
import * as z from 'zod'
import type { ListKind } from '../domain/facts.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { entryFault, isPseudonymous, storedListValue } from '../lists-values.ts'
import { tenantId } from '../schema/admin-common.ts'
import {
  entryAnswer,
  entryParams,
  entryPut,
  entryRemoval,
  lists,
  subject,
  subjectErasure,
  subjectExport,
} from '../schema/admin-lists.ts'
import type { AdminDeps } from './admin-deps.ts'
import type { Problem } from './problem.ts'
import { type AdminRoute, route } from './route.ts'
import { subjectKeys } from './subject-keys.ts'

const tenantParams = z.strictObject({ tenant: tenantId })

const NO_ENTRY: Problem = { code: 'not_found', detail: 'There is no such entry.' }

export const LIST_ROUTES: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/tenants/{tenant}/lists',
    id: 'readLists',
    tag: 'lists',
    role: 'viewer',
    summary: 'Entries, and the feeds that are loaded',
    params: tenantParams,
    answer: { description: 'Both.', schema: lists },
    async handle({ store }, { params }) {
      const [entries, feeds] = await Promise.all([
        store.readEntries(params.tenant),
        store.readFeeds(params.tenant),
      ])
      return ok({ entries: [...entries], feeds: [...feeds] })
    },
  }),
  route({
    method: 'put',
    path: '/tenants/{tenant}/lists/entries',
    id: 'putListEntry',
    tag: 'lists',
    role: 'operator',
    summary: 'Enter somebody or something, in place of the entry that was there',
    params: tenantParams,
    body: entryPut,
    answer: { description: 'Under which value it is stored.', schema: entryAnswer },
    async handle(deps, { params: { tenant }, body, actor }) {
      const { kind, action, note, expires_in_seconds: seconds } = body
      const fault = entryFault({ kind, action })
      if (fault !== undefined) return refuse(invalid('#/action', fault))
      const value = storedValue(deps, tenant, body)
      if (!value.ok) return value
      await deps.store.putEntry(
        tenant,
        {
          kind,
          action,
          value: value.value,
          note,
          ...(seconds === null ? {} : { expiresInSeconds: seconds }),
        },
        actor,
      )
      return ok({ kind, action, value: value.value })
    },
  }),
  route({
    method: 'delete',
    path: '/tenants/{tenant}/lists/entries/{kind}/{value}',
    id: 'deleteListEntry',
    tag: 'lists',
    role: 'operator',
    summary: 'Take away an entry, by its value as it is stored',
    params: z.strictObject({ tenant: tenantId, ...entryParams }),
    answer: { description: 'It is gone.', schema: removed() },
    async handle({ store }, { params: { tenant, kind, value }, actor }) {
      const done = await store.removeEntry(tenant, { kind, value }, actor)
      return done ? ok({ removed: true as const }) : refuse(NO_ENTRY)
    },
  }),
  route({
    method: 'post',
    path: '/tenants/{tenant}/lists/entries/remove',
    id: 'removeListEntry',
    tag: 'lists',
    role: 'operator',
    summary: 'Take away an entry, by its value as a person knows it',
    description:
      'A post, because a user_id or an address does not belong into an address that is logged.',
    params: tenantParams,
    body: entryRemoval,
    answer: { description: 'It is gone.', schema: removed() },
    async handle(deps, { params: { tenant }, body, actor }) {
      const value = storedValue(deps, tenant, body)
      if (!value.ok) return value
      const entry = { kind: body.kind, value: value.value }
      const done = await deps.store.removeEntry(tenant, entry, actor)
      return done ? ok({ removed: true as const }) : refuse(NO_ENTRY)
    },
  }),
  route({
    method: 'post',
    path: '/tenants/{tenant}/users/export',
    id: 'exportUser',
    tag: 'users',
    role: 'admin',
    summary: 'Everything that is stored of one person, for an access request',
    params: tenantParams,
    body: subject,
    answer: { description: 'As it is stored.', schema: subjectExport },
    async handle({ store, identifiers }, { params: { tenant }, body, actor }) {
      const keys = subjectKeys(identifiers, tenant, body.subject)
      const stored = await store.exportSubject(tenant, keys, actor)
      return ok({
        tenant,
        subject: body.subject,
        pseudonyms: [...keys.users],
        stored: { ...stored },
      })
    },
  }),
  route({
    method: 'post',
    path: '/tenants/{tenant}/users/erase',
    id: 'eraseUser',
    tag: 'users',
    role: 'admin',
    summary: 'Delete everything that is stored of one person',
    description:
      'There is no way back. Counts over everybody keep their sums; spent tokens stay spent, without saying by whom; the audit keeps that it happened.',
    params: tenantParams,
    body: subject,
    answer: { description: 'How many rows went.', schema: subjectErasure },
    async handle({ store, identifiers }, { params: { tenant }, body, actor }) {
      const keys = subjectKeys(identifiers, tenant, body.subject)
      return ok({ erased: { ...(await store.eraseSubject(tenant, keys, actor)) } })
    },
  }),
]

function removed() {
  return z.strictObject({ removed: z.literal(true) })
}

interface Named {
  readonly kind: ListKind
  readonly value?: string
  readonly pseudonym?: string
}

function storedValue(
  { identifiers }: AdminDeps,
  tenant: string,
  { kind, value, pseudonym }: Named,
): Result<string, Problem> {
  if ((value === undefined) === (pseudonym === undefined)) {
    return refuse(invalid('#/value', 'give either value or pseudonym'))
  }
  if (pseudonym !== undefined) {
    if (isPseudonymous(kind)) return ok(pseudonym)
    return refuse(invalid('#/pseudonym', `a ${kind} has none: give its value`))
  }
  const stored = storedListValue(() => identifiers, tenant, kind, value ?? '')
  return stored.ok ? stored : refuse(invalid('#/value', stored.error))
}

const invalid = (pointer: string, detail: string): Problem => ({
  code: 'invalid',
  detail,
  errors: [{ pointer, detail }],
})
