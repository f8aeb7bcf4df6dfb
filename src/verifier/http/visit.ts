/** What one post shows of the browser that sent it: headers, the device cookie, the page's own report. */
import type { Context } from 'hono'
import type { ClientHints, ClientSignals, Visit } from '../domain/visit.ts'
import { readDevice } from './cookies.ts'
import type { Platform } from './platform.ts'

const USER_AGENT_CHARACTERS = 512
const BRANDS_CHARACTERS = 512
const PLATFORM_CHARACTERS = 64
/** Letters of an IANA zone name (`America/Argentina/ComodRivadavia`), generously. */
const TIME_ZONE = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/
/** A page left open for a day says nothing more than one left open for an hour. */
const ELAPSED_MS = 86_400_000

export function readVisit(c: Context, platform: Platform, form: URLSearchParams): Visit {
  const userAgent = c.req.header('user-agent')?.slice(0, USER_AGENT_CHARACTERS)
  const clientHints = readHints(c)
  const language = primaryLanguage(c.req.header('accept-language'))
  const deviceId = readDevice(c)
  return {
    ...platform.readPlace(c),
    ...(userAgent ? { userAgent } : {}),
    ...(clientHints === undefined ? {} : { clientHints }),
    ...(language === undefined ? {} : { language }),
    ...(deviceId === undefined ? {} : { deviceId }),
    client: parseClientSignals(form),
  }
}

function readHints(c: Context): ClientHints | undefined {
  const brands = c.req.header('sec-ch-ua')?.slice(0, BRANDS_CHARACTERS)
  const platform = c.req.header('sec-ch-ua-platform')?.slice(0, PLATFORM_CHARACTERS)
  if (!brands && !platform) return undefined
  return { ...(brands ? { brands } : {}), ...(platform ? { platform } : {}) }
}

/** `de-CH, de;q=0.9` → `de`. */
export function primaryLanguage(header: string | undefined): string | undefined {
  const [, subtag] = /^\s*([A-Za-z]{2,3})(?![A-Za-z0-9])/.exec(header ?? '') ?? []
  return subtag?.toLowerCase()
}

/** A signal that is absent, repeated or malformed is unknown: the client writes these. */
export function parseClientSignals(form: URLSearchParams): ClientSignals {
  const only = (name: string) => {
    const values = form.getAll(name)
    return values.length === 1 ? (values[0] as string) : ''
  }
  const zone = only('time_zone')
  const webdriver = only('webdriver')
  const elapsed = only('elapsed_ms')
  return {
    script: only('script') === '1',
    ...(TIME_ZONE.test(zone) ? { time_zone: zone } : {}),
    ...(webdriver === '1' || webdriver === '0' ? { webdriver: webdriver === '1' } : {}),
    ...(/^\d{1,9}$/.test(elapsed) && Number(elapsed) <= ELAPSED_MS
      ? { elapsed_ms: Number(elapsed) }
      : {}),
  }
}
