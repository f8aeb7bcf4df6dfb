/** The life of a policy from the command line: validated, compared, watched, replayed, activated, audited. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { activatePolicy } from '../../db/policies.ts'
import type { PolicyDocument } from '../../src/verifier/domain/policy.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { freshDatabase } from '../support/database.ts'
import { decisionOf, numberOf, openingOf, PATIENT, policyOf } from '../support/openings.ts'
import { run } from './command.ts'

const { url, sql } = await freshDatabase()
const store = createPoolStore(url, PATIENT)
const folder = mkdtempSync(join(tmpdir(), 'redirect-verifier-policy-'))
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

const FIRST = policyOf({ version: 1 })
/** Steps up whoever shares the address with nobody: everybody in these tests. */
const SECOND = policyOf({
  version: 2,
  thresholds: { step_up: -3, deny: null },
  rules: [
    {
      id: 'lonely',
      when: { signal: 'users_per_address', op: 'lt', value: 1 },
      evidence: 2.5,
      on_unknown: 0,
      reason: 'unfamiliar',
    },
  ],
})

let tenant: string
let tenants = 0
beforeEach(async () => {
  tenants += 1
  tenant = `acme${tenants}`
  await activatePolicy(url, tenant, FIRST)
})

function file(document: unknown, name = `p${tenants}.json`): string {
  const path = join(folder, name)
  writeFileSync(path, typeof document === 'string' ? document : JSON.stringify(document))
  return path
}

const policy = (...args: readonly string[]) => run(['policy', ...args], { DATABASE_URL: url })
const mine = (command: string, ...args: readonly string[]) =>
  policy(command, ...args, '--tenant', tenant)
const versions = async () =>
  (
    await sql<{ version: number; status: string }[]>`
      select version, status from policy where tenant = ${tenant} order by version`
  ).map(({ version, status }) => `${version} ${status}`)
const audit = async () =>
  sql`select actor, action, subject, detail from audit where tenant = ${tenant} order by id`

async function verify(name: string) {
  const address = numberOf(tenant)
  const shared = { tokenAddress: address, visitAddress: address }
  const opened = await store.open(openingOf(name, { tenantId: tenant, ...shared }))
  if (opened.kind !== 'opened') throw new Error(opened.kind)
  const { tenantId, id, openedAt } = opened.assessment
  await store.settle({
    ...{ tenantId, id, openedAt, decision: decisionOf() },
    shadow: [{ policy_version: 2, outcome: 'deny', assessed: 'step_up', score: -2, rules: [] }],
  })
}

describe('policy validate', () => {
  it('says what a good file holds', async () => {
    const { code, stdout } = await policy('validate', file(SECOND))
    expect(code).toBe(0)
    expect(stdout).toContain('password_reset version 2, enforce, 0 floors, 1 rules')
  })

  it('names each fault of each file with its place and ends with 1', async () => {
    const rule = { ...SECOND.rules[0], when: { signal: 'new_devise', op: 'eq', value: true } }
    const { code, stdout, stderr } = await policy(
      'validate',
      file({ ...SECOND, prior: 'low', rules: [rule] }, 'faulty.json'),
      file('{\n  "version": 1,\n  }', 'broken.json'),
      file(FIRST, 'good.json'),
    )
    expect(code).toBe(1)
    expect(stderr).toContain('prior: ')
    expect(stderr).toContain('rules[0].when.signal: no such signal')
    expect(stderr).toMatch(/broken\.json.*JSON/)
    expect(stdout).toContain('good.json')
  })

  it('ends with 2 when there is no such file', async () =>
    expect((await policy('validate', join(folder, 'none.json'))).code).toBe(2))
})

describe('policy activate', () => {
  it('stores a file as a new version and lets it decide in place of the one before', async () => {
    const { code, stdout } = await mine('activate', file(SECOND), '--actor', 'ann')
    expect(code).toBe(0)
    expect(stdout).toContain('in place of version 1')
    expect(stdout).toContain('lonely')
    expect(await versions()).toEqual(['1 retired', '2 active'])
    expect((await audit()).at(-1)).toEqual({
      actor: 'ann',
      action: 'policy.activate',
      subject: 'password_reset 2',
      detail: { flow: 'password_reset', version: 2, replaced: 1 },
    })
  })

  it('goes back to a stored version', async () => {
    await activatePolicy(url, tenant, SECOND)
    expect((await mine('activate', '1')).code).toBe(0)
    expect(await versions()).toEqual(['1 active', '2 retired'])
  })

  it('may run again, which changes nothing and audits nothing', async () => {
    const before = await audit()
    expect((await mine('activate', file(FIRST))).code).toBe(0)
    expect(await versions()).toEqual(['1 active'])
    expect(await audit()).toEqual(before)
  })

  it.each([
    ['a taken version with another body', () => file({ ...SECOND, version: 1 }), '"version": 2'],
    ['a file that is no policy', () => file({ ...SECOND, mode: 'on' }), 'mode: '],
    ['a version that is not stored', () => '7', 'version 7'],
  ])('refuses %s and changes nothing', async (_, given, said) => {
    const before = await audit()
    const { code, stderr } = await mine('activate', given())
    expect(code).toBe(1)
    expect(stderr).toContain(said)
    expect(await versions()).toEqual(['1 active'])
    expect(await audit()).toEqual(before)
  })

  it('asks which tenant is meant when there are several', async () => {
    await activatePolicy(url, `${tenant}-too`, FIRST)
    const { code, stderr } = await policy('activate', file(SECOND))
    expect(code).toBe(2)
    expect(stderr).toContain(`${tenant}-too`)
    expect(await versions()).toEqual(['1 active'])
  })
})

