/**
 * The time a trigger's Actions have together, with a runtime that says how long each took.
 */
import { expect, it } from 'vitest'
import type { ActionsRuntime, LegInput } from '../../src/emulator/runtime/execution.ts'
import { createClock } from '../../src/emulator/tenant/clock.ts'
import { createDeployedActions } from '../../src/emulator/tenant/deployed-actions.ts'
import { createExecutions } from '../../src/emulator/tenant/executions.ts'
import { createPipeline } from '../../src/emulator/tenant/pipeline.ts'
import { DEFAULT_SWITCHES, NO_FAULTS } from '../../src/emulator/tenant/switches.ts'
import { createTenantLog } from '../../src/emulator/tenant/tenant-log.ts'
import { createTrace } from '../../src/emulator/tenant/trace.ts'
import { createTransactions } from '../../src/emulator/tenant/transactions.ts'
import { createUsers } from '../../src/emulator/tenant/users.ts'

const TRIGGER = 'password-reset-post-challenge'
const REQUEST = {
  method: 'GET',
  hostname: 'tenant.localhost',
  ip: '127.0.0.1',
  geoip: {},
  query: {},
  body: {},
}

/** Runs Actions that took these milliseconds; those of `redirecting` send the browser away. */
function start(durationsMs: readonly number[], redirecting: readonly number[] = []) {
  const clock = createClock(() => 1_800_000_000_000)
  let drawn = 0
  const random = (bytes: number) =>
    Uint8Array.from({ length: bytes }, () => {
      drawn += 7
      return drawn % 251
    })
  const legs: LegInput[] = []
  const runtime: ActionsRuntime = {
    run: async (leg) => {
      legs.push(leg)
      const index = Number(leg.action.name)
      const leaves = redirecting.includes(index) && leg.entrypoint === 'onExecutePostChallenge'
      return {
        action: leg.action.name,
        entrypoint: leg.entrypoint,
        commands: leaves ? [{ type: 'redirect.sendUserTo', url: 'https://site.example/' }] : [],
        log: '',
        durationMs: durationsMs[index] as number,
        tokens: [],
      }
    },
    reset: async () => {},
    close: async () => {},
  }
  const users = createUsers([{ email: 'ada@example.com', user_id: 'auth0|1' }], {
    clock,
    random,
    verifiedEmailIsFactor: () => true,
  })
  const transactions = createTransactions(clock, random)
  const trace = createTrace(clock)
  const pipeline = createPipeline({
    runtime,
    clock,
    users,
    enabledFactors: new Set(),
    faults: NO_FAULTS,
    switches: DEFAULT_SWITCHES,
    trace,
    log: createTenantLog(clock, random),
    executions: createExecutions(clock, random),
    buildEvent: () => ({}),
    end: transactions.end,
  })
  const actions = createDeployedActions({
    [TRIGGER]: durationsMs.map((_, index) => ({ name: String(index), code: 'exports.x = 1' })),
  }).bound(TRIGGER)
  const transaction = transactions.begin({
    trigger: TRIGGER,
    userId: 'auth0|1',
    host: 'tenant.localhost',
    browser: 'browser',
    locale: 'en',
    actions,
    methods: [],
  })
  return { pipeline, transaction, legs, trace }
}

it('hands each Action what the earlier ones left of 20 seconds', async () => {
  const { pipeline, transaction, legs } = start([5000, 12_000, 2999])
  expect(await pipeline.start(transaction, REQUEST)).toEqual({ kind: 'completed' })
  expect(legs.map(({ budgetMs }) => budgetMs)).toEqual([20_000, 15_000, 3000])
})

it('fails the flow when together they took all of it, and runs no later one', async () => {
  const { pipeline, transaction, legs, trace } = start([5000, 15_000, 1])
  expect(await pipeline.start(transaction, REQUEST)).toEqual({ kind: 'ended' })
  expect(legs).toHaveLength(2)
  expect(trace.of('flow.failed')[0]?.data.reason).toBe('action_timeout')
})

it('counts anew after a redirect: the time on the other site is not the Actions’', async () => {
  const { pipeline, transaction, legs } = start([15_000, 4000], [0])
  expect(await pipeline.start(transaction, REQUEST)).toEqual({ kind: 'suspended' })
  expect(await pipeline.resume(transaction, REQUEST)).toEqual({ kind: 'completed' })
  expect(legs.map(({ entrypoint, budgetMs }) => [entrypoint, budgetMs])).toEqual([
    ['onExecutePostChallenge', 20_000],
    ['onContinuePostChallenge', 20_000],
    ['onExecutePostChallenge', 5000],
  ])
})
