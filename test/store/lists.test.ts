/** Lists from the command line to a verification: whole feeds, single entries, and what readers see meanwhile. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Failure } from '../../src/cli/failure.ts'
import { listCommand } from '../../src/cli/list.ts'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { createClient } from '../../src/verifier/store/client.ts'
import { asOnlyImporter, readRanges } from '../../src/verifier/store/lists.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { type Ended, run } from '../cli/command.ts'
import { freshDatabase } from '../support/database.ts'
import { openingOf, PATIENT, policyOf } from '../support/openings.ts'
import { createArrangement } from '../support/postgres-arrangement.ts'
import { IDENTIFIER_SECRET } from '../support/tokens.ts'

const database = await freshDatabase()
const { sql } = database
const store = createPoolStore(database.url, { ...PATIENT, connections: 2 })
const folder = mkdtempSync(join(tmpdir(), 'rv-lists-'))
const identifiers = createIdentifiers(IDENTIFIER_SECRET)

beforeAll(async () => {
  await createArrangement(database).activatePolicy('acme', policyOf())
})
beforeEach(async () => {
  await sql`truncate ip_range, range_list, asn_list, domain_list, entity_list`
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

/** The command in this process: its usage is commander's, which four cases below ask as a process. */
async function list(...words: string[]): Promise<Ended> {
  vi.stubEnv('DATABASE_URL', database.url)
  vi.stubEnv('RV_IDENTIFIER_SECRET', IDENTIFIER_SECRET)
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream] += text
      return true
    })
  }
  try {
    await listCommand().parseAsync(words, { from: 'user' })
    return { code: 0, ...said }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { code: error.exitCode, ...said, stderr: error.message }
  } finally {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  }
}
function file(name: string, ...lines: string[]): string {
  const path = join(folder, name)
  writeFileSync(path, lines.join('\n'))
  return path
}
let names = 0
async function factsAt(ip: string, changes: Parameters<typeof openingOf>[1] = {}) {
  names += 1
  const answer = await store.open(openingOf(`list ${names}`, { rawVisitAddress: ip, ...changes }))
  if (answer.kind !== 'opened') throw new Error(answer.kind)
  return answer.assessment.facts.store
}
const kindsAt = async (ip: string) => (await factsAt(ip)).ranges?.visit

describe('a feed', () => {
  it('is what a verification sees, and the next import replaces it whole', async () => {
    expect((await list('import', 'tor', file('a', '192.0.2.0/24', '2001:db8::/32'))).code).toBe(0)
    expect((await list('import', 'vpn', file('b', '192.0.2.128/25'))).code).toBe(0)
    expect(await kindsAt('192.0.2.1')).toEqual(['tor'])
    expect(await kindsAt('192.0.2.200')).toEqual(['tor', 'vpn'])
    expect(await kindsAt('2001:db8::9')).toEqual(['tor'])
    expect(await kindsAt('192.0.3.0')).toEqual([])
    expect(await kindsAt('192.0.1.255')).toEqual([])
    expect((await list('import', 'tor', file('c', '198.51.100.7'))).code).toBe(0)
    expect(await kindsAt('192.0.2.1')).toEqual([])
    expect(await kindsAt('192.0.2.200')).toEqual(['vpn'])
    expect(await kindsAt('198.51.100.7')).toEqual(['tor'])
    expect((await list('remove', 'tor')).code).toBe(0)
    expect((await factsAt('198.51.100.7')).ranges).toEqual({
      loaded: ['vpn'],
      token: [],
      visit: [],
    })
  })

  it('with a line that cannot be read changes nothing and names the line', async () => {
    await list('import', 'tor', file('a', '192.0.2.0/24'))
    const before = await readRanges(sql, 'acme')
    const { code, stderr } = await list(
      'import',
      'tor',
      file('bad', '198.51.100.7', '', '198.51.100.9/24'),
    )
    expect(code).toBe(1)
    expect(stderr).toMatch(/bad:3: .*nothing was changed/s)
    expect(await readRanges(sql, 'acme')).toEqual(before)
    expect(await sql`select from audit where action = 'list.import'`).not.toHaveLength(0)
    expect(
      (await list('import', 'tor', '--skip-malformed', file('bad', '198.51.100.7', 'x'))).code,
    ).toBe(0)
    expect(await kindsAt('198.51.100.7')).toEqual(['tor'])
  })

  it('without an entry is refused: an empty download must not open the door', async () => {
    await list('import', 'tor', file('a', '192.0.2.0/24'))
    expect((await list('import', 'tor', file('empty', '# nothing', '10.0.0.0/8'))).code).toBe(1)
    expect(await kindsAt('192.0.2.1')).toEqual(['tor'])
  })

  it('of networks names an address by its network', async () => {
    await list('import', 'hosting', file('n', 'AS64500', '64501,Example'))
    const request = (asn: number) => ({
      ...openingOf('x').request,
      visit_network: { country: 'SE', asn },
    })
    expect((await factsAt('192.0.2.1', { request: request(64501) })).ranges?.visit).toEqual([
      'hosting',
    ])
    expect((await factsAt('192.0.2.1', { request: request(64502) })).ranges).toEqual({
      loaded: [],
      token: [],
      visit: [],
    })
    await list('import', 'hosting', file('n', 'AS64502'))
    expect((await factsAt('192.0.2.1', { request: request(64501) })).ranges?.loaded).toEqual([])
    expect(await sql`select asn from asn_list`).toHaveLength(1)
  })

  it('is swapped in one step: no reader ever sees half of it', async () => {
    const even = Array.from({ length: 3000 }, (_, i) => `198.18.${i >> 7}.${(i & 127) * 2}`)
    const odd = even.map((address) => address.replace(/\d+$/, (last) => `${Number(last) + 1}`))
    await list('import', 'tor', file('even', ...even))
    const seen = new Set<string>()
    let done = false
    const importing = list('import', 'tor', file('odd', ...odd)).then(() => {
      done = true
    })
    const read = async () => {
      const [row] = await sql`
        select count(*) filter (where get_bit(substring(inet_send(low) from 5), 24) is not null
          and (low - '0.0.0.0'::inet) % 2 = 0)::integer as even, count(*)::integer as all
        from ip_range`
      return `${row?.even}/${row?.all}`
    }
    while (!done) seen.add(await read())
    await importing
    seen.add(await read())
    expect([...seen].sort()).toEqual(['0/3000', '3000/3000'])
  })

  it('has one importer at a time', async () => {
    const holder = createClient(database.url, { connections: 1, connectSeconds: 20 })
    const blocked = await asOnlyImporter(holder, 'acme', () =>
      list('import', 'tor', file('a', '192.0.2.0/24')),
    )
    expect(blocked).toMatchObject({ code: 1, stderr: expect.stringContaining('under way') })
    expect((await list('import', 'tor', file('a', '192.0.2.0/24'))).code).toBe(0)
    await holder.end()
  })

  it('of domains is kept until it is taken away', async () => {
    expect(
      (await list('import', 'disposable', file('d', 'mailinator.example', 'trash.example'))).code,
    ).toBe(0)
    expect(await sql`select domain from domain_list`).toHaveLength(2)
    expect((await list('show')).stdout).toContain('disposable: 2 domains')
    await list('remove', 'disposable')
    expect(await sql`select domain from domain_list`).toHaveLength(0)
  })
})

