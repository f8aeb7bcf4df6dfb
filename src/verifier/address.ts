/**
 * Network addresses as text: one canonical form, ranges, and the client's address behind proxies.
 * Knows nothing of requests, headers' names or lists.
 */
import ipaddr from 'ipaddr.js'

export interface Address {
  /** Canonical: dotted decimal, or RFC 5952. An IPv4-mapped IPv6 address is the IPv4 address. */
  readonly text: string
  readonly family: 4 | 6
  /**
   * What one subscriber holds: the IPv4 address itself, or the IPv6 /64 with its length
   * (`2001:db8:1:2::/64`). A device changes the lower half of its IPv6 address at will.
   */
  readonly network: string
}

export interface AddressRange {
  readonly text: string
  contains(address: Address): boolean
}

/**
 * Undefined for anything but one address in its usual form. Zone ids, ports, brackets, octal,
 * hexadecimal and shortened IPv4 are refused: two readers must never see two addresses in one text.
 */
export function parseAddress(text: string): Address | undefined {
  const address = parse(text)
  return address && describe(address)
}

/** Whether the address can belong to a client on the internet: no private, local or reserved range. */
export function isPublic(address: Address): boolean {
  return parse(address.text)?.range() === 'unicast'
}

/** Of a network that anybody may have at home: no list can mean one person by it. */
const PRIVATE = new Set([
  'unspecified',
  'broadcast',
  'multicast',
  'linkLocal',
  'loopback',
  'private',
  'carrierGradeNat',
  'uniqueLocal',
])

export function isPrivate(address: Address): boolean {
  return PRIVATE.has(parse(address.text)?.range() ?? 'unspecified')
}

/**
 * `10.0.0.0/8`, `2001:db8::/32` or a single address. Undefined when it is no range, when bits are set
 * below the prefix (a typo that would widen or move the range), or when it would hold every address.
 */
export function parseRange(text: string): AddressRange | undefined {
  const [base = '', prefix, ...rest] = text.split('/')
  const address = parse(base)
  if (address === undefined || rest.length > 0) return undefined
  const bits = address.kind() === 'ipv4' ? 32 : 128
  if (prefix !== undefined && !/^[1-9]\d{0,2}$/.test(prefix)) return undefined
  const length = prefix === undefined ? bits : Number(prefix)
  // A mapped base would count its prefix in IPv6 bits while the address is read as IPv4.
  if (length > bits || (prefix !== undefined && base.includes(':') !== (bits === 128))) {
    return undefined
  }
  if (networkOf(address, length) !== describe(address).text) return undefined
  return {
    text: `${describe(address).text}/${length}`,
    contains({ text: candidate }) {
      const other = parse(candidate)
      return other !== undefined && other.kind() === address.kind() && other.match(address, length)
    },
  }
}

/**
 * The client's address behind proxies of known ranges. Walks from the connection's peer and then
 * through `X-Forwarded-For` from the right, as long as the hop just read is one of ours: only such a
 * hop's word counts for the next entry. The left end of the header is whatever the client wrote.
 * Undefined when every hop is ours or when a hop of ours passed on something that is no address.
 */
export function clientAddressFromForwarded(
  header: string | undefined,
  peer: string | undefined,
  trustedRanges: readonly AddressRange[],
): Address | undefined {
  const entries = header === undefined ? [] : header.split(',')
  let hop = peer === undefined ? undefined : parseAddress(peer)
  while (hop !== undefined) {
    const address: Address = hop
    if (!trustedRanges.some((range) => range.contains(address))) return address
    const entry = entries.pop()
    hop = entry === undefined ? undefined : parseForwardedEntry(entry.trim())
  }
  return undefined
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`, `[2001:db8::1]`. */
function parseForwardedEntry(entry: string): Address | undefined {
  const bracketed = /^\[([0-9A-Fa-f:.]+)\](?::\d{1,5})?$/.exec(entry)?.[1]
  if (bracketed !== undefined) {
    return bracketed.includes(':') ? parseAddress(bracketed) : undefined
  }
  return parseAddress(/^([\d.]+):\d{1,5}$/.exec(entry)?.[1] ?? entry)
}

type Parsed = ipaddr.IPv4 | ipaddr.IPv6

/** The longest form, IPv4 in IPv6 notation, has 45 characters. */
const MAX_TEXT = 45

function parse(text: string): Parsed | undefined {
  if (text.length > MAX_TEXT) return undefined
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text)
  // The embedded IPv4 of an IPv6 address is read leniently by the library: only plain decimals pass.
  const tail = text.slice(text.lastIndexOf(':') + 1)
  if (!/^[0-9A-Fa-f:.]+$/.test(text)) return undefined
  if (tail.includes('.') && !ipaddr.IPv4.isValidFourPartDecimal(tail)) return undefined
  if (!ipaddr.IPv6.isValid(text)) return undefined
  const address = ipaddr.IPv6.parse(text)
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address
}

function describe(address: Parsed): Address {
  if (address.kind() === 'ipv4') {
    const text = address.toString()
    return { text, family: 4, network: text }
  }
  const text = (address as ipaddr.IPv6).toRFC5952String()
  return { text, family: 6, network: `${networkOf(address, 64)}/64` }
}

/** The address with every bit below the prefix cleared. */
function networkOf(address: Parsed, length: number): string {
  const bytes = address.toByteArray().map((byte, index) => {
    const kept = Math.min(8, Math.max(0, length - index * 8))
    return byte & (0xff << (8 - kept))
  })
  const network = ipaddr.fromByteArray(bytes)
  return network.kind() === 'ipv4' ? network.toString() : (network as ipaddr.IPv6).toRFC5952String()
}
