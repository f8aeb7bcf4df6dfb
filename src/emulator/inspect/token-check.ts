/** One check of a token: what it found, in words, and what is to be done. */

export interface TokenCheck {
  readonly check: 'signature' | 'claims' | 'type' | 'expiry' | 'state' | 'sub'
  /** `unknown`: what it would be compared with was not given. */
  readonly verdict: 'ok' | 'fault' | 'unknown'
  readonly text: string
  /** What probably happened, and what to do. */
  readonly hint?: string
  /** What follows `The session token is invalid: `; for faults. */
  readonly reason?: string
}

export interface Expected {
  /** The Action's secret for this direction. */
  readonly secret?: string | undefined
  /** The `state` parameter `/continue` gets. */
  readonly state?: string | undefined
  /** The user's id. */
  readonly sub?: string | undefined
  readonly nowSeconds: number
}

export const fault = (
  check: TokenCheck['check'],
  reason: string,
  text: string,
  hint?: string,
): TokenCheck => ({
  check,
  verdict: 'fault',
  text,
  reason,
  ...(hint === undefined ? {} : { hint }),
})
export const ok = (check: TokenCheck['check'], text: string): TokenCheck => ({
  check,
  verdict: 'ok',
  text,
})
export const unknown = (check: TokenCheck['check'], text: string): TokenCheck => ({
  check,
  verdict: 'unknown',
  text,
})

/** As it may be shown: long values with their ends and their length. */
export function shortened(value: string): string {
  if (value.length <= 48) return JSON.stringify(value)
  return `${JSON.stringify(`${value.slice(0, 20)}…${value.slice(-12)}`)} (${value.length} characters)`
}

const UNITS = [
  [86_400, 'days'],
  [3600, 'hours'],
  [60, 'minutes'],
] as const

/** `90 s`, `25 minutes`, `60 days`: two of a unit are enough to name it. */
export function duration(seconds: number): string {
  const unit = UNITS.find(([length]) => seconds >= 2 * length)
  return unit ? `${Math.floor(seconds / unit[0])} ${unit[1]}` : `${Math.round(seconds)} s`
}
