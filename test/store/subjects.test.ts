/** One user from the operator's side: exported, erased without a trace, listed, released once, filled from logs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { assessmentCommand } from '../../src/cli/assessment.ts'
import { Failure } from '../../src/cli/failure.ts'
import { historyCommand } from '../../src/cli/history.ts'
import { listCommand } from '../../src/cli/list.ts'
import { userCommand } from '../../src/cli/user.ts'
import type { Decision } from '../../src/verifier/domain/decision.ts'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { learnTurn, receiveEvents } from '../../src/verifier/learn.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { freshDatabase } from '../support/database.ts'
import { decisionOf, openingOf, PATIENT, policyOf } from '../support/openings.ts'
import { createArrangement } from '../support/postgres-arrangement.ts'
import { IDENTIFIER_SECRET } from '../support/tokens.ts'

const PREVIOUS_SECRET = 'pR3vBl9sQm4xRb7tZn0cLf5yHj8pDg1aEo6uTi3XkQw'
const database = await freshDatabase()
const { sql } = database
const arrange = createArrangement(database)
const store = createPoolStore(database.url, { ...PATIENT, connections: 2 })
const identifiers = createIdentifiers(IDENTIFIER_SECRET, PREVIOUS_SECRET)
const folder = mkdtempSync(join(tmpdir(), 'rv-subjects-'))

beforeAll(async () => {
  await arrange.activatePolicy('acme', policyOf())
})
beforeEach(async () => {
  await sql`
    truncate redemption, state_claim, assessment, user_profile, user_event, learning_state, release,
      global_total, global_feature, entity_list, rate_gcra`
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

/** A command in this process; what it prints, or the failure it ends with. */
async function cli(...words: string[]): Promise<{ readonly code: number; readonly out: string }> {
  vi.stubEnv('DATABASE_URL', database.url)
  vi.stubEnv('RV_IDENTIFIER_SECRET', IDENTIFIER_SECRET)
  vi.stubEnv('RV_IDENTIFIER_SECRET_PREVIOUS', PREVIOUS_SECRET)
  let out = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text
    return true
  })
  const program = new Command()
  for (const command of [assessmentCommand(), historyCommand(), listCommand(), userCommand()]) {
    program.addCommand(command)
  }
  try {
    await program.parseAsync(words, { from: 'user' })
    return { code: 0, out }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { code: error.exitCode, out: error.message }
  } finally {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  }
}

const SUBJECT = 'auth0|canary-6510'
const OTHER = 'auth0|bystander'
const userOf = (subject: string) => identifiers.pseudonym('acme', 'user', subject)
const now = async () => Math.floor((await store.check()).epochSeconds)

let names = 0
async function verify(subject = SUBJECT, decision: Partial<Decision> = {}, user = userOf(subject)) {
  names += 1
  const answer = await store.open(
    openingOf(`subject ${names}`, {
      user,
      subjectHash: identifiers.digest('subject', 'acme', subject),
    }),
  )
  if (answer.kind !== 'opened') throw new Error(answer.kind)
  await store.settle({ ...answer.assessment, decision: decisionOf(decision) })
  return answer.assessment
}
/** Everything of the database as text, but for the tables' own names. */
async function dump(): Promise<string> {
  const tables = await sql<{ name: string }[]>`
    select c.oid::regclass::text as name from pg_class c
    where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace`
  const rows = await Promise.all(
    tables.map(({ name }) => sql`select to_jsonb(t) as row from ${sql(name)} t`),
  )
  return JSON.stringify(rows)
}

/** Rows of every kind that a user can have. */
async function fill(subject: string): Promise<void> {
  await verify(subject)
  await verify(subject, { outcome: 'deny', assessed: 'step_up', needs_review: true })
  await cli('list', 'add', 'deny', 'user', subject, '--reason', `about ${subject}`, '--for', '30d')
  await arrange.release('acme', userOf(subject), 3600)
  const items = ['s', 'fp', 'sce'].map((type) => ({
    log_id: `${type} ${subject}`,
    data: {
      type,
      user_id: subject,
      date: new Date().toISOString(),
      ip: '203.0.113.9',
      user_name: subject,
    },
  }))
  await receiveEvents({ store, identifiers }, 'acme', items, await now())
  await learnTurn(store, 'acme', { olderThanSeconds: -60 })
}

/** Part of the export → the table it is. */
const TABLE_OF = {
  profile: 'user_profile',
  verifications: 'assessment',
  events: 'user_event',
  list_entries: 'entity_list',
  releases: 'release',
  velocity: 'rate_gcra',
  redemptions: 'redemption',
  audit: 'audit',
} as const

