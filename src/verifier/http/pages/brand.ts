/**
 * What a tenant's settings make of a page: a name, a logo, a colour and two links. Settings are
 * written by an operator and still not trusted: a value that is not what it should be is left out.
 */
import type { TenantSettings } from '../../ports.ts'
import { type Inline, inline } from './inline.ts'

export interface Brand {
  readonly name?: string
  readonly logoUrl?: string
  /** What `img-src` must allow for the logo. */
  readonly logoSource?: string
  readonly colors?: Inline
  readonly supportUrl?: string
  readonly restartUrl?: string
}

/** Settings are replaced as a whole when they change, so the object itself is the key. */
const known = new WeakMap<TenantSettings, Brand>()

export function brandOf(settings: TenantSettings): Brand {
  const brand = known.get(settings) ?? readBrand(settings)
  known.set(settings, brand)
  return brand
}

function readBrand(settings: TenantSettings): Brand {
  const logo = parseUrl(settings.logoUrl, ['https:'])
  // The origin goes into a header that separates by `;`, which a host name may contain.
  const logoSource = logo && /^https:\/\/[a-z0-9.-]+(:\d+)?$/.test(logo.origin) ? logo.origin : ''
  const colors = colorsOf(settings.color)
  const supportUrl = parseUrl(settings.supportUrl, ['https:', 'mailto:', 'tel:'])
  const restartUrl = parseUrl(settings.restartUrl, ['https:'])
  return {
    ...(settings.name?.trim() ? { name: settings.name.trim().slice(0, 80) } : {}),
    ...(logo && logoSource ? { logoUrl: logo.href, logoSource } : {}),
    ...(colors ? { colors } : {}),
    ...(supportUrl ? { supportUrl: supportUrl.href } : {}),
    ...(restartUrl ? { restartUrl: restartUrl.href } : {}),
  }
}

/** `http:` passes where `https:` does for a local name only, as in the demo. */
function parseUrl(text: string | undefined, schemes: readonly string[]): URL | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined
  const url = new URL(text)
  const local = /^(.+\.)?localhost$/.test(url.hostname) && url.protocol === 'http:'
  return schemes.includes(url.protocol) || (local && schemes.includes('https:')) ? url : undefined
}

/** Text on the colour is black or white, whichever reads better: at least 4.5 to 1 for every colour. */
function colorsOf(color: string | undefined): Inline | undefined {
  if (color === undefined || !/^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(color)) return undefined
  const hex = color.slice(1).toLowerCase()
  const long = hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex
  const [red, green, blue] = [0, 2, 4].map((at) => linear(long.slice(at, at + 2))) as [
    number,
    number,
    number,
  ]
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
  const onBrand = 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? '#fff' : '#000'
  return inline(`:root{--brand:#${long};--on-brand:${onBrand}}`)
}

/** WCAG 2.2, relative luminance: one sRGB channel made linear. */
function linear(channel: string): number {
  const value = Number.parseInt(channel, 16) / 255
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
}
