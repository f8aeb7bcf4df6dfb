/**
 * What is stored of a request: of its headers known families, never what a client made up; of its addresses
 * pseudonyms; and for how long its token stays spent.
 */
import { describe, expect, it } from 'vitest'
import type { RequestFacts } from '../../src/verifier/domain/facts.ts'
import type { Session } from '../../src/verifier/domain/session.ts'
import type { ClientHints } from '../../src/verifier/domain/visit.ts'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { openingOf } from '../../src/verifier/request-facts.ts'
import { sessionOf, testApp } from '../support/app.ts'

const identifiers = createIdentifiers('a test key for identifiers, 32 bytes long')

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)'
const CHROME = `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/142.0.0.0 Safari/537.36`
const EDGE = `${CHROME} Edg/142.0.0.0`
const ANDROID = `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36`
const LINUX = `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Chrome/142.0.0.0 Safari/537.36`
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0'
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1'

const CHROME_BRANDS = '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"'
const EDGE_BRANDS = '"Chromium";v="142", "Microsoft Edge";v="142", "Not_A Brand";v="99"'
const BRAVE_BRANDS = '"Chromium";v="142", "Brave";v="142", "Not_A Brand";v="99"'
const WINDOWS = '"Windows"'

function factsOf(userAgent?: string, clientHints?: ClientHints): RequestFacts {
  return openingOf(
    {
      session: sessionOf(),
      state: 'S1',
      binding: 'browser-1',
      visit: {
        network: {},
        ...(userAgent === undefined ? {} : { userAgent }),
        ...(clientHints === undefined ? {} : { clientHints }),
        client: { script: true },
      },
      assessmentId: '00000000-0000-4000-8000-000000000001',
      engineVersion: '1',
      knownPolicies: [],
    },
    identifiers,
  ).request
}

