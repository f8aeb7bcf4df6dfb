import { expect, it, onTestFinished } from 'vitest'
import type { Hop } from '../../src/cli/demo-hops.ts'
import { SCENARIOS, type Scenario } from '../../src/cli/demo-scenarios.ts'
import { startDemoWorld } from '../../src/cli/demo-world.ts'
import { freshDatabase } from '../support/database.ts'

const database = await freshDatabase()

async function perform(scenario: Scenario, sabotage: Readonly<Record<string, string>> = {}) {
  const shown: Hop[] = []
  const world = await startDemoWorld({
    databaseUrl: database.url,
    ports: {},
    show: (hop) => shown.push(hop),
  })
  onTestFinished(() => world.close())
  if (Object.keys(sabotage).length > 0) world.deploy(sabotage)
  const failed: string[] = []
  let checks = 0
  await scenario(world, (what, holds) => {
    checks += 1
    if (!holds) failed.push(what)
  })
  await world.hops.settled()
  return { failed, checks, shown }
}

it.each(Object.entries(SCENARIOS))('%s ends as it is named', async (_, scenario) => {
  const { failed, checks, shown } = await perform(scenario)
  expect(failed).toEqual([])
  expect(checks).toBeGreaterThan(0)
  expect(shown.length).toBeGreaterThan(3)
})

it.each(['deny', 'stolen_mailbox', 'wrong_state', 'other_user', 'verifier_down'] as const)(
  '%s does not pass with an Action that only watches',
  async (name) => {
    const watched = perform(SCENARIOS[name], { RV_MODE: 'observe' })
    // Either a check fails, or the next step finds another page than it needs.
    const failed = await watched.then(
      (result) => result.failed.length,
      () => 1,
    )
    expect(failed).toBeGreaterThan(0)
  },
)

it('shows who acted, hop by hop, in the order in which it happened', async () => {
  const { shown } = await perform(SCENARIOS.step_up)
  expect(shown.map(({ who, data }) => `${who} ${data.kind}`)).toEqual([
    'user reset.requested',
    'tenant mail.sent',
    'user ticket.opened',
    'action action.ran',
    'action redirect.sent',
    'verifier verifier.request',
    'verifier verifier.decision',
    'verifier verifier.request',
    'user continue.received',
    'action action.ran',
    'tenant challenge.shown',
    'user challenge.passed',
    'user password.changed',
    'tenant flow.completed',
  ])
  const decision = shown.find(({ data }) => data.kind === 'verifier.decision')
  expect(decision?.text).toContain('mfa_enrolled=true')
  expect(decision?.data).toMatchObject({ outcome: 'step_up' })
})
