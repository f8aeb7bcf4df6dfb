/**
 * The plain-text variables about networks: where the database is, where browsers reach us, where we
 * listen, and which word about the client's address is believed.
 */
import { type AddressRange, parseAddress, parseRange } from './address.ts'
import type { Report } from './config-json.ts'
import { isLocalName } from './config-tenants.ts'

/** Where the client's address is read from; nothing else is believed. */
export type ClientAddressSource =
  | { readonly kind: 'socket' }
  /** One header that the platform sets and no client can, such as `cf-connecting-ip`. Lower case. */
  | { readonly kind: 'header'; readonly name: string }
  /** `X-Forwarded-For`, read from the right as long as the hop is in one of the ranges. */
  | { readonly kind: 'forwarded'; readonly trusted: readonly AddressRange[] }

/** Loopback: being reachable from elsewhere is a choice. */
const DEFAULT_HOST = '127.0.0.1'
const DEFAULT_PORT = 3000

export function parseDatabaseUrl(
  value: string | undefined,
  fault: Report,
  name = 'DATABASE_URL',
): string | undefined {
  if (value === undefined) return undefined
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url?.protocol === 'postgres:' || url?.protocol === 'postgresql:') return value
  fault(`${name} must be a URL that begins with postgres:// or postgresql://`)
  return undefined
}

/** Secure cookies need a secure context: https, or a localhost name. */
export function parsePublicOrigin(value: string | undefined, fault: Report): string | undefined {
  const url = value !== undefined && URL.canParse(value) ? new URL(value) : undefined
  const secure =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocalName(url.hostname))
  if (url !== undefined && secure && value === url.origin) return url.origin
  fault(
    'RV_PUBLIC_ORIGIN must be an origin without a path, such as https://verify.example.com; http only on a localhost name',
  )
  return undefined
}

export function parseClientAddress(
  value: string | undefined,
  fault: Report,
): ClientAddressSource | undefined {
  if (value === 'socket') return { kind: 'socket' }
  if (value?.startsWith('header:')) {
    const name = parseHeaderName('RV_CLIENT_ADDRESS', value.slice('header:'.length), fault)
    if (name === undefined) return undefined
    if (name !== 'x-forwarded-for' && name !== 'forwarded') return { kind: 'header', name }
    fault(
      'RV_CLIENT_ADDRESS must not be that header: use forwarded: and the ranges of your proxies',
    )
    return undefined
  }
  if (value?.startsWith('forwarded:')) {
    const texts = value.slice('forwarded:'.length).split(',')
    const trusted = texts.map((text) => parseRange(text.trim()))
    if (!trusted.includes(undefined)) {
      return { kind: 'forwarded', trusted: trusted.filter((range) => range !== undefined) }
    }
    for (const [index, range] of trusted.entries()) {
      if (range === undefined) {
        fault(
          `RV_CLIENT_ADDRESS: range ${index + 1} must be such as 10.0.0.0/8, with no bits set below its length`,
        )
      }
    }
    return undefined
  }
  fault('RV_CLIENT_ADDRESS must be socket, header:<name> or forwarded:<range>,<range>')
  return undefined
}

/** RFC 9110 section 5.6.2: a token. */
export function parseHeaderName(
  name: string,
  value: string | undefined,
  fault: Report,
): string | undefined {
  if (value === undefined) return undefined
  if (/^[A-Za-z0-9-]{1,64}$/.test(value)) return value.toLowerCase()
  fault(`${name} must name a header: letters, digits and hyphens`)
  return undefined
}

/** `unsafe-none` is for applications that log in inside a popup and wait for it to close. */
export type OpenerPolicy = 'same-origin' | 'unsafe-none'

export function parseOpenerPolicy(value: string | undefined, fault: Report): OpenerPolicy {
  if (value === undefined || value === 'same-origin') return 'same-origin'
  if (value === 'unsafe-none') return value
  fault('RV_OPENER_POLICY must be same-origin or unsafe-none')
  return 'same-origin'
}

/** An address or a name to bind; what it is, the system decides. */
export function parseListenHost(
  value: string | undefined,
  fault: Report,
  name = 'RV_HOST',
): string {
  if (value === undefined) return DEFAULT_HOST
  if (parseAddress(value) !== undefined || /^[A-Za-z0-9.-]{1,253}$/.test(value)) return value
  fault(`${name} must be an address or a host name`)
  return DEFAULT_HOST
}

/** Longer than balancers take to notice; a minute is what platforms wait at most before they kill. */
const MAX_DRAIN_SECONDS = 60

/** How long a service that was told to stop goes on serving while it says that it is not ready. */
export function parseDrainSeconds(value: string | undefined, fault: Report): number {
  if (value === undefined) return 0
  if (/^\d{1,2}$/.test(value) && Number(value) <= MAX_DRAIN_SECONDS) return Number(value)
  fault(`RV_DRAIN_SECONDS must be a number of seconds from 0 to ${MAX_DRAIN_SECONDS}`)
  return 0
}

/** Port 0 lets the system choose one. */
export function parseListenPort(value: string | undefined, fault: Report): number {
  if (value === undefined) return DEFAULT_PORT
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value)
  fault('RV_PORT must be a number from 0 to 65535')
  return DEFAULT_PORT
}
