/** Where the client's address and the network's facts are read, per runtime, and where they are not. */
import type { Context } from 'hono'
import { describe, expect, it } from 'vitest'
import { parseRange } from '../../src/verifier/address.ts'
import { createNodePlatform } from '../../src/verifier/http/platform-node.ts'
import { workersPlatform } from '../../src/verifier/http/platform-workers.ts'
import { testApp } from '../support/app.ts'

/** Through the application, so that it is the framework's context that is read. */
async function placeOf(
  platform: ReturnType<typeof createNodePlatform>,
  headers: Record<string, string>,
  cf?: unknown,
) {
  const seen: Context[] = []
  const app = testApp({
    platform: {
      readPlace(c) {
        seen.push(c)
        Object.defineProperty(c.req.raw, 'cf', { value: cf, configurable: true })
        return platform.readPlace(c)
      },
    },
  })
  expect((await app.post({}, headers)).status).toBe(200)
  expect(seen).toHaveLength(1)
  const { address, network } = app.assessed[0]?.visit ?? {}
  return { address, network }
}

const SPOOFED = {
  'x-forwarded-for': '198.51.100.1',
  'cf-connecting-ip': '198.51.100.2',
  'x-real-ip': '198.51.100.3',
  'cf-ipcountry': 'DE',
}

describe('on Node', () => {
  it('reads the socket and no header', async () => {
    const platform = createNodePlatform({ clientAddress: { kind: 'socket' } })
    expect(await placeOf(platform, SPOOFED)).toEqual({ address: '203.0.113.9', network: {} })
  })

  it('reads the one header that is named', async () => {
    const platform = createNodePlatform({
      clientAddress: { kind: 'header', name: 'cf-connecting-ip' },
    })
    expect((await placeOf(platform, SPOOFED)).address).toBe('198.51.100.2')
  })

  it('does not fall back to the socket where the named header is absent or no address', async () => {
    const platform = createNodePlatform({ clientAddress: { kind: 'header', name: 'x-client' } })
    expect((await placeOf(platform, SPOOFED)).address).toBeUndefined()
    expect(
      (await placeOf(platform, { 'x-client': '198.51.100.1, 10.0.0.1' })).address,
    ).toBeUndefined()
  })

  it('walks trusted proxies from the right and never reads the left end', async () => {
    const trusted = ['203.0.113.0/24', '10.0.0.0/8'].map((text) => {
      const range = parseRange(text)
      if (range === undefined) throw new Error(text)
      return range
    })
    const platform = createNodePlatform({ clientAddress: { kind: 'forwarded', trusted } })
    const forwarded = { 'x-forwarded-for': '6.6.6.6, 198.51.100.7, 10.1.2.3' }
    expect((await placeOf(platform, forwarded)).address).toBe('198.51.100.7')
    const untrusted = createNodePlatform({
      clientAddress: { kind: 'forwarded', trusted: trusted.slice(1) },
    })
    expect((await placeOf(untrusted, forwarded)).address).toBe('203.0.113.9')
  })

  it('reads country and network from the headers that are named', async () => {
    const platform = createNodePlatform({
      clientAddress: { kind: 'socket' },
      countryHeader: 'x-country',
      asnHeader: 'x-asn',
    })
    const network = async (country: string, asn: string) =>
      (await placeOf(platform, { 'x-country': country, 'x-asn': asn })).network
    expect(await network('ch', 'AS64500')).toEqual({ country: 'CH', asn: 64_500 })
    expect(await network('T1', '4294967295')).toEqual({ asn: 4_294_967_295 })
    for (const [country, asn] of [
      ['XX', '0'],
      ['', ''],
      ['CHE', '4294967296'],
      ['C', '-1'],
      ['<>', '64500x'],
    ] as const) {
      expect(await network(country, asn)).toEqual({})
    }
  })
})

describe('on Workers', () => {
  const CF = {
    country: 'CH',
    asn: 64_500,
    latitude: '47.37690',
    longitude: '-8.54170',
    timezone: 'Europe/Zurich',
    clientTcpRtt: 21,
    city: 'Zurich',
    postalCode: '8001',
  }

  it('reads the address from cf-connecting-ip alone', async () => {
    expect((await placeOf(workersPlatform, SPOOFED)).address).toBe('198.51.100.2')
    const { 'cf-connecting-ip': _, ...others } = SPOOFED
    expect((await placeOf(workersPlatform, others)).address).toBeUndefined()
  })

  it('takes coarse facts of the edge and leaves the finer ones', async () => {
    expect((await placeOf(workersPlatform, {}, CF)).network).toEqual({
      country: 'CH',
      asn: 64_500,
      latitude: 47.4,
      longitude: -8.5,
      time_zone: 'Europe/Zurich',
      rtt_ms: 21,
    })
  })

  it.each([
    ['the Tor network as no country', { country: 'T1' }, 'country'],
    ['an unknown country', { country: 'XX' }, 'country'],
    ['a network that is no number', { asn: '64500' }, 'asn'],
    ['a latitude without its longitude', { longitude: undefined }, 'latitude'],
    ['a latitude beyond the pole', { latitude: '91' }, 'latitude'],
    ['a latitude that is no number', { latitude: 'NaN' }, 'latitude'],
    ['a round trip of nothing', { clientTcpRtt: 0 }, 'rtt_ms'],
    ['a time zone with a space', { timezone: 'Europe Zurich' }, 'time_zone'],
  ])('reads %s', async (_, change, absent) => {
    const { network } = await placeOf(workersPlatform, {}, { ...CF, ...change })
    expect(network).not.toHaveProperty(absent)
    expect(Object.keys(network ?? {}).length).toBeGreaterThanOrEqual(4)
  })
})