describe('an entry', () => {
  const lists = async (changes: Parameters<typeof openingOf>[1]) =>
    (await factsAt('192.0.2.1', changes)).lists

  it('for a user is found by the pseudonym, with its reason and its end', async () => {
    const added = await list(
      'add',
      'deny',
      'user',
      'auth0|canary',
      '--reason',
      'ticket 7',
      '--for',
      '30d',
    )
    expect(added.code).toBe(0)
    const user = identifiers.pseudonym('acme', 'user', 'auth0|canary')
    expect(await lists({ user })).toEqual([{ kind: 'user', action: 'deny' }])
    const [row] =
      await sql`select *, expires_at > now() + interval '29 days' as ends from entity_list`
    expect(row).toMatchObject({ value: user, note: 'ticket 7', ends: true })
    expect(JSON.stringify(await sql`select * from entity_list, audit`)).not.toContain('canary')
    expect((await list('show')).stdout).toContain('ticket 7')
    expect((await list('remove', 'user', 'auth0|canary')).code).toBe(0)
    expect(await lists({ user })).toEqual([])
    expect((await list('remove', 'user', 'auth0|canary')).code).toBe(1)
  })

  it('for an IPv6 address means its whole network', async () => {
    await list('add', 'deny', 'address', '2001:db8:1:2::7', '--reason', 'x', '--forever')
    const visitAddress = identifiers.pseudonym('acme', 'address', '2001:db8:1:2::/64')
    expect(await lists({ visitAddress })).toEqual([{ kind: 'address', action: 'deny' }])
  })

  it('is written in the form that is looked for', async () => {
    await list('add', 'deny', 'asn', 'AS64500', '--reason', 'x', '--forever')
    await list('add', 'deny', 'country', 'se', '--reason', 'x', '--for', '12h')
    expect(await lists({})).toEqual([
      { kind: 'asn', action: 'deny' },
      { kind: 'country', action: 'deny' },
    ])
  })

  it.each([
    [['add', 'deny', 'user', 'x', '--reason', 'y'], 'how long'],
    [['add', 'deny', 'user', 'x', '--reason', 'y', '--for', '1y'], 'duration'],
    [['add', 'deny', 'address', '192.0.2.0/24', '--reason', 'y', '--for', '1d'], 'no address'],
    [['add', 'deny', 'country', 'Norway', '--reason', 'y', '--for', '1d'], 'two letters'],
    [['add', 'allow', 'client', 'app', '--reason', 'y', '--for', '1d'], 'picks the application'],
  ])('is refused as wrong usage: %j', async (words, message) => {
    const { code, stderr } = await list(...words)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
    expect(await sql`select from entity_list`).toHaveLength(0)
  })

  it.each([
    [['add', 'deny', 'user', 'x', '--for', '1d'], 'reason'],
    [['add', 'deny', 'user', 'x', '--reason', 'y', '--for', '1d', '--forever'], 'forever'],
    [['add', 'block', 'user', 'x', '--reason', 'y', '--for', '1d'], 'Allowed choices'],
    [['import', 'spam', '/dev/null'], 'Allowed choices'],
  ])('is refused before anything runs: %j', async (words, message) => {
    const { code, stderr } = await run(['list', ...words], { DATABASE_URL: database.url })
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })

  it('leaves a line in the audit with who did it', async () => {
    await list('add', 'deny', 'client', 'app', '--reason', 'audited', '--forever')
    const [row] = await sql`
      select actor, action, subject, detail from audit order by id desc limit 1`
    expect(row).toMatchObject({
      actor: expect.stringMatching(/^cli:./),
      action: 'list.add',
      subject: 'client app',
      detail: { note: 'audited' },
    })
  })
})
