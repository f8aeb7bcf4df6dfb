/**
 * One HTTP request to the tenant as `event.request` shows it (contract 2.2), with the keys Actions read.
 */

export interface Geoip {
  readonly cityName?: string
  readonly continentCode?: string
  readonly countryCode?: string
  readonly countryCode3?: string
  readonly countryName?: string
  readonly latitude?: number
  readonly longitude?: number
  readonly subdivisionCode?: string
  readonly subdivisionName?: string
  readonly timeZone?: string
}

export interface RequestFacts {
  readonly method: string
  /** The host the browser used, without a port: what `iss` of a session token says. */
  readonly hostname: string
  readonly ip: string
  readonly geoip: Geoip
  readonly query: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, string>>
  readonly language?: string
  readonly user_agent?: string
}
