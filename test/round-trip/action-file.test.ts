/** The reference Action as a file: what Auth0 asks of it. `test/unit/actions.test.ts` holds the rest. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { types } from 'node:util'
import { describe, expect, it } from 'vitest'

const read = (name: string) =>
  readFileSync(new URL(`../../actions/${name}`, import.meta.url), 'utf8')
const code = read('password-reset-verify.js')

describe('the Action', () => {
  it('exports real async functions, under the names that Auth0 calls', () => {
    const loaded = createRequire(import.meta.url)('../../actions/password-reset-verify.js')
    expect(Object.keys(loaded).sort()).toEqual([
      'onContinuePostChallenge',
      'onExecutePostChallenge',
    ])
    for (const handler of Object.values(loaded))
      expect(types.isAsyncFunction(handler as () => void)).toBe(true)
  })

  it('can be read in one sitting, and needs nothing but node:crypto', () => {
    expect(code.split('\n').length - 1).toBeLessThan(100)
    const required = [...code.matchAll(/require\(['"]([^'"]+)['"]\)/g)].map(([, name]) => name)
    expect(required).toEqual(['node:crypto'])
  })

  it('holds nothing that the deploy tool would take for a keyword', () => {
    expect(code).not.toMatch(/##|@@/)
  })
})