describe('the browser of a request', () => {
  it.each([
    [CHROME, { browser: 'Chrome', os: 'Windows', device_type: 'desktop', bot: false }],
    [EDGE, { browser: 'Microsoft Edge', os: 'Windows', device_type: 'desktop', bot: false }],
    [ANDROID, { browser: 'Chrome', os: 'Android', device_type: 'mobile', bot: false }],
    [IPHONE, { browser: 'Safari', os: 'iOS', device_type: 'mobile', bot: false }],
    [FIREFOX, { browser: 'Firefox', os: 'Windows', device_type: 'desktop', bot: false }],
  ])('is told by family: %s', (userAgent, told) => expect(factsOf(userAgent)).toMatchObject(told))

  it('is the same one after an upgrade', () =>
    expect(factsOf(CHROME.replace('142', '151'))).toEqual(factsOf(CHROME)))

  it.each([
    'curl/8.16.0',
    'python-requests/2.32',
    `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} HeadlessChrome/142.0.0.0 Safari/537.36`,
    'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  ])('is known for a program: %s', (userAgent) => expect(factsOf(userAgent).bot).toBe(true))

  it('is unknown without a User-Agent, and then it is no program either', () =>
    expect(factsOf(undefined, { brands: CHROME_BRANDS, platform: WINDOWS })).toEqual({
      token: { flow: 'password_reset' },
      token_network: {},
      visit_network: {},
      client: { script: true },
    }))

  it.each([
    'Somebody’s own name/1.0 (nobody)',
    `Mozilla/5.0 (${'x'.repeat(400)}) Gecko Made-Up/1`,
    '"><script>/1 (',
    'Chrome; DROP TABLE/1.0 (Windows) ',
  ])('is never text that the client made up: %s', (userAgent) => {
    const { browser, os } = factsOf(userAgent)
    for (const name of [browser, os]) expect([undefined, 'Chrome', 'Windows']).toContain(name)
  })
})

describe('client hints', () => {
  it.each([
    ['of Chrome', CHROME, CHROME_BRANDS, WINDOWS],
    ['of Edge', EDGE, EDGE_BRANDS, WINDOWS],
    ['of a browser that shares Chrome’s User-Agent', CHROME, BRAVE_BRANDS, WINDOWS],
    ['of a phone', ANDROID, CHROME_BRANDS, '"Android"'],
    ['of a phone that asks for the desktop’s site', LINUX, CHROME_BRANDS, '"Android"'],
    ['of the engine alone', LINUX, '"Chromium";v="142"', '"Linux"'],
    ['in another order, with another version', CHROME, '"x";v="8", "Google Chrome";v="9"', WINDOWS],
  ])('%s agree', (_, userAgent, brands, platform) =>
    expect(factsOf(userAgent, { brands, platform }).client_hint_mismatch).toBe(false),
  )

  it.each([
    ['Chrome behind Firefox’s header', FIREFOX, CHROME_BRANDS, WINDOWS],
    ['Chrome behind Edge’s header', EDGE, CHROME_BRANDS, WINDOWS],
    ['Edge behind Chrome’s header', CHROME, EDGE_BRANDS, WINDOWS],
    ['an unknown brand of the engine behind Safari’s header', IPHONE, BRAVE_BRANDS, '"iOS"'],
    ['Linux behind a Windows header', CHROME, CHROME_BRANDS, '"Linux"'],
    ['Windows behind a phone’s header', ANDROID, CHROME_BRANDS, WINDOWS],
  ])('betray %s', (_, userAgent, brands, platform) =>
    expect(factsOf(userAgent, { brands, platform }).client_hint_mismatch).toBe(true),
  )

  it.each([
    ['no hints', CHROME, {}],
    ['malformed hints', CHROME, { brands: 'Chromium;v=142', platform: 'Windows' }],
    ['hints of nothing that is known', CHROME, { brands: '"x";v="1"', platform: '"BeOS"' }],
    ['a system that the User-Agent does not name', 'Mozilla/5.0', { platform: WINDOWS }],
  ])('say nothing with %s', (_, userAgent, hints) =>
    expect(factsOf(userAgent, hints)).not.toHaveProperty('client_hint_mismatch'),
  )

  it('are read from the request, cut to a bounded length', async () => {
    const app = testApp()
    await app.post({}, { 'sec-ch-ua': `"${'x'.repeat(5000)}"`, 'sec-ch-ua-platform': WINDOWS })
    const hints = app.assessed[0]?.visit.clientHints
    expect(hints?.platform).toBe(WINDOWS)
    expect(hints?.brands).toHaveLength(512)
  })
})

describe('what is opened', () => {
  const openingFrom = (tokenAddress: string | undefined, visitAddress: string | undefined) =>
    openingOf(
      {
        session: { ...sessionOf(), address: () => tokenAddress } as Session,
        state: 'S1',
        binding: 'browser-1',
        visit: {
          network: {},
          ...(visitAddress === undefined ? {} : { address: visitAddress }),
          client: { script: true },
        },
        assessmentId: '00000000-0000-4000-8000-000000000001',
        engineVersion: '1',
        knownPolicies: [],
      },
      identifiers,
    )

  it('stays spent for an hour after the token, as long as Auth0 may wait for its state', () => {
    const { expiresAt } = sessionOf()
    expect(openingFrom(undefined, undefined).keepUntil).toBe(expiresAt + 3600)
  })

  it.each([
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7', '203.0.113.8', false],
    ['2001:db8::7', '2001:db8::7', true],
    // One subscriber, and still another machine.
    ['2001:db8::7', '2001:db8::8', false],
    ['203.0.113.7', undefined, undefined],
    [undefined, '203.0.113.7', undefined],
  ])('says of %s and %s whether they are the same address: %s', (token, visit, same) => {
    expect(openingFrom(token, visit).request.same_address).toBe(same)
  })

  it('looks up public addresses in the lists, and stores their pseudonyms alone', () => {
    const { rawTokenAddress, rawVisitAddress, ...stored } = openingFrom('8.8.8.8', '2001:4860::8')
    expect([rawTokenAddress, rawVisitAddress]).toEqual(['8.8.8.8', '2001:4860::8'])
    expect(JSON.stringify(stored)).not.toMatch(/8\.8\.8\.8|2001:4860/)
    expect(stored.request.token_network.address).toBe(stored.tokenAddress)
    expect(stored.tokenAddress).toMatch(/^-?\d+$/)
  })

  it.each(['10.0.0.7', '192.168.1.7', '127.0.0.1', '100.64.0.7', 'fd00::7', 'fe80::7', '::1'])(
    'looks up no private address: %s',
    (address) => {
      const opening = openingFrom(address, address)
      expect(opening).not.toHaveProperty('rawTokenAddress')
      expect(opening).not.toHaveProperty('rawVisitAddress')
    },
  )
})
