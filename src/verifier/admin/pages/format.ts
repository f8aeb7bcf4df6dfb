/** How numbers, times and names are written on the pages: English, UTC, no ambient clock or locale. */
import type { Outcome } from '../../domain/decision.ts'
import type { Flow } from '../../domain/session.ts'

const NUMBERS = new Intl.NumberFormat('en')

export const numberText = (value: number): string => NUMBERS.format(value)

/** `1 person`, `2 people`. */
export const peopleText = (count: number): string =>
  `${numberText(count)} ${count === 1 ? 'person' : 'people'}`

/** Log odds with their sign, at most three decimals; a real minus, as wide as the plus. */
export function oddsText(value: number, sign = true): string {
  const rounded = Math.round(value * 1000) / 1000
  const shown = String(Math.abs(rounded))
  if (rounded < 0) return `−${shown}`
  return sign && rounded > 0 ? `+${shown}` : shown
}

export function percentText(part: number, whole: number): string {
  if (whole === 0) return '–'
  const share = (part / whole) * 100
  return `${share !== 0 && share < 10 ? share.toFixed(1) : Math.round(share)} %`
}

/** `2026-11-20 12:00:05`, from ISO 8601 or epoch seconds; what cannot be read is shown as it is. */
export function timeText(time: string | number): string {
  const at = new Date(typeof time === 'number' ? time * 1000 : time)
  if (Number.isNaN(at.getTime())) return String(time)
  return at.toISOString().slice(0, 19).replace('T', ' ')
}

export const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString()

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** `20 Nov`. */
export function dayText(seconds: number): string {
  const at = new Date(seconds * 1000)
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]}`
}

/** `14:00`. */
export const hourText = (seconds: number): string => isoOf(seconds).slice(11, 16)

export const FLOW_WORDS: Record<Flow, string> = { password_reset: 'Password reset', login: 'Login' }

export const OUTCOME_WORDS: Record<Outcome, string> = {
  allow: 'Allowed',
  step_up: 'Step-up',
  deny: 'Denied',
}

/** `a_code` → `a code`, for people; the code itself stands beside it where it has to be typed. */
export const spaced = (code: string): string => code.replaceAll('_', ' ')

export const jsonText = (value: unknown): string => JSON.stringify(value, undefined, 2) ?? 'null'