describe('user export', () => {
  it('prints everything of the user and nothing of another', async () => {
    await fill(SUBJECT)
    await fill(OTHER)
    const { code, out } = await cli('user', 'export', SUBJECT)
    expect(code).toBe(0)
    const exported = JSON.parse(out)
    expect(exported).toMatchObject({
      tenant: 'acme',
      user_id: SUBJECT,
      profile: [{ n: 1 }],
      list_entries: [{ note: `about ${SUBJECT}` }],
      velocity: [{ bucket: 'user' }],
    })
    expect(exported.verifications).toHaveLength(2)
    expect(exported.events).toHaveLength(3)
    expect(exported.releases).toHaveLength(1)
    expect(exported.redemptions).toHaveLength(2)
    expect(exported.audit).toContainEqual(
      expect.objectContaining({ action: 'list.add', subject: `user ${userOf(SUBJECT)}` }),
    )
    expect(out).not.toContain(userOf(OTHER))
  })

  it('prints each stored column, so that none that is added later is forgotten', async () => {
    await fill(SUBJECT)
    const exported = JSON.parse((await cli('user', 'export', SUBJECT)).out)
    for (const [part, table] of Object.entries(TABLE_OF)) {
      const columns = await sql<{ name: string }[]>`
        select column_name as name from information_schema.columns
        where table_schema = 'public' and table_name = ${table} and column_name <> 'tenant'`
      expect(Object.keys(exported[part][0]).sort(), part).toEqual(
        columns.map(({ name }) => name).sort(),
      )
    }
  })

  it('and each table that names a user by a column of its own', async () => {
    const tables = await sql<{ name: string }[]>`
      select distinct table_name as name from information_schema.columns
      join pg_class on pg_class.oid = ('public.' || quote_ident(table_name))::regclass
      where table_schema = 'public' and not relispartition
        and column_name ~ '(user_key|subject_hash|user_id)$'`
    const exported: readonly string[] = Object.values(TABLE_OF)
    expect(tables.length).toBeGreaterThan(4)
    expect(tables.map(({ name }) => name).filter((name) => !exported.includes(name))).toEqual([])
  })

  it('prints what the shadow versions made of each verification', async () => {
    const assessment = await verify()
    const shadow = [{ policy_version: 7, outcome: 'step_up' }]
    await sql`update assessment set shadow = ${JSON.stringify(shadow)}::text::jsonb
      where id = ${assessment.id}`
    const { verifications } = JSON.parse((await cli('user', 'export', SUBJECT)).out)
    expect(verifications).toMatchObject([{ id: assessment.id, shadow }])
  })

  it('finds what is still under the previous secret', async () => {
    const old = identifiers.previous?.pseudonym('acme', 'user', SUBJECT) as string
    await arrange.putProfile('acme', old, { n: 7, first_at: 1, last_at: 2, hist: {} })
    expect(JSON.parse((await cli('user', 'export', SUBJECT)).out).profile).toMatchObject([{ n: 7 }])
  })
})