describe('policy shadow', () => {
  it('watches a file beside the active version, reports on it and ends the watch', async () => {
    expect((await mine('shadow', file(SECOND), '--actor', 'ann')).code).toBe(0)
    expect(await versions()).toEqual(['1 active', '2 shadow'])
    await verify(`watched ${tenant}`)
    const report = await mine('shadow', '2', '--report', '--json')
    expect(report.stderr).toBe('')
    expect(JSON.parse(report.stdout)).toEqual([
      { active: 'allow', shadow: 'step_up', records: 1, users: 1 },
    ])
    expect((await mine('shadow', '2', '--stop', '--actor', 'bob')).code).toBe(0)
    expect(await versions()).toEqual(['1 active', '2 retired'])
    expect((await audit()).slice(1)).toMatchObject([
      { actor: 'ann', action: 'policy.shadow' },
      { actor: 'bob', action: 'policy.retire' },
    ])
  })

  it('does not take the active version from its place', async () => {
    expect((await mine('shadow', '1')).code).toBe(1)
    expect((await mine('shadow', '1', '--stop')).code).toBe(1)
    expect(await versions()).toEqual(['1 active'])
  })
})

describe('policy backtest', () => {
  it('judges the stored records of its tenant and solves for a rate', async () => {
    await verify(`one ${tenant}`)
    await verify(`two ${tenant}`)
    const { code, stdout } = await mine('backtest', file(SECOND), '--rate', '50%', '--json')
    expect(code).toBe(0)
    const { report, target } = JSON.parse(stdout) as {
      report: { records: number; confusion: unknown; rules: unknown }
      target: unknown
    }
    expect(report).toMatchObject({
      policy_version: 2,
      records: 2,
      // The second shares its addresses with the first.
      confusion: { allow: { allow: 1, step_up: 1 } },
      rules: [{ rule: 'lonely', fired: 1, counted: 1, users: 1 }],
    })
    expect(target).toMatchObject({ rate: 0.5, solution: { rate: 0.5 } })
  })

  it('leaves out what lies outside the time, and is readable', async () => {
    await verify(`one ${tenant}`)
    const [some, none] = [
      await mine('backtest', 'active', '--since', '1h'),
      await mine('backtest', 'active', '--until', '1h'),
    ]
    expect(some.stdout).toContain('1 records of 1 users')
    expect(none.stdout).toContain('No settled records')
  })

  it.each(['--rate=x', '--rate=1.5', '--since=yesterday'])('refuses %s', async (flag) =>
    expect((await mine('backtest', 'active', flag)).code).toBe(2),
  )
})

describe('what is printed', () => {
  it('the versions of a tenant', async () => {
    await activatePolicy(url, tenant, SECOND)
    const { stdout } = await mine('list')
    expect(stdout.split('\n')[0]).toMatch(/password_reset\s+2\s+active/)
    expect(stdout.split('\n')[1]).toMatch(/password_reset\s+1\s+retired/)
    expect(stdout).not.toContain(`acme${tenants - 1}`)
  })

  it('a policy that can be stored again as it is', async () => {
    const { stdout } = await mine('show', 'active')
    expect(JSON.parse(stdout) as PolicyDocument).toEqual(FIRST)
  })

  it('a difference', async () => {
    const { stdout } = await mine('diff', 'active', file(SECOND))
    expect(stdout).toContain('thresholds.step_up  -2.5 → -3')
    expect(stdout).toContain('+ rule lonely')
  })

  it('without any database, the default in words and the schema', async () => {
    const words = await run(['policy', 'document', 'default', '--flow', 'login'])
    expect(words.stdout).toMatch(/^# Policy 1 for the login/)
    const schema = await run(['policy', 'schema'])
    expect(JSON.parse(schema.stdout)).toHaveProperty('$schema')
  })
})
