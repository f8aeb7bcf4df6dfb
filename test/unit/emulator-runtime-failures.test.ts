/** Each way an Action can fail costs its own leg alone: the next leg of the same Action works. */
import { afterAll, describe, expect, it } from 'vitest'
import type { LegResult } from '../../src/emulator/runtime/execution.ts'
import { createRuntime, type RuntimeNotice } from '../../src/emulator/runtime/runtime.ts'
import { handler, legOf } from './support/action-probe.ts'

const notices: RuntimeNotice[] = []
const runtime = createRuntime({ onNotice: (notice) => notices.push(notice) })
afterAll(() => runtime.close())

/** Runs the body, then the same Action once more without it: the second leg must succeed. */
async function failing(body: string, budgetMs = 20_000): Promise<LegResult> {
  const leg = legOf(
    `const loaded = {}; ${handler(`
    if (!event.fail) return console.log('fine')
    console.log('before')
    api.access.deny('asked before')
    ${body}`)}`,
  )
  const failed = await runtime.run({ ...leg, event: { fail: true }, budgetMs })
  const next = await runtime.run({ ...leg, event: { fail: false } })
  expect(next).toMatchObject({ log: 'fine\n', commands: [] })
  expect(next.error).toBeUndefined()
  return failed
}

describe('a leg that fails', () => {
  it.each<[what: string, body: string, error: object, budgetMs?: number]>([
    [
      'a thrown Error',
      "throw new TypeError('mine')",
      { class: 'action_error', name: 'TypeError', message: 'mine' },
    ],
    [
      'a thrown text',
      "throw 'just text'",
      { class: 'action_error', name: 'Error', message: 'just text' },
    ],
    [
      'nothing thrown',
      'throw undefined',
      { class: 'action_error', name: 'Error', message: 'Unknown error' },
    ],
    [
      'a rejected promise that is awaited',
      "await Promise.reject(new RangeError('late'))",
      { class: 'action_error', name: 'RangeError', message: 'late' },
    ],
    [
      'a rejected promise that nobody awaits, while the handler runs',
      "Promise.reject(new Error('lost')); await new Promise((resolve) => setTimeout(resolve, 5000))",
      { class: 'action_error', name: 'Error', message: 'Uncaught outside the handler: lost' },
    ],
    [
      'an exception in a timer, while the handler runs',
      "setTimeout(() => { throw new Error('tick') }, 0); await new Promise((resolve) => setTimeout(resolve, 5000))",
      { class: 'action_error', name: 'Error', message: 'Uncaught outside the handler: tick' },
    ],
    [
      'an end of the process',
      'process.exit(3)',
      {
        class: 'action_error',
        name: 'Error',
        message: 'The Action ended its process (exit code 3).',
      },
    ],
    [
      'an endless loop',
      'for (;;) {}',
      {
        class: 'action_timeout',
        name: 'Error',
        message:
          "The Action did not finish within its time limit: 1000 ms were left of the trigger's 20 seconds.",
      },
      1000,
    ],
    [
      'a promise that never settles',
      'await new Promise(() => {})',
      { class: 'action_timeout' },
      1000,
    ],
    [
      'too slow work',
      'await new Promise((resolve) => setTimeout(resolve, 60_000))',
      { class: 'action_timeout' },
      1000,
    ],
    [
      'a memory hog',
      "const hog = []; for (;;) hog.push('x'.repeat(1000) + hog.length)",
      {
        class: 'action_error',
        message: 'The Action used more memory than an instance has (128 MB).',
      },
    ],
    [
      'endless recursion',
      'const again = () => again() + 1; again()',
      { class: 'action_error', name: 'RangeError' },
    ],
    [
      'more api calls than one execution may make',
      "for (;;) api.access.deny('again')",
      {
        class: 'action_error',
        message: 'not emulated: more than 10000 api calls in one execution',
      },
    ],
  ])(
    'tells of %s, keeps what was asked before, and spares the next leg',
    async (_what, body, error, budgetMs) => {
      const failed = await failing(body, budgetMs)
      expect(failed.error).toMatchObject(error)
      expect(failed.log).toBe('before\n')
      expect(failed.commands[0]).toEqual({ type: 'access.deny', reason: 'asked before' })
    },
  )

  it('has a stack that points into the file of the Action', async () => {
    const leg = legOf(handler("throw new Error('here')"))
    const filename = '/actions/mine.js'
    const { error } = await runtime.run({ ...leg, action: { ...leg.action, filename } })
    expect(error?.stack).toMatch(
      /Error: here\n {4}at exports\.onExecutePostChallenge \(\/actions\/mine\.js:2:/,
    )
  })

  it('a syntax error is told at every execution', async () => {
    const leg = legOf('exports.onExecutePostChallenge = async () => {')
    for (const _ of [1, 2]) {
      const { error } = await runtime.run(leg)
      expect(error).toMatchObject({ class: 'action_error', name: 'SyntaxError' })
    }
  })

  it('an Action that loops while it loads times out each time', async () => {
    const leg = legOf('for (;;) {}', { budgetMs: 300 })
    for (const _ of [1, 2]) {
      expect((await runtime.run(leg)).error?.class).toBe('action_timeout')
    }
  })

  it('an Action that ends its process while it loads fails each time', async () => {
    const leg = legOf('process.exit(0)')
    for (const _ of [1, 2]) {
      expect((await runtime.run(leg)).error?.message).toBe(
        'The Action ended its process (exit code 0).',
      )
    }
  })

  it('an event that is not plain data fails the leg, not the caller', async () => {
    const leg = legOf(handler("console.log('ran')"))
    const { error, log } = await runtime.run({ ...leg, event: { now: () => 0 } })
    expect(error?.class).toBe('platform_error')
    expect(error?.message).toMatch(/^The event is not plain data: /)
    expect(log).toBe('')
    expect((await runtime.run(leg)).log).toBe('ran\n')
  })

  it('without time left it is not waited for', async () => {
    const { error } = await runtime.run(
      legOf(handler('await new Promise((resolve) => setTimeout(resolve, 5000))'), { budgetMs: 0 }),
    )
    expect(error?.class).toBe('action_timeout')
  })

  it('a crash after the leg is told of, and the next leg meets a new instance', async () => {
    const leg = legOf(
      `let count = 0; ${handler(`
        console.log(++count)
        if (event.crash) setTimeout(() => { throw new Error('afterwards') }, 0)`)}`,
    )
    const told = (kind: string) => notices.filter((notice) => notice.kind === kind)
    const before = told('instance_crashed').length
    await runtime.run({ ...leg, event: { crash: true } })
    while (told('instance_crashed').length === before) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(notices.at(-1)).toEqual({
      kind: 'instance_crashed',
      action: 'probe',
      detail: 'Uncaught outside the handler: afterwards',
    })
    expect((await runtime.run({ ...leg, event: { crash: false } })).log).toBe('1\n')
  })

  it('does not disturb a leg of another Action that runs beside it', async () => {
    const [loop, calm] = await Promise.all([
      runtime.run(legOf(handler('for (;;) {}'), { budgetMs: 300 })),
      runtime.run(
        legOf(
          handler("await new Promise((resolve) => setTimeout(resolve, 50)); console.log('calm')"),
        ),
      ),
    ])
    expect(loop.error?.class).toBe('action_timeout')
    expect(calm).toMatchObject({ log: 'calm\n' })
    expect(calm.error).toBeUndefined()
  })

  it('does not end a leg of the same Action in another instance', async () => {
    const leg = legOf(
      handler(`
        if (event.loop) for (;;) {}
        await new Promise((resolve) => setTimeout(resolve, 400))
        console.log('finished')`),
    )
    const [loop, calm] = await Promise.all([
      runtime.run({ ...leg, event: { loop: true }, budgetMs: 200 }),
      runtime.run({ ...leg, event: { loop: false } }),
    ])
    expect(loop.error?.class).toBe('action_timeout')
    expect(calm).toMatchObject({ log: 'finished\n' })
  })
})
