/** What a person is stored under: by the current secret, and by the one before while it is configured. */
import type { Identifiers } from '../ports.ts'
import type { SubjectKeys } from '../ports-admin.ts'

export const userKeys = (
  identifiers: Identifiers,
  tenantId: string,
  subject: string,
): readonly string[] =>
  secretsOf(identifiers).map((one) => one.pseudonym(tenantId, 'user', subject))

export const subjectKeys = (
  identifiers: Identifiers,
  tenantId: string,
  subject: string,
): SubjectKeys => ({
  users: userKeys(identifiers, tenantId, subject),
  subjectHashes: secretsOf(identifiers).map((one) => one.digest('subject', tenantId, subject)),
})

const secretsOf = (identifiers: Identifiers) =>
  identifiers.previous === undefined ? [identifiers] : [identifiers, identifiers.previous]
