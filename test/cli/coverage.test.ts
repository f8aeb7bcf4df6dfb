/** `coverage`: every reset that passed without a verification is found, and why. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { ResetRecord } from '../../db/coverage.ts'
import { coverageOf, type PasswordChange } from '../../src/cli/coverage-causes.ts'
import { runCoverage } from '../../src/cli/coverage-run.ts'
import type { LogEvent } from '../../src/emulator/index.ts'
import { freshDatabase } from '../support/database.ts'
import { openWorld, passVerifier, type World } from '../support/world.ts'

const database = await freshDatabase()
const NOW = 1_800_000_000

describe('a password change', () => {
  const record: ResetRecord = {
    users: ['ada'],
    epochSeconds: NOW - 60,
    outcome: 'allow',
    enforced: true,
    clientId: 'shop',
  }
  const change: PasswordChange = { users: ['ada'], at: NOW, clientId: 'shop' }
  const causes = (
    changes: readonly PasswordChange[],
    records: readonly ResetRecord[],
    firstRecord: number | null = NOW - 1_000_000,
  ) => coverageOf(changes, { records, firstRecord }).uncovered.map(({ cause }) => cause)

  it('has the verification of that user shortly before it', () => {
    expect(causes([change], [record])).toEqual([])
    expect(causes([change], [{ ...record, outcome: 'step_up' }])).toEqual([])
    expect(causes([change], [{ ...record, epochSeconds: NOW - 3600 }])).toEqual([])
    expect(causes([{ ...change, users: ['new', 'ada'] }], [record])).toEqual([])
    expect(causes([change], [{ ...record, users: ['new', 'ada'] }])).toEqual([])
  })

  it.each<[string, Partial<PasswordChange>, Partial<ResetRecord>, string]>([
    ['too long before it', {}, { epochSeconds: NOW - 4000 }, 'unexplained'],
    ['after it', {}, { epochSeconds: NOW + 400 }, 'unexplained'],
    ['of another user', {}, { users: ['eve'] }, 'unexplained'],
    ['that denied it', {}, { outcome: 'deny' }, 'against_answer'],
    [
      'of another user, and names no application',
      { clientId: null },
      { users: ['eve'] },
      'no_client',
    ],
    [
      'of another user and application',
      {},
      { users: ['eve'], clientId: 'bank' },
      'client_left_out',
    ],
    ['days away', {}, { epochSeconds: NOW - 400_000 }, 'nobody_checked'],
  ])('with a verification %s stands without', (_what, changed, recorded, cause) => {
    const found = causes([{ ...change, ...changed }], [{ ...record, ...recorded }])
    expect(found).toEqual([cause])
  })

  it('that was denied where the Action only observes is as it should be', () => {
    expect(causes([change], [{ ...record, outcome: 'deny', enforced: false }])).toEqual([])
  })

  it('needs a verification of its own', () => {
    const second = { ...change, at: NOW + 60, clientId: null }
    expect(causes([second, change], [record])).toEqual(['no_client'])
    expect(causes([second, change], [record, { ...record, epochSeconds: NOW + 30 }])).toEqual([])
  })

  it('of before the first verification is told from the others', () => {
    expect(causes([change], [], null)).toEqual(['before_first'])
    expect(causes([change], [{ ...record, users: ['eve'] }], NOW + 1)).toEqual(['before_first'])
  })

  it('without a word of its application is never called one without client_id', () => {
    const { clientId: _, ...untold } = change
    expect(causes([untold], [{ ...record, users: ['eve'] }])).toEqual(['unexplained'])
  })
})

describe('the command', () => {
  const open = async () => {
    const world = await openWorld(database)
    vi.stubEnv('RV_IDENTIFIER_SECRET', world.secrets.identifier)
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
    return world
  }
  const fileOf = (lines: readonly unknown[]) => {
    const folder = mkdtempSync(join(tmpdir(), 'redirect-verifier-coverage-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'logs.jsonl')
    writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    return file
  }
  async function covered(tenant: string, flags: { logs?: string } = {}) {
    const said: string[] = []
    const options = {
      since: '1d',
      json: true,
      databaseUrl: database.url,
      tenant,
      ...flags,
    } as const
    const good = await runCoverage(options, (text) => {
      said.push(text)
    })
    return { good, ...JSON.parse(said.join('')) }
  }
  const tenantOf = async (world: World) => {
    const [line] = world.lines.map((text) => JSON.parse(text)).filter((one) => one.tenant_id)
    return String(line?.tenant_id)
  }

  it('finds the reset that was started without client_id, and no other', async () => {
    const world = await open()
    const checked = world.addUser()
    const { browser } = await world.arrive(checked)
    await passVerifier(browser)
    await world.setPassword(browser)
    await world.records()

    const silent = world.addUser()
    const link = world.tenant.createTicket({ user: silent })
    const other = world.browser()
    await other.visit(link)
    await world.setPassword(other)
    expect(await world.passwordOf(silent)).toBe('new')

    const tenant = await tenantOf(world)
    const events = world.tenant.logs()
    expect(events.filter(({ type }) => type === 'scp')).toHaveLength(2)
    const report = await covered(tenant, { logs: fileOf(events) })
    expect(report).toMatchObject({ good: false, changes: 2, covered: 1 })
    expect(report.uncovered).toMatchObject([{ cause: 'no_client', client_id: null }])
    expect(JSON.stringify(report)).not.toContain(silent)

    const streamed = events.map(({ log_id, ...data }: LogEvent) => ({ log_id, data }))
    expect(await covered(tenant, { logs: fileOf(streamed) })).toEqual(report)
  })

  it('is content with a tenant in which nothing was changed, whatever else a log says', async () => {
    const world = await open()
    await world.arrive(world.addUser())
    const lines = [...world.tenant.logs(), { type: 'scp' }, null, 'text']
    const tenant = 'nobody'
    expect(await covered(tenant, { logs: fileOf(lines) })).toMatchObject({ good: true, changes: 0 })
    expect(await covered(tenant)).toMatchObject({ good: true, changes: 0 })
  })

  it('reads the log stream where no file is given', async () => {
    const world = await open()
    const { browser } = await world.arrive(world.addUser())
    await passVerifier(browser)
    await world.records()
    const tenant = await tenantOf(world)
    const [record] = await database.sql<{ user: string }[]>`
      select user_key::text as user from assessment where tenant = ${tenant}`
    const put = (user: string, key: string) => database.sql`
      insert into user_event (tenant, log_key, kind, user_key, at)
      values (${tenant}, decode(${key}, 'hex'), 'reset', ${user}::text::bigint, now())`
    await put(record?.user ?? '', 'aa')
    expect(await covered(tenant)).toMatchObject({ good: true, changes: 1, covered: 1 })
    await put('42', 'bb')
    const report = await covered(tenant)
    expect(report).toMatchObject({ good: false, changes: 2, covered: 1 })
    expect(report.uncovered).toMatchObject([{ cause: 'unexplained', user: '42' }])
  })
})
