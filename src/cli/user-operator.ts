/**
 * What the operator's commands share: a connection of their own, the tenant they work on, who sits at
 * the terminal, and the pseudonyms of people and addresses, for which the service's secret is needed.
 */
import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { Command } from 'commander'
import { createIdentifiers } from '../verifier/identifiers.ts'
import type { Identifiers } from '../verifier/ports.ts'
import { createClient } from '../verifier/store/client.ts'
import { type Connection, type Operator, readTenants } from '../verifier/store/lists.ts'
import { databaseUrl } from './database-url.ts'
import { EXIT, Failure } from './failure.ts'
import { ambiguousTenant } from './tenant-choice.ts'

export interface OperatorFlags {
  readonly databaseUrl?: string
  readonly tenant?: string
}

export const withOperatorOptions = (command: Command): Command =>
  command
    .option('--tenant <id>', 'default: the only tenant that has a policy')
    .option('--database-url <url>', 'a role that may write; default: DATABASE_URL')

/** One connection, ended afterwards. */
export async function operate<Result>(
  flags: OperatorFlags,
  work: (sql: Connection, operator: Operator) => Promise<Result>,
): Promise<Result> {
  const sql = createClient(databaseUrl(flags.databaseUrl), { connections: 1, connectSeconds: 5 })
  try {
    return await work(sql, { tenantId: flags.tenant ?? (await onlyTenant(sql)), actor: actor() })
  } finally {
    await sql.end({ timeout: 5 })
  }
}

async function onlyTenant(sql: Connection): Promise<string> {
  const [only, ...others] = await readTenants(sql)
  if (only === undefined) {
    throw new Failure('No tenant has a policy yet: name one with --tenant.', EXIT.usage)
  }
  if (others.length === 0) return only
  throw ambiguousTenant([only, ...others])
}

/** The system's name for whoever runs the command; what they do stays in the audit. */
const actor = (): string => `cli:${userInfo().username}`

/**
 * As the service makes them, hence with its variables. The previous secret's come second, while it is
 * still given.
 */
export function operatorIdentifiers(): Identifiers {
  const secret = readSecret('RV_IDENTIFIER_SECRET')
  if (secret === undefined) {
    throw new Failure(
      'Set RV_IDENTIFIER_SECRET as the service has it: people and addresses are stored under it.',
      EXIT.usage,
    )
  }
  return createIdentifiers(secret, readSecret('RV_IDENTIFIER_SECRET_PREVIOUS'))
}

function readSecret(name: string): string | undefined {
  const file = process.env[`${name}_FILE`]
  const value = process.env[name]
  if (value || !file) return value || undefined
  return readFileSync(file, 'utf8').replace(/\r?\n$/, '') || undefined
}

/** A person's pseudonyms, under the current secret first. */
export function userKeys(tenantId: string, subject: string): readonly string[] {
  const { previous, ...current } = operatorIdentifiers()
  return [current, previous]
    .filter((one) => one !== undefined)
    .map((one) => one.pseudonym(tenantId, 'user', subject))
}

/** Seconds of `30m`, `12h`, `7d`; `Failure` for anything else. */
export function parseDuration(text: string): number {
  const [, digits, unit] = /^([1-9]\d{0,3})([mhd])$/.exec(text) ?? []
  if (digits === undefined) {
    throw new Failure(
      `${text} is no duration: give minutes, hours or days, such as 90m, 12h or 30d.`,
      EXIT.usage,
    )
  }
  return Number(digits) * (unit === 'm' ? 60 : unit === 'h' ? 3600 : 86_400)
}

/** Columns as wide as their longest cell. The head stands first. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
