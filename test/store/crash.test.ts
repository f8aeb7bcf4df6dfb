/** A process that dies between the commit and the answer loses nothing and contradicts nobody. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Policies } from '../../src/verifier/policies.ts'
import type { Opened } from '../../src/verifier/ports.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { settleOpen } from '../../src/verifier/sweep.ts'
import { freshDatabase } from '../support/database.ts'
import { decisionOf, openingOf, PATIENT, policyOf, sha256 } from '../support/openings.ts'
import { createArrangement } from '../support/postgres-arrangement.ts'

const database = await freshDatabase()
const store = createPoolStore(database.url, { ...PATIENT, connections: 2 })
beforeAll(async () => {
  await createArrangement(database).activatePolicy('acme', policyOf())
})
afterAll(() => store.close())

const SCRIPT = fileURLToPath(new URL('../support/open-and-hang.ts', import.meta.url))

/** Opens a record in a process of its own, kills that process, and answers with what it had read. */
async function openAndDie(name: string): Promise<Opened> {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, database.url, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  try {
    const [line] = (await Promise.race([
      once(createInterface({ input: child.stdout }), 'line'),
      exit.then(() => Promise.reject(new Error('the process ended before it had opened'))),
    ])) as [string]
    return JSON.parse(line) as Opened
  } finally {
    child.kill('SIGKILL')
    await exit
  }
}

it('the same browser repeats and finds the same facts and the same policy', async () => {
  const lost = await openAndDie('dies')
  expect(lost).toMatchObject({ kind: 'opened', fresh: true })
  // What a second visit would have seen is different by now.
  await createArrangement(database).activatePolicy('acme', policyOf({ version: 2 }))
  await createArrangement(database).putListed('acme', {
    kind: 'user',
    action: 'deny',
    value: openingOf('dies').user,
  })
  expect(await store.open(openingOf('dies'))).toEqual({ ...lost, fresh: false })
})

it('another browser still gets nothing', async () => {
  await openAndDie('dies alone')
  const other = openingOf('dies alone', { bindingHash: sha256('other') })
  expect(await store.open(other)).toEqual({ kind: 'token_spent' })
})

it('the sweep settles what the process left open, once it is old enough', async () => {
  const lost = await openAndDie('swept')
  if (lost.kind !== 'opened') throw new Error(lost.kind)
  const { id } = lost.assessment
  const judged: unknown[] = []
  const policies: Pick<Policies, 'compiled' | 'shadows'> = {
    shadows: () => [],
    compiled: async ({ policyId }) => ({
      document: policyOf(),
      decide(facts) {
        judged.push([policyId, facts])
        return decisionOf({ outcome: 'step_up' })
      },
    }),
  }
  await database.sql`
    update assessment set decision = '{}', outcome = 'allow', assessed = 'allow', score = 0,
      settled_at = now()
    where id <> ${id}`
  expect(await settleOpen(store, policies)).toEqual({ settled: 0, left: 0 })

  await database.sql`
    with older as (
      update assessment set opened_at = opened_at - interval '2 minutes' where id = ${id}
      returning opened_at
    )
    update redemption set opened_at = older.opened_at from older where assessment_id = ${id}`
  expect(await settleOpen(store, policies)).toEqual({ settled: 1, left: 0 })
  expect(judged).toEqual([[lost.assessment.policyId, lost.assessment.facts]])
  expect(await settleOpen(store, policies)).toEqual({ settled: 0, left: 0 })
  expect(await store.open(openingOf('swept'))).toMatchObject({
    fresh: false,
    assessment: { id, decision: { outcome: 'step_up' } },
  })
})
