/** The reference Action as a file: what Auth0 and the deploy tool ask of it. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { types } from 'node:util'
import { describe, expect, it } from 'vitest'

const read = (name: string) =>
  readFileSync(new URL(`../../actions/${name}`, import.meta.url), 'utf8')
const code = read('password-reset-verify.js')
const yaml = read('tenant.yaml')

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

describe('tenant.yaml', () => {
  it('deploys the file beside it, and no trigger binding, which would replace those there are', () => {
    expect(yaml).toContain('code: ./password-reset-verify.js')
    expect(yaml).not.toMatch(/^triggers:/m)
  })

  it('starts by watching, and holds no secret', () => {
    expect(yaml).toMatch(/- name: RV_MODE\n\s+value: observe\n/)
    for (const name of ['RV_URL', 'RV_SESSION_SECRET', 'RV_CONTINUE_SECRET'])
      expect(yaml).toContain(`- name: ${name}\n        value: '##${name}##'\n`)
  })

  it('names no secret that the Action does not read', () => {
    const named = [...yaml.matchAll(/- name: (RV_\w+)/g)].map(([, name]) => name as string)
    expect(named.length).toBeGreaterThan(4)
    expect(named.filter((name) => !code.includes(name))).toEqual([])
  })
})
