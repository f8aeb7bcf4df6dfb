/**
 * A made-up tenant: users with a home, a phone, a habit of upgrading and the occasional trip, as a log
 * of successful logins; and the three attackers of Wiefling et al. (ACM TOPS 2023) against it. Seeded,
 * so that the committed file can be made again. It is no measurement of any real tenant.
 */
import type { ReferenceLogin } from '../../test/unit/support/reference-scorer.ts'

export interface SyntheticLogin extends ReferenceLogin {
  /** Seconds since the log's beginning. */
  readonly at: number
}

export const ATTACKERS = ['naive', 'vpn', 'targeted'] as const
export type Attacker = (typeof ATTACKERS)[number]

export interface SyntheticWorld {
  readonly log: readonly SyntheticLogin[]
  /** What the attacker would look like to the login page when going for this user. */
  readonly attack: (attacker: Attacker, user: string) => ReferenceLogin
}

/** mulberry32: a 32-bit generator whose whole state is its seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Country → networks (numbers for private use, RFC 6996) with their share of its people. */
const COUNTRIES: Record<string, readonly (readonly [asn: string, share: number])[]> = {
  NO: [
    ['64512', 0.5],
    ['64513', 0.3],
    ['64514', 0.2],
  ],
  SE: [
    ['64520', 0.6],
    ['64521', 0.4],
  ],
  DE: [
    ['64530', 0.5],
    ['64531', 0.5],
  ],
  US: [
    ['64540', 0.4],
    ['64541', 0.3],
    ['64542', 0.3],
  ],
  BR: [['64550', 1]],
  VN: [['64560', 1]],
  RU: [['64570', 1]],
}

/** Where the tenant's people live; the attackers' world is wider. */
const HOMES = [
  ['NO', 0.7],
  ['SE', 0.15],
  ['DE', 0.1],
  ['US', 0.05],
] as const
const TRIPS = ['SE', 'DE', 'US', 'BR'] as const
const WORLD = [
  ['US', 0.25],
  ['RU', 0.2],
  ['VN', 0.2],
  ['BR', 0.2],
  ['DE', 0.1],
  ['NO', 0.05],
] as const

interface Device {
  readonly os: string
  readonly browser: string
  readonly kind: 'desktop' | 'mobile'
}

const DEVICES: readonly (readonly [Device, number])[] = [
  [{ os: 'Windows 10', browser: 'Chrome', kind: 'desktop' }, 0.34],
  [{ os: 'Windows 10', browser: 'Edge', kind: 'desktop' }, 0.12],
  [{ os: 'Mac OS X 10', browser: 'Safari', kind: 'desktop' }, 0.1],
  [{ os: 'Mac OS X 10', browser: 'Chrome', kind: 'desktop' }, 0.06],
  [{ os: 'Linux 6', browser: 'Firefox', kind: 'desktop' }, 0.04],
  [{ os: 'iOS 17', browser: 'Safari', kind: 'mobile' }, 0.2],
  [{ os: 'Android 14', browser: 'Chrome', kind: 'mobile' }, 0.14],
]

interface Line {
  readonly country: string
  readonly asn: string
  readonly ip: string
}

interface User {
  readonly name: string
  readonly home: Line
  readonly mobile: { readonly country: string; readonly asn: string }
  readonly devices: readonly Device[]
  readonly weight: number
}

export function syntheticWorld(seed: number, logins: number, users: number): SyntheticWorld {
  const random = seeded(seed)
  const of = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const weighted = <T>(list: readonly (readonly [T, number])[]): T => {
    let left = random()
    for (const [value, share] of list) {
      left -= share
      if (left < 0) return value
    }
    return (list[list.length - 1] as readonly [T, number])[0]
  }
  // 198.18.0.0/15 is set aside for such uses (RFC 2544).
  const address = () =>
    `198.${18 + Math.floor(random() * 2)}.${Math.floor(random() * 256)}.${Math.floor(random() * 256)}`
  const networkIn = (country: string) => weighted(COUNTRIES[country] ?? [])
  const lineIn = (country: string): Line => ({ country, asn: networkIn(country), ip: address() })

  const people: User[] = Array.from({ length: users }, (_, index) => {
    const country = weighted(HOMES)
    const first = weighted(DEVICES)
    const second = weighted(DEVICES)
    return {
      name: `u${String(index + 1).padStart(3, '0')}`,
      home: lineIn(country),
      mobile: { country, asn: networkIn(country) },
      devices: random() < 0.6 ? [first, second] : [first],
      // A few people log in most: the shape of every login log.
      weight: 1 / (1 + index / 4) + 0.05,
    }
  })
  const total = people.reduce((sum, { weight }) => sum + weight, 0)
  const shares = people.map((user) => [user, user.weight / total] as const)

  const loginOf = (user: User, line: Line, device: Device, version: number): ReferenceLogin => ({
    user: user.name,
    ...line,
    agent: `${device.os}; ${device.browser}/${version}.0`,
    browser: `${device.browser} ${version}`,
    os: device.os,
    device: device.kind,
  })

  const log: SyntheticLogin[] = []
  let at = 0
  for (let index = 0; index < logins; index += 1) {
    at += 1 + Math.floor(random() * 2 * ((180 * 86_400) / logins))
    const user = weighted(shares)
    const where = random()
    const line =
      where < 0.68
        ? user.home
        : where < 0.93
          ? { ...user.mobile, ip: address() }
          : where < 0.97
            ? lineIn(user.home.country)
            : lineIn(of(TRIPS))
    const device =
      random() < 0.97
        ? (user.devices[random() < 0.75 ? 0 : user.devices.length - 1] as Device)
        : weighted(DEVICES)
    // Browsers move on by one version every three weeks or so.
    const version = 118 + Math.floor(at / (21 * 86_400)) + (random() < 0.15 ? -1 : 0)
    log.push({ at, ...loginOf(user, line, device, version) })
  }

  const versionNow = 118 + Math.floor(at / (21 * 86_400))
  const attack = (attacker: Attacker, name: string): ReferenceLogin => {
    const user = people.find((person) => person.name === name)
    if (user === undefined) throw new Error(`no such user: ${name}`)
    if (attacker === 'naive')
      return loginOf(user, lineIn(weighted(WORLD)), weighted(DEVICES), versionNow)
    if (attacker === 'vpn')
      return loginOf(user, lineIn(user.home.country), weighted(DEVICES), versionNow)
    // The same network and make of device as the victim: all but the address itself.
    const line = { country: user.home.country, asn: user.home.asn, ip: address() }
    return loginOf(user, line, user.devices[0] as Device, versionNow)
  }
  return { log, attack }
}
