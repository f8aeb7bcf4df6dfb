/** Publicly known secrets are refused at the start, all of them, and random ones are not. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isKnownSecret } from '../../src/verifier/config-known-secrets.ts'
import { checkSecrets } from '../../src/verifier/config-secrets.ts'
import { knownSecrets, TABLE, tableModule } from './generate-known-secrets.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest()

describe('publicly known secrets', () => {
  const secrets = knownSecrets()

  it('are refused whenever they are long enough to be refused for nothing else', () => {
    expect(secrets.length).toBeGreaterThan(1800)
    const accepted = secrets.filter((value) => {
      const faults: string[] = []
      checkSecrets(
        [{ name: 'S', value }],
        (fault) => faults.push(fault),
        () => {},
      )
      return !faults.some((fault) => fault.includes('public list'))
    })
    expect(accepted).toEqual([])
  })

  it('are carried as the table that the list gives', () => {
    expect(readFileSync(TABLE, 'utf8')).toBe(tableModule())
  })

  it('are known by the whole text: a change of one character makes another secret', () => {
    const changed = secrets.slice(0, 500).map((secret) => `${secret}~`)
    expect(changed.filter((secret) => isKnownSecret(sha256(secret)))).toEqual([])
  })

  it('take less than ten kilobytes', () => {
    expect(tableModule().length).toBeLessThan(10_240)
  })
})
