/**
 * JSON Schema of the policy document, for editors that complete and underline. Made from the schema that
 * decides; it is looser, because agreement between members (a value and its signal's kind, ids that are
 * unique, thresholds in order) cannot be written in it. What counts is `parsePolicy`.
 */
import * as z from 'zod'
import { policyDocumentSchema } from './policy-document.ts'

/** Draft 2020-12, as a value to be serialised. */
export const policyJsonSchema = (): Readonly<Record<string, unknown>> => ({
  ...z.toJSONSchema(policyDocumentSchema, { target: 'draft-2020-12', reused: 'ref' }),
  title: 'redirect-verifier policy document',
})
