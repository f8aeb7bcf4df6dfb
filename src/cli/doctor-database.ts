/** What `doctor` makes of a database that it looked at. */
import type { DatabaseLook, Looked, RecordsLook } from '../../db/diagnosis.ts'
import { SCHEMA_VERSION } from '../../db/schema-version.ts'
import type { Finding } from './findings.ts'

/** Beyond this the service is not ready: its tokens would be refused, or live too long. */
const MAX_SKEW_SECONDS = 5
const NOTICEABLE_SKEW_SECONDS = 1
const OLDEST_SERVER = 150_000

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there: is the server up, and host and port right?',
  ENOTFOUND: 'The host name is unknown: look at DATABASE_URL.',
  CONNECT_TIMEOUT: 'It does not answer: is a firewall in between?',
  '28P01': 'The password is wrong.',
  '28000': 'The role may not log in from here.',
  '3D000': 'There is no database of that name.',
  '53300': 'All its connections are taken: lower the pools, or raise max_connections.',
}

export function databaseFindings(looked: Looked, nowSeconds: number): readonly Finding[] {
  if (!looked.ok) {
    const todo = REASONS[looked.code] ?? 'Try the same URL with psql from this machine.'
    return [{ check: 'database', level: 'error', text: `cannot be asked: ${looked.code}`, todo }]
  }
  const { look } = looked
  return [
    serverFinding(look),
    ...safetyFindings(look),
    schemaFinding(look),
    clockFinding(look, nowSeconds),
    ...(look.records ? recordFindings(look.records) : []),
  ]
}

const isEnough = ({ serverVersion }: DatabaseLook) => serverVersion >= OLDEST_SERVER

function serverFinding(look: DatabaseLook): Finding {
  const version = `PostgreSQL ${Math.floor(look.serverVersion / 10_000)}`
  if (!isEnough(look))
    return {
      check: 'database',
      level: 'error',
      text: `${version} is too old`,
      todo: 'PostgreSQL 15 or newer is needed.',
    }
  return {
    check: 'database',
    level: 'ok',
    text: `${version} answers, ${look.encrypted ? 'over TLS' : 'without TLS'}`,
  }
}

function safetyFindings({
  readOnly,
  forgetful,
  mayChangeTables,
}: DatabaseLook): readonly Finding[] {
  return [
    ...(readOnly
      ? [
          {
            check: 'database',
            level: 'error',
            text: 'it is read-only',
            todo: 'Point DATABASE_URL at the primary.',
          } as const,
        ]
      : []),
    forgetful
      ? {
          check: 'durability',
          level: 'error',
          text: 'fsync or synchronous_commit is off: a crash forgets answers that were given',
          todo: 'Turn both on, for this role at least.',
        }
      : { check: 'durability', level: 'ok', text: 'what is answered is on disk first' },
    mayChangeTables
      ? {
          check: 'role',
          level: 'warning',
          text: 'the role may create tables',
          todo: 'Run the service as a role that holds redirect_verifier_app: db/grants.sql.',
        }
      : { check: 'role', level: 'ok', text: 'has no right to change tables' },
  ]
}

function schemaFinding({ schema }: DatabaseLook): Finding {
  const todo = 'redirect-verifier migrate, as the owner of the tables'
  if (schema === undefined)
    return { check: 'schema', level: 'error', text: 'there are no tables yet', todo }
  if (schema < SCHEMA_VERSION)
    return {
      check: 'schema',
      level: 'error',
      text: `is at version ${schema}; this build needs ${SCHEMA_VERSION}`,
      todo,
    }
  if (schema > SCHEMA_VERSION)
    return {
      check: 'schema',
      level: 'warning',
      text: `is at version ${schema}, newer than this build's ${SCHEMA_VERSION}`,
      todo: 'Finish the upgrade: a newer build migrated it.',
    }
  return { check: 'schema', level: 'ok', text: `is at version ${schema}` }
}

function clockFinding({ epochSeconds }: DatabaseLook, nowSeconds: number): Finding {
  const skew = Math.round((nowSeconds - epochSeconds) * 10) / 10
  const text = `this machine's is ${skew} s from the database's`
  const todo = 'Let both follow NTP. Auth0 signs by its own clock, and 5 s are forgiven.'
  if (Math.abs(skew) > MAX_SKEW_SECONDS) return { check: 'clock', level: 'error', text, todo }
  if (Math.abs(skew) > NOTICEABLE_SKEW_SECONDS)
    return { check: 'clock', level: 'warning', text, todo }
  return { check: 'clock', level: 'ok', text: 'agrees with the database' }
}

function recordFindings({ unsettled, strays, roomAhead }: RecordsLook): readonly Finding[] {
  return [
    unsettled === 0
      ? { check: 'records', level: 'ok', text: 'every decision is written down' }
      : {
          check: 'records',
          level: 'warning',
          text: `${unsettled} decisions of the last days are not written down`,
          todo: 'A running service settles them within a minute. If it runs, look for sweep in its log.',
        },
    roomAhead && strays === 0
      ? { check: 'partitions', level: 'ok', text: 'there is room for next week' }
      : {
          check: 'partitions',
          level: 'warning',
          text: 'the partitions are behind',
          todo: 'A running service makes them every ten minutes. If it runs, look for tidy in its log.',
        },
  ]
}
