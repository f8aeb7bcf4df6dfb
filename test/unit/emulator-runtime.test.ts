/** The runtime around an Action: instances, limits, logs, failures. Not the `api` methods themselves. */
import { afterAll, describe, expect, it } from 'vitest'
import type { DeployedAction, LegInput } from '../../src/emulator/runtime/execution.ts'
import { createRuntime } from '../../src/emulator/runtime/runtime.ts'

const ACTION: DeployedAction = {
  id: 'act_1',
  name: 'under-test',
  version: 1,
  code: '',
  secrets: { MY_SECRET: 'my_secret_password' },
  dependencies: [],
  modules: [],
}
let actions = 0
const leg = (code: string, change: Partial<LegInput> = {}): LegInput => ({
  trigger: 'password-reset-post-challenge',
  entrypoint: 'onExecutePostChallenge',
  action: { ...ACTION, id: `act_${++actions}`, code },
  event: {
    request: { hostname: 'tenant.localhost', ip: '192.0.2.7', query: {}, body: {} },
    user: { user_id: 'auth0|1' },
  },
  budgetMs: 20_000,
  nowMs: 1_700_000_000_000,
  ...change,
})
const execute = (body: string) => `exports.onExecutePostChallenge = async (event, api) => {${body}}`

const runtime = createRuntime({ frozenClock: true })
afterAll(() => runtime.close())

describe('an instance', () => {
  it('runs a handler and hands back what it asked for, in order', async () => {
    const result = await runtime.run(
      leg(
        execute(`
          console.log('a', event.secrets.MY_SECRET)
          const token = api.redirect.encodeToken({ secret: event.secrets.MY_SECRET, payload: { a: 1 } })
          api.redirect.sendUserTo('https://x.localhost/verify?a=1', { query: { session_token: token } })
          api.access.deny('no')
          console.error('b')`),
      ),
    )
    expect(result.error).toBeUndefined()
    expect(result.commands.map(({ type }) => type)).toEqual(['redirect.sendUserTo', 'access.deny'])
    expect(result.log).toBe('a my_secret_password\nb\n')
  })
})