describe('user erase', () => {
  it('leaves no row and no word of the user, and all of another', async () => {
    await fill(OTHER)
    // That it was exported before is noted in the audit, and exported next time.
    const stored = async () => ({
      ...JSON.parse((await cli('user', 'export', OTHER)).out),
      audit: undefined,
    })
    const before = await stored()
    await fill(SUBJECT)
    const [live] = await sql`select count(*)::integer as n from redemption`
    const { code, out } = await cli('user', 'erase', SUBJECT, '--yes')
    expect(code).toBe(0)
    expect(out).toContain(
      '1 profiles, 2 verifications, 3 events, 1 list entries, 1 releases, 1 velocity',
    )
    const left = await dump()
    expect(left).not.toContain('canary')
    expect(left).not.toContain(identifiers.digest('subject', 'acme', SUBJECT))
    for (const table of ['assessment', 'user_profile', 'user_event', 'release'] as const) {
      expect(await sql`select from ${sql(table)} where user_key = ${userOf(SUBJECT)}`).toHaveLength(
        0,
      )
    }
    expect(await stored()).toEqual(before)
    expect([...(await sql`select count(*)::integer as n from redemption`)]).toEqual([live])
  })

  it('is noted in the audit, which stays', async () => {
    await fill(SUBJECT)
    await cli('user', 'erase', SUBJECT, '--yes')
    await cli('user', 'erase', SUBJECT, '--yes')
    const rows = await sql`
      select actor, detail from audit where action = 'user.erase' order by id desc limit 2`
    expect(rows[1]).toMatchObject({
      actor: expect.stringMatching(/^cli:/),
      detail: { profiles: 1, verifications: 2 },
    })
    expect(rows[0]?.detail).toMatchObject({ profiles: 0, verifications: 0 })
  })

  it('is the same as never having seen the user', async () => {
    await fill(SUBJECT)
    await cli('user', 'erase', SUBJECT, '--yes')
    const erased = (await verify(SUBJECT)).facts.store
    const stranger = (await verify('auth0|never seen')).facts.store
    const { global: _g, ...of } = erased
    const { global: _h, ...never } = stranger
    expect({ ...of, users_per_address: null }).toEqual({ ...never, users_per_address: null })
  })

  it('does not make a spent token good again', async () => {
    const opening = openingOf('spent', {
      user: userOf(SUBJECT),
      subjectHash: identifiers.digest('subject', 'acme', SUBJECT),
    })
    await store.open(opening)
    await cli('user', 'erase', SUBJECT, '--yes')
    expect(await store.open(opening)).toEqual({ kind: 'token_spent' })
  })

  it('also takes what is under the previous secret', async () => {
    const old = identifiers.previous?.pseudonym('acme', 'user', SUBJECT) as string
    await verify(SUBJECT, {}, old)
    await arrange.putProfile('acme', old, { n: 7, first_at: 1, last_at: 2, hist: {} })
    expect((await cli('user', 'erase', SUBJECT, '--yes')).out).toContain(
      '1 profiles, 1 verifications',
    )
  })

  it('of nobody fails, so that a slip of the pen is seen', async () => {
    await fill(OTHER)
    expect((await cli('user', 'erase', SUBJECT, '--yes')).code).toBe(1)
    expect(await sql`select from user_profile`).toHaveLength(1)
  })
})

describe('assessment', () => {
  it('lists the latest first, by outcome, by user, and those that wait for a person', async () => {
    const allowed = await verify()
    const held = await verify(SUBJECT, { outcome: 'deny', assessed: 'step_up', needs_review: true })
    const other = await verify(OTHER, { outcome: 'deny', assessed: 'deny' })
    const references = async (...words: string[]) =>
      (
        JSON.parse((await cli('assessment', 'list', '--json', ...words)).out) as {
          reference: string
        }[]
      ).map(({ reference }) => reference)
    expect(await references()).toEqual([other, held, allowed].map(({ reference }) => reference))
    expect(await references('--limit', '1')).toEqual([other.reference])
    expect(await references('--outcome', 'deny')).toEqual([other.reference, held.reference])
    expect(await references('--review')).toEqual([held.reference])
    expect(await references('--user', SUBJECT)).toEqual([held.reference, allowed.reference])
    const { out } = await cli('assessment', 'list')
    expect(out).toMatch(/^CODE +OPENED/)
    expect(out).toContain('deny (step_up)')
    await sql`update assessment set opened_at = opened_at - interval '2 days'`
    expect(await references()).toEqual([])
    expect(await references('--since', '3d')).toHaveLength(3)
  })

  it('shows and explains one', async () => {
    const { reference } = await verify()
    const shown = JSON.parse((await cli('assessment', 'show', reference)).out)
    expect(shown).toMatchObject({ reference, facts: { store: { profile: null } } })
    const { out } = await cli('assessment', 'explain', reference.toLowerCase())
    expect(out).toContain(reference)
    expect(out).toContain('outcome  allow')
    expect((await cli('assessment', 'show', '00000000')).code).toBe(1)
  })

  it('releases the next attempt, once, and notes who did it', async () => {
    const { reference } = await verify(SUBJECT, {
      outcome: 'deny',
      assessed: 'step_up',
      needs_review: true,
    })
    const { code, out } = await cli('assessment', 'release', reference, '--for', '1h')
    expect([code, out]).toEqual([0, expect.stringContaining('once, within 1h')])
    expect((await verify(OTHER)).facts.store).not.toHaveProperty('released')
    expect((await verify()).facts.store.released).toBe(true)
    expect((await verify()).facts.store).not.toHaveProperty('released')
    const [row] = await sql`select actor, subject from audit where action = 'assessment.release'`
    expect(row).toEqual({ actor: expect.stringMatching(/^cli:/), subject: reference })
    await cli('assessment', 'release', reference, '--for', '1h')
    expect((await verify()).facts.store.released).toBe(true)
  })

  it('releases for as long as is said', async () => {
    const { reference } = await verify(SUBJECT, { outcome: 'deny', assessed: 'step_up' })
    await cli('assessment', 'release', reference, '--for', '30m')
    const [row] =
      await sql`select extract(epoch from expires_at - now())::integer as seconds from release`
    expect(Math.abs(Number(row?.seconds) - 1800)).toBeLessThan(60)
    await sql`update release set expires_at = now() - interval '1 second'`
    expect((await verify()).facts.store).not.toHaveProperty('released')
  })

  it.each([
    ['an allowed record', {}, '1h', 1],
    ['a record on the deny list', { outcome: 'deny', assessed: 'deny' }, '1h', 1],
    ['a stepped-up record', { outcome: 'step_up', assessed: 'step_up' }, '1h', 1],
    ['a month', { outcome: 'deny', assessed: 'step_up' }, '30d', 2],
    ['no duration', { outcome: 'deny', assessed: 'step_up' }, 'soon', 2],
  ] as const)('does not release %s', async (_case, decision, duration, code) => {
    const { reference } = await verify(SUBJECT, decision)
    expect((await cli('assessment', 'release', reference, '--for', duration)).code).toBe(code)
    expect(await sql`select from release`).toHaveLength(0)
  })
})

