/**
 * The 558 open-redirect payloads of oauth2-proxy, signed with the right key: none of them, as issuer or
 * as any claim, ever picks a tenant or a host that is not configured.
 */
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, parseConfig } from '../../src/verifier/config.ts'
import type { Tokens } from '../../src/verifier/ports.ts'
import { importKeyRings } from '../../src/verifier/token/key-ring.ts'
import { createTokens } from '../../src/verifier/token/tokens.ts'
import {
  CONTINUE_SECRET,
  HOST,
  IDENTIFIER_SECRET,
  NOW,
  SESSION_SECRET,
  sessionToken,
} from '../support/tokens.ts'

const file = new URL('openredirect/oauth2-proxy-openredirects.txt', import.meta.url)
const payloads = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')

const environment = (hosts: unknown) => ({
  RV_TENANTS: JSON.stringify([{ id: 'acme', hosts }]),
  RV_SECRETS: JSON.stringify({ acme: { session: [SESSION_SECRET], continue: [CONTINUE_SECRET] } }),
  RV_IDENTIFIER_SECRET: IDENTIFIER_SECRET,
  RV_PUBLIC_ORIGIN: 'https://verify.example.com',
  RV_CLIENT_ADDRESS: 'socket',
})

describe('the open-redirect payloads', () => {
  let tokens: Tokens
  beforeAll(async () => {
    const config = parseConfig(environment([HOST]))
    tokens = createTokens(config.tenants, await importKeyRings(config.revealSecrets().tenants))
  })

  it('are 558', () => {
    expect(payloads).toHaveLength(558)
  })

  it('are no tenant, as iss', async () => {
    for (const iss of [...payloads, ...payloads.map((payload) => `${HOST}${payload}`)]) {
      const verified = await tokens.verifySessionToken(sessionToken({ iss }), NOW)
      expect(verified).toEqual({ ok: false, error: { code: 'issuer_unknown' } })
    }
  })

  it('change neither tenant nor host, as any claim that could be taken for an address', async () => {
    for (const url of payloads) {
      const names = ['continue_uri', 'aud', 'host', 'tenantId', 'ip']
      const claims = Object.fromEntries(names.map((name) => [name, url]))
      const verified = await tokens.verifySessionToken(
        sessionToken({ ...claims, facts: { ...claims, country: url, time_zone: url } }),
        NOW,
      )
      if (!verified.ok) throw new Error(verified.error.code)
      const { tenantId, host } = verified.value
      expect([tenantId, host]).toEqual(['acme', HOST])
      expect(verified.value.address()).toBeUndefined()
      expect(verified.value.facts()).not.toHaveProperty('country')
    }
  })

  it('cannot be configured as the way back of a real host, nor of a localhost name', () => {
    for (const origin of payloads) {
      for (const host of [HOST, 'acme.localhost']) {
        const hosts = [{ host, continue_origin: origin }]
        expect(() => parseConfig(environment(hosts))).toThrow(ConfigError)
      }
    }
  })

  it('cannot be configured as a host, but for those that are plain host names', () => {
    const accepted = payloads.filter((host) => {
      try {
        return parseConfig(environment([host])).tenants.size === 1
      } catch (error) {
        if (error instanceof ConfigError) return false
        throw error
      }
    })
    expect(accepted.every((host) => /^[a-z0-9.-]+$/.test(host))).toBe(true)
    for (const host of accepted) expect(new URL(`https://${host}`).host).toBe(host)
  })
})
