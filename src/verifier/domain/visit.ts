/** What one HTTP request shows of the browser that sent it. Raw: it is pseudonymised before it is stored. */
export interface Visit {
  /** Canonical text of the client address; absent when the platform cannot tell. */
  readonly address?: string
  readonly network: VisitNetwork
  /** At most 512 characters. */
  readonly userAgent?: string
  readonly clientHints?: ClientHints
  /** Primary subtag of the first Accept-Language entry, lower case. */
  readonly language?: string
  /** The device cookie's value, when the browser sent a well-formed one. */
  readonly deviceId?: string
  readonly client: ClientSignals
  /** The verified result of a human check; absent when none was asked for or answered. */
  readonly humanChallenge?: 'passed' | 'failed'
}

/** `Sec-CH-UA` and `Sec-CH-UA-Platform` as sent, at most 512 and 64 characters; to secure origins only. */
export interface ClientHints {
  readonly brands?: string
  readonly platform?: string
}

/** What the platform (Workers `request.cf`, a CDN header, a database) knows of the address. */
export interface VisitNetwork {
  readonly country?: string
  readonly asn?: number
  readonly latitude?: number
  readonly longitude?: number
  readonly time_zone?: string
  readonly rtt_ms?: number
}

/** What the arrival page's script reported. The client writes these: they may raise risk, never lower it. */
export interface ClientSignals {
  /** Whether the form was sent by the script; false for the button without JavaScript. */
  readonly script: boolean
  readonly time_zone?: string
  readonly webdriver?: boolean
  /** Milliseconds between the page's load and its submission. */
  readonly elapsed_ms?: number
}
