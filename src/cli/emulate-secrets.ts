/**
 * Secrets for emulated Actions: from the command line, from a file, and through the keyword replacement of
 * auth0-deploy-cli. Values are handed to the Actions and printed nowhere.
 */
import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import * as z from 'zod'
import { EXIT, Failure } from './failure.ts'

export type Secrets = Readonly<Record<string, string>>

const JSON_SECRETS = z.record(z.string(), z.string())

/** `NAME=VALUE` each; those of the command line stand over those of the files. */
export function readSecrets(files: readonly string[], given: readonly string[]): Secrets {
  const all: Record<string, string> = {}
  for (const file of files) Object.assign(all, readSecretFile(file))
  for (const one of given) {
    const at = one.indexOf('=')
    // The value is not repeated: it may be half of a secret.
    if (at < 1) throw new Failure('Write --secret NAME=VALUE.', EXIT.usage)
    all[one.slice(0, at)] = one.slice(at + 1)
  }
  return all
}

function readSecretFile(file: string): Secrets {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw new Failure(`The file of secrets ${file} cannot be read.`, EXIT.usage)
  }
  if (!/\.json$/i.test(file)) return onlyTexts(parseEnv(text))
  const parsed = JSON_SECRETS.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw new Failure(`${file} must be a JSON object of names and texts.`, EXIT.usage)
}

const onlyTexts = (values: Readonly<Record<string, string | undefined>>): Secrets =>
  Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `##NAME##` becomes the text, `@@NAME@@` (quoted or not) its JSON; unknown names stay as they are. */
export function replaceKeywords(text: string, values: Secrets): string {
  return text
    .replaceAll(/##(\w+)##/g, (whole, name: string) => values[name] ?? whole)
    .replaceAll(/"?@@(\w+)@@"?/g, (whole, name: string) =>
      values[name] === undefined ? whole : JSON.stringify(values[name]),
    )
}

/** What an export of the deploy CLI writes in place of a secret it cannot know, and what nobody replaced. */
const NO_VALUE = /^(_VALUE_NOT_SHOWN_|##\w+##|@@\w+@@)$/

export interface ResolvedSecrets {
  readonly values: Secrets
  /** Declared, and given by nobody. */
  readonly missing: readonly string[]
}

/** `declared`: name → value in the Action's own configuration. */
export function resolveSecrets(
  declared: Readonly<Record<string, string | undefined>>,
  given: Secrets,
): ResolvedSecrets {
  const values: Record<string, string> = {}
  const missing: string[] = []
  for (const [name, own] of Object.entries(declared)) {
    const value = given[name] ?? (own === undefined ? undefined : replaceKeywords(own, given))
    if (value === undefined || NO_VALUE.test(value)) missing.push(name)
    else values[name] = value
  }
  return { values, missing }
}
