/**
 * Families of browser and system from a User-Agent, never versions: an upgrade is no other browser.
 * Auth0's log sometimes holds its own short form instead (`Chrome 120.0.0 / Mac OS X 10.15.7`); both
 * lead to the same names, because a profile learned from the log meets visits that came here.
 */
import Bowser from 'bowser'
import type { RequestFacts } from './domain/facts.ts'

export type AgentFacts = Pick<RequestFacts, 'browser' | 'os' | 'device_type'>

/** What is not recognised is absent. */
export function agentOf(userAgent: string | undefined): AgentFacts {
  if (!userAgent) return {}
  return userAgent.startsWith('Mozilla/') ? fromHeader(userAgent) : fromShortForm(userAgent)
}

/** The library's fallback is the header's first word, whatever it is: a name is kept if it is known. */
const KNOWN_BROWSERS: ReadonlySet<string> = new Set(Object.values(Bowser.BROWSER_MAP))
const KNOWN_SYSTEMS: ReadonlySet<string> = new Set(Object.values(Bowser.OS_MAP))
const DEVICE_TYPES = new Set(['desktop', 'mobile', 'tablet', 'tv'] as const)
type DeviceType = NonNullable<AgentFacts['device_type']>

function fromHeader(userAgent: string): AgentFacts {
  const { browser, os, platform } = Bowser.parse(userAgent)
  const type = platform.type as DeviceType | undefined
  return {
    ...(browser.name && KNOWN_BROWSERS.has(browser.name) ? { browser: browser.name } : {}),
    ...(os.name && KNOWN_SYSTEMS.has(os.name) ? { os: os.name } : {}),
    ...(type !== undefined && DEVICE_TYPES.has(type) ? { device_type: type } : {}),
  }
}

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/^(Chrome|Chrome Mobile|Chrome Mobile iOS|Chrome Mobile WebView) [\d.]/, 'Chrome'],
  [/^(Safari|Mobile Safari) [\d.]/, 'Safari'],
  [/^(Firefox|Firefox Mobile|Firefox iOS) [\d.]/, 'Firefox'],
  [/^(Edge|Edge Mobile) [\d.]/, 'Microsoft Edge'],
  [/^(Opera|Opera Mobile) [\d.]/, 'Opera'],
  [/^Samsung Internet [\d.]/, 'Samsung Internet for Android'],
]
const SYSTEMS: readonly (readonly [RegExp, string, DeviceType?])[] = [
  [/^Windows\b/, 'Windows', 'desktop'],
  [/^Mac OS X\b/, 'macOS', 'desktop'],
  [/^Chrome OS\b/, 'Chrome OS'],
  [/^(Linux|Ubuntu|Fedora|Debian)\b/, 'Linux', 'desktop'],
  // A phone or a tablet: the short form does not tell.
  [/^Android\b/, 'Android'],
  [/^iOS\b/, 'iOS'],
]

function fromShortForm(text: string): AgentFacts {
  const [browserText = '', systemText = ''] = text.split(' / ')
  const browser = BROWSERS.find(([form]) => form.test(browserText))?.[1]
  const [, os, type] = SYSTEMS.find(([form]) => form.test(systemText)) ?? []
  return {
    ...(browser === undefined ? {} : { browser }),
    ...(os === undefined ? {} : { os }),
    ...(type === undefined ? {} : { device_type: type }),
  }
}
