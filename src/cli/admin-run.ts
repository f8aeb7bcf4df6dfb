/** What the `admin` commands do. */
import { randomBytes } from 'node:crypto'
import { hashApiToken, isApiToken, newApiToken } from '../verifier/admin/api-token.ts'
import { type Actor, type ApiTokenRow, type Role, SERVICE_TENANT } from '../verifier/ports-admin.ts'
import * as access from '../verifier/store/admin-access.ts'
import type { Connection } from '../verifier/store/lists.ts'
import { answer } from './answer.ts'
import { EXIT, Failure } from './failure.ts'
import { operate, parseDuration, tableOf } from './user-operator.ts'

interface Flags {
  readonly databaseUrl?: string
  readonly json?: true
}

/** Tokens are the service's, and no tenant's. */
const serving = <Result>(
  { databaseUrl }: Flags,
  work: (sql: Connection, actor: Actor) => Promise<Result>,
): Promise<Result> =>
  operate(
    { tenant: SERVICE_TENANT, ...(databaseUrl === undefined ? {} : { databaseUrl }) },
    (sql, { actor }) => work(sql, { name: actor, role: 'admin' }),
  )

interface CreateFlags extends Flags {
  readonly name: string
  readonly role: Role
  readonly expires?: string
}

export async function createToken(flags: CreateFlags): Promise<void> {
  const { name, role, expires } = flags
  const seconds = expires === undefined ? {} : { expiresInSeconds: parseDuration(expires) }
  const token = newApiToken((bytes) => randomBytes(bytes))
  const row = await serving(flags, (sql, actor) =>
    access.addToken(sql, { name, role, hash: hashApiToken(token), ...seconds }, actor),
  )
  if (row === 'taken') throw new Failure(`There is or was a token with the name ${name}.`)
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ ...row, token })}\n`)
    return
  }
  process.stdout.write(`${token}\n`)
  process.stderr.write(
    `Role ${role}, ${row.expires_at === null ? 'without an end' : `until ${row.expires_at}`}. It is shown this once.\n`,
  )
}

export async function listTokens(flags: Flags): Promise<void> {
  const tokens = await serving(flags, (sql) => access.listTokens(sql))
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(tokens)}\n`)
    return
  }
  if (tokens.length === 0) {
    process.stdout.write('There is no token.\n')
    return
  }
  const head = ['NAME', 'ROLE', 'CREATED', 'EXPIRES', 'LAST USED', 'REVOKED', 'ID']
  process.stdout.write(`${tableOf([head, ...tokens.map(rowOf)])}\n`)
}

const rowOf = (token: ApiTokenRow): readonly string[] => [
  token.name,
  token.role,
  token.created_at,
  token.expires_at ?? 'never',
  token.last_used_at ?? 'never',
  token.revoked_at ?? '',
  token.id,
]

export async function revokeToken(named: string, flags: Flags): Promise<void> {
  if (isApiToken(named)) {
    throw new Failure(
      'That is a token itself: it is in the history of this terminal now. Revoke it by its name.',
      EXIT.usage,
    )
  }
  const { name, revoked } = await serving(flags, async (sql, actor) => {
    const token = (await access.listTokens(sql)).find(
      ({ id, name }) => named === id || named === name,
    )
    if (token === undefined) throw new Failure(`There is no token ${named}.`)
    return { name: token.name, revoked: await access.revokeToken(sql, token.id, actor) }
  })
  if (!revoked) throw new Failure(`${name} was revoked already.`)
  answer(flags, { name, revoked }, `${name} is revoked.`)
}