describe('history import', () => {
  let files = 0
  const fileOf = (...items: unknown[]) => {
    files += 1
    const path = join(folder, `log-${files}.jsonl`)
    writeFileSync(
      path,
      items.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join('\n'),
    )
    return path
  }
  let logs = 0
  const loginOf = (daysAgo: number, changes: Readonly<Record<string, unknown>> = {}) => {
    logs += 1
    return {
      log_id: `import-${files}-${logs}`,
      type: 's',
      date: new Date(Date.now() - daysAgo * 86_400_000).toISOString(),
      user_id: SUBJECT,
      ip: '203.0.113.9',
      user_agent: 'Chrome 120.0.0 / Windows 10.0.0',
      location_info: { country_code: 'NO' },
      ...changes,
    }
  }
  const profile = async () =>
    (await store.readProfiles('acme', [userOf(SUBJECT)])).get(userOf(SUBJECT))?.profile

  it('fills profiles with logins and with nothing else', async () => {
    const path = fileOf(
      loginOf(90),
      loginOf(30, { location_info: { country_code: 'SE' } }),
      { log_id: 'wrapped', data: loginOf(20) },
      loginOf(10, { type: 'fp' }),
      loginOf(10, { type: 'scp' }),
      loginOf(10, { type: 'seacft' }),
      loginOf(500),
      'no JSON',
      '',
    )
    const { code, out } = await cli('history', 'import', path)
    expect([code, out]).toEqual([0, expect.stringContaining('8 lines, 3 logins, 3 of them new')])
    expect(await profile()).toMatchObject({
      n: 3,
      hist: { country: { NO: [2, expect.any(Number)], SE: [1, expect.any(Number)] } },
    })
    const days = ((await now()) - Number((await profile())?.last_at)) / 86_400
    expect(Math.round(days)).toBe(20)
    expect(await sql`select from user_event where kind <> 'login'`).toHaveLength(0)
  })

  it('does not pretend that a log stream is connected', async () => {
    await cli('history', 'import', fileOf(loginOf(3)))
    expect((await verify()).facts.store).not.toHaveProperty('recent_failures')
  })

  it('counts nothing twice: not a file, not an event in two files, not what the stream brought', async () => {
    const first = loginOf(90)
    const path = fileOf(first, loginOf(80))
    await cli('history', 'import', path)
    expect((await cli('history', 'import', path)).code).toBe(1)
    expect((await cli('history', 'import', '--again', path)).out).toContain('0 of them new')
    await cli('history', 'import', fileOf(first, loginOf(70)))
    expect((await profile())?.n).toBe(3)
    await sql`
      insert into learning_state (tenant, stream_since) values ('acme', now() - interval '5 days')
      on conflict (tenant) do update set stream_since = excluded.stream_since`
    expect((await cli('history', 'import', fileOf(loginOf(4), loginOf(6)))).out).toContain(
      '1 logins',
    )
    expect((await profile())?.n).toBe(4)
  })

  it('of many lines comes in portions', async () => {
    const path = fileOf(
      ...Array.from({ length: 2500 }, (_, i) =>
        loginOf(1 + (i % 300), { user_id: `auth0|m${i % 50}` }),
      ),
    )
    expect((await cli('history', 'import', path)).out).toContain(
      '2500 lines, 2500 logins, 2500 of them new',
    )
    const [row] =
      await sql`select count(*)::integer as users, sum(n)::integer as n from user_profile`
    expect(row).toEqual({ users: 50, n: 2500 })
    expect([...(await sql`select n::integer as n from global_total`)]).toEqual([{ n: 2500 }])
  })
})
