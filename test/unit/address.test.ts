/**
 * Addresses as text, ranges, and the walk through X-Forwarded-For. The cases of the walk follow the
 * situations that realclientip's vectors name; the addresses are of the documentation ranges.
 */
import fc from 'fast-check'
import '../support/seed.ts'
import { describe, expect, it } from 'vitest'
import {
  type AddressRange,
  clientAddressFromForwarded,
  isPublic,
  parseAddress,
  parseRange,
} from '../../src/verifier/address.ts'

describe('an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1', 4, '192.0.2.1'],
    ['0.0.0.0', '0.0.0.0', 4, '0.0.0.0'],
    ['2001:db8::1', '2001:db8::1', 6, '2001:db8::/64'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1', 6, '2001:db8::/64'],
    ['2001:0db8:0001:0002:0003:0004:0005:0006', '2001:db8:1:2:3:4:5:6', 6, '2001:db8:1:2::/64'],
    ['2001:db8:0:1:ffff::', '2001:db8:0:1:ffff::', 6, '2001:db8:0:1::/64'],
    ['::1', '::1', 6, '::/64'],
    ['::', '::', 6, '::/64'],
    ['::ffff:192.0.2.1', '192.0.2.1', 4, '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1', 4, '192.0.2.1'],
    ['0:0:0:0:0:FFFF:192.0.2.1', '192.0.2.1', 4, '192.0.2.1'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201', 6, '64:ff9b::/64'],
  ])('%s is %s', (text, canonical, family, network) => {
    expect(parseAddress(text)).toEqual({ text: canonical, family, network })
  })

  it.each([
    '',
    ' ',
    'localhost',
    '192.0.2',
    '192.0.2.1.1',
    '192.0.2.256',
    '192.0.2.01',
    '0300.0.2.1',
    '0xc0.0.2.1',
    '3221225985',
    '192.0.2.1 ',
    ' 192.0.2.1',
    '192.0.2.1\n',
    '192.0.2.1:80',
    '192.0.2.1/32',
    '192.0.2.1, 192.0.2.2',
    '[2001:db8::1]',
    '2001:db8::1::',
    '2001:db8::12345',
    '2001:db8::1/64',
    'fe80::1%eth0',
    'fe80::1%1',
    '::ffff:0xc0.0.2.1',
    '::ffff:192.0.2.01',
    '::ffff:192.0.2',
    '1:2:3:4:5:6:7:8:9',
    '１９２.0.2.1',
    `${'0'.repeat(60)}::1`,
  ])('"%s" is none', (text) => {
    expect(parseAddress(text)).toBeUndefined()
  })

  it('has one text: reading the canonical text again changes nothing', () => {
    const any = fc.oneof(fc.ipV4(), fc.ipV6())
    fc.assert(
      fc.property(any, (text) => {
        const address = parseAddress(text)
        expect(address).toBeDefined()
        expect(parseAddress(address?.text ?? '')).toEqual(address)
      }),
    )
  })

  it('is given for no text that holds anything else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const address = parseAddress(text)
        expect(address === undefined || /^[0-9a-f:.]{2,45}$/.test(address.text)).toBe(true)
      }),
    )
  })
})

describe('a public address', () => {
  const publicOf = (text: string) => {
    const address = parseAddress(text)
    if (address === undefined) throw new Error(text)
    return isPublic(address)
  }

  it.each(['8.8.8.8', '193.0.14.129', '2a00:1450:4001::8a', '::ffff:8.8.8.8'])('%s', (text) => {
    expect(publicOf(text)).toBe(true)
  })

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.0.1',
    '192.0.2.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    'fc00::1',
    'fe80::1',
    'ff02::1',
    '2001:db8::1',
  ])('is not %s', (text) => {
    expect(publicOf(text)).toBe(false)
  })
})

describe('a range', () => {
  it.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/8', '::ffff:10.0.0.1', true],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['192.0.2.128/25', '192.0.2.127', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:db8::/33', '2001:db8:8000::', false],
    ['::1', '::1', true],
    ['::/1', '192.0.2.1', false],
    ['2001:db8::/32', '32.1.13.184', false],
    ['::ffff:192.0.2.7', '192.0.2.7', true],
  ])('%s and %s: %s', (text, address, inside) => {
    const parsed = parseAddress(address)
    expect(parsed && parseRange(text)?.contains(parsed)).toBe(inside)
  })

  it.each([
    '',
    'all',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/08',
    '10.0.0.0/255.0.0.0',
    '10.0.0.1/8',
    '2001:db8::1/32',
    '2001:db8::/129',
    '0.0.0.0/0',
    '::/0',
    '::ffff:10.0.0.0/104',
    '::ffff:10.0.0.0/8',
    '10.0/8',
    'fe80::%eth0/10',
  ])('"%s" is none', (text) => {
    expect(parseRange(text)).toBeUndefined()
  })

  it('writes itself in one form', () => {
    expect(parseRange('2001:DB8:0::/32')?.text).toBe('2001:db8::/32')
    expect(parseRange('192.0.2.7')?.text).toBe('192.0.2.7/32')
  })
})

