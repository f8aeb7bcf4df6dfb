/**
 * Cloudflare Workers: the edge names the client in `cf-connecting-ip`, which no client can set there,
 * and tells what it knows of the network in `request.cf`. All of it is checked for its form.
 */
import { parseAddress } from '../address.ts'
import type { VisitNetwork } from '../domain/visit.ts'
import { type Platform, parseCountry } from './platform.ts'

/** https://developers.cloudflare.com/workers/runtime-apis/request/#incomingrequestcfproperties */
interface EdgeProperties {
  readonly country?: unknown
  readonly asn?: unknown
  readonly latitude?: unknown
  readonly longitude?: unknown
  readonly timezone?: unknown
  readonly clientTcpRtt?: unknown
}

export const workersPlatform: Platform = {
  readPlace(c) {
    const address = parseAddress(c.req.header('cf-connecting-ip') ?? '')
    const { cf } = c.req.raw as { readonly cf?: EdgeProperties }
    return {
      ...(address === undefined ? {} : { address: address.text }),
      network: cf === undefined ? {} : readNetwork(cf),
    }
  },
}

function readNetwork(cf: EdgeProperties): VisitNetwork {
  const country = parseCountry(cf.country)
  const latitude = degrees(cf.latitude, 90)
  const longitude = degrees(cf.longitude, 180)
  const zone = cf.timezone
  return {
    ...(country === undefined ? {} : { country }),
    ...(whole(cf.asn, 0xffff_ffff) ? { asn: cf.asn } : {}),
    ...(latitude === undefined || longitude === undefined ? {} : { latitude, longitude }),
    ...(typeof zone === 'string' && /^[A-Za-z0-9_+/-]{1,64}$/.test(zone)
      ? { time_zone: zone }
      : {}),
    ...(whole(cf.clientTcpRtt, 60_000) ? { rtt_ms: cf.clientTcpRtt } : {}),
  }
}

/** The edge sends decimal text; kept to 0.1 degrees, as the token's own coordinates are. */
function degrees(value: unknown, limit: number): number | undefined {
  if (typeof value !== 'string' || !/^-?\d{1,3}(\.\d{1,10})?$/.test(value)) return undefined
  const number = Math.round(Number(value) * 10) / 10
  return Math.abs(number) <= limit ? number : undefined
}

/** 0 is unknown for both that are asked here: an autonomous system and a round trip. */
const whole = (value: unknown, limit: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= limit
