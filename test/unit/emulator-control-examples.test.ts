/**
 * What a user copies works: the example test runs here as it stands, and every call of docs/emulator.md is
 * made.
 */
import '../../examples/my-action.test.ts'
import '../../examples/shortest.test.ts'
import '../../examples/time-and-faults.test.ts'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ENDPOINTS } from '../../src/emulator/http/control.ts'
import { createTenant } from '../../src/emulator/index.ts'
import { lintAction } from '../../src/emulator/lint/lint.ts'
import { NO_FAULTS } from '../../src/emulator/tenant/faults.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const DOCS = read('docs/emulator.md')

/** The commands of the document: method, path, body. */
const calls = [
  ...DOCS.matchAll(/curl (?:-X (\w+) )?(?:-H \S+ )?"?\$E([^\s"]*)"?(?: -d '([^']*)')?/g),
]

describe('docs/emulator.md', () => {
  it('shows the example files as they are', () => {
    const blocks = [...DOCS.matchAll(/```(?:ts|js)\n([\s\S]*?)```/g)].map(([, code]) => code ?? '')
    expect(blocks.length).toBeGreaterThanOrEqual(2)
    const files = ['my-action.test.ts', 'my-action.js', 'time-and-faults.test.ts'].map((name) =>
      read(`examples/${name}`),
    )
    for (const block of blocks)
      expect(
        files.some((file) => file.includes(block)),
        block,
      ).toBe(true)
  })

  it('its calls of the control plane are answered, in this order', async () => {
    const tenant = createTenant()
    expect(calls.length).toBeGreaterThan(8)
    for (const [whole, method = 'GET', path, body] of calls) {
      const answer = await tenant.fetch(
        new Request(`${tenant.origin}/__emulator${path}`, {
          method,
          ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
        }),
      )
      expect(answer.ok, `${whole}: ${await answer.text()}`).toBe(true)
    }
    await tenant.close()
  })

  it('names every endpoint and every fault', () => {
    for (const [method, path] of ENDPOINTS) expect(DOCS).toContain(`${method} ${path}`)
    for (const name of Object.keys(NO_FAULTS)) expect(DOCS).toContain(`\`${name}\``)
  })
})

it('the example Action has no finding', () => {
  expect(lintAction(read('examples/my-action.js'))).toEqual([])
})
