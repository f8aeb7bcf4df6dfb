/** Variables that hold JSON: every fault by its path, in words that never quote a value. */
import type * as z from 'zod'
import { toDotPath } from 'zod/v4/core'

export type Report = (message: string) => void

/** Undefined after reporting. */
export function parseJson(name: string, text: string, fault: Report): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The engine's own message quotes the text, which may hold secrets.
    fault(`${name} must be valid JSON`)
    return undefined
  }
}

/** Undefined after reporting every fault, each with its path below `name`. */
export function parseShape<T extends z.ZodType>(
  name: string,
  value: unknown,
  schema: T,
  fault: Report,
): z.output<T> | undefined {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  for (const issue of parsed.error.issues) {
    const path = toDotPath(issue.path)
    fault(`${name}${path === '' || path.startsWith('[') ? '' : '.'}${path} ${wordsFor(issue)}`)
  }
  return undefined
}

function wordsFor(issue: z.core.$ZodIssue): string {
  // The key is not named: it may be a value that slipped out of its place.
  if (issue.code === 'unrecognized_keys') return 'has a key that is not known here'
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    return `must be given as ${issue.expected}`
  }
  return issue.message
}