describe('the client behind proxies', () => {
  const trusted = ['10.0.0.0/8', '203.0.113.0/24', '2001:db8:ff::/48', '::1'].map(
    (text) => parseRange(text) as AddressRange,
  )
  const walk = (header: string | undefined, peer: string | undefined) =>
    clientAddressFromForwarded(header, peer, trusted)?.text

  it.each<readonly [string, string | undefined, string | undefined, string | undefined]>([
    ['one proxy', '198.51.100.1', '10.0.0.1', '198.51.100.1'],
    ['two proxies', '198.51.100.1, 203.0.113.9', '10.0.0.1', '198.51.100.1'],
    ['no space after the comma', '198.51.100.1,203.0.113.9', '10.0.0.1', '198.51.100.1'],
    ['tabs around', '\t198.51.100.1\t,\t203.0.113.9\t', '10.0.0.1', '198.51.100.1'],
    ['a client that wrote the header', '1.1.1.1, 198.51.100.1', '10.0.0.1', '198.51.100.1'],
    [
      'a client that wrote one of our proxies',
      '1.1.1.1, 10.0.0.7, 198.51.100.1',
      '10.0.0.1',
      '198.51.100.1',
    ],
    ['a client that wrote nonsense', 'x, , 198.51.100.1', '10.0.0.1', '198.51.100.1'],
    [
      'a client that wrote ten thousand entries',
      `${'1.1.1.1,'.repeat(10_000)}198.51.100.1`,
      '10.0.0.1',
      '198.51.100.1',
    ],
    ['no proxy: the header is not read', '1.1.1.1', '198.51.100.1', '198.51.100.1'],
    ['no proxy: the header names our proxies', '1.1.1.1, 10.0.0.2', '198.51.100.1', '198.51.100.1'],
    ['no proxy and no header', undefined, '198.51.100.1', '198.51.100.1'],
    ['a proxy that says nothing', undefined, '10.0.0.1', undefined],
    ['a proxy that says nothing, in an empty header', '', '10.0.0.1', undefined],
    ['our own hops only', '10.0.0.3, 203.0.113.9', '10.0.0.1', undefined],
    ['a proxy that passes on no address', '198.51.100.1, unknown', '10.0.0.1', undefined],
    ['an obfuscated name', '198.51.100.1, _hidden', '10.0.0.1', undefined],
    ['an empty last entry', '198.51.100.1, ', '10.0.0.1', undefined],
    ['a port', '198.51.100.1:4711', '10.0.0.1', '198.51.100.1'],
    ['an IPv6 client', '2001:db8::1', '10.0.0.1', '2001:db8::1'],
    ['an IPv6 client in brackets', '[2001:db8::1]', '10.0.0.1', '2001:db8::1'],
    ['an IPv6 client with a port', '[2001:db8::1]:4711', '10.0.0.1', '2001:db8::1'],
    ['an IPv6 client with a zone', 'fe80::1%eth0', '10.0.0.1', undefined],
    ['an IPv6 proxy', '198.51.100.1, 2001:db8:ff::9', '::1', '198.51.100.1'],
    ['a mapped client', '::ffff:198.51.100.1', '10.0.0.1', '198.51.100.1'],
    ['a mapped proxy', '198.51.100.1, ::ffff:10.0.0.2', '::ffff:10.0.0.1', '198.51.100.1'],
    ['quotes', '"198.51.100.1"', '10.0.0.1', undefined],
    ['IPv4 in brackets', '[198.51.100.1]', '10.0.0.1', undefined],
    ['a port without an address', ':4711', '10.0.0.1', undefined],
    ['a port of six digits', '198.51.100.1:471100', '10.0.0.1', undefined],
    ['a range', '198.51.100.0/24', '10.0.0.1', undefined],
    ['no peer: a socket that is no network socket', '198.51.100.1', undefined, undefined],
    ['a peer that is no address', '198.51.100.1', 'localhost', undefined],
  ])('%s', (_, header, peer, client) => {
    expect(walk(header, peer)).toBe(client)
  })

  it('is the peer when nothing is trusted', () => {
    expect(clientAddressFromForwarded('1.1.1.1', '10.0.0.1', [])?.text).toBe('10.0.0.1')
  })

  it('cannot be chosen by the client, whatever it writes to the left', () => {
    fc.assert(
      fc.property(fc.string(), (written) => {
        expect(walk(`${written}, 198.51.100.1, 203.0.113.9`, '10.0.0.1')).toBe('198.51.100.1')
      }),
    )
  })
})
