/** Lists and persons in the operator's API. */
import * as z from 'zod'
import { LIST_KINDS } from '../domain/facts.ts'
import { instant, pseudonym } from './admin-common.ts'

const kind = z.enum(LIST_KINDS).meta({ id: 'ListKind' })
const action = z.enum(['deny', 'allow'])
const plain = z.string().min(1).max(255).meta({
  description:
    'A user_id, one address, a country’s two letters, an AS number, a client id; a device by its pseudonym. Users and addresses are stored under pseudonyms alone.',
})

export const listEntry = z
  .strictObject({
    kind,
    action,
    value: z.string().meta({ description: 'As stored.' }),
    note: z.string().nullable(),
    expires_at: instant.nullable(),
    created_at: instant,
  })
  .meta({ id: 'ListEntry' })

export const lists = z.strictObject({
  entries: z.array(listEntry),
  feeds: z.array(
    z
      .strictObject({
        kind: z.string(),
        source: z.string().nullable(),
        entries: z.int().nullable(),
        ranges: z.int(),
        networks: z.int(),
        loaded_at: instant,
      })
      .meta({ id: 'ListFeed' }),
  ),
})

const named = {
  value: plain.exactOptional(),
  pseudonym: pseudonym
    .exactOptional()
    .meta({ description: 'Instead of `value`, for a user, address or device of a record.' }),
}

export const entryPut = z.strictObject({
  kind,
  action,
  ...named,
  note: z.string().trim().min(1).max(500).meta({ description: 'For whoever reads it next year.' }),
  expires_in_seconds: z
    .int()
    .min(60)
    .max(10 * 31_536_000)
    .nullable()
    .meta({ description: 'Null: for ever, which has to be said.' }),
})
export const entryAnswer = z.strictObject({ kind, action, value: z.string() })

export const entryRemoval = z.strictObject({ kind, ...named })
export const entryParams = { kind, value: z.string().min(1).max(255) }

export const subject = z.strictObject({
  subject: z.string().min(1).max(255).meta({ description: 'Auth0’s user_id.' }),
})
export const subjectExport = z
  .strictObject({
    tenant: z.string(),
    subject: z.string(),
    pseudonyms: z.array(z.string()),
    stored: z
      .looseObject({})
      .meta({ description: 'Everything under these pseudonyms, as stored.' }),
  })
  .meta({ id: 'SubjectExport' })
export const subjectErasure = z.strictObject({
  erased: z.record(z.string(), z.int()).meta({ description: 'Table → rows deleted.' }),
})
