/** Reads what an address or a form chose from a closed set; anything else is as good as nothing. */
import { OUTCOMES, type Outcome } from '../../domain/decision.ts'
import { FLOWS, type Flow } from '../../domain/session.ts'

export const chosen = <T extends string>(
  choices: readonly T[],
  text: string | undefined,
): T | undefined => choices.find((choice) => choice === text)

export const flowOf = (text: string | undefined): Flow | undefined => chosen(FLOWS, text)
export const outcomeOf = (text: string | undefined): Outcome | undefined => chosen(OUTCOMES, text)

/** A UTC date as its first second; undefined for anything else. */
export function dayStart(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined
  const at = Date.parse(`${text}T00:00:00Z`)
  return Number.isNaN(at) || at < 0 ? undefined : at / 1000
}

/** What a form says of a day that cannot be read. */
export const DAY_FAULT = 'A day is such as 2026-01-31.'

/** `30m`, `12h`, `7d` in seconds. */
export function durationOf(text: string): number | undefined {
  const [, amount, unit] = /^([1-9]\d{0,4})(m|h|d)$/.exec(text.trim()) ?? []
  if (amount === undefined) return undefined
  return Number(amount) * (unit === 'm' ? 60 : unit === 'h' ? 3600 : 86_400)
}

/** Crockford's base 32 as it is spoken, `XXXX-XXXX`; undefined when it is no code. */
export function referenceFrom(text: string): string | undefined {
  const code = text
    .toUpperCase()
    .replaceAll(/[\s-]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')
  return /^[0-9A-HJKMNP-TV-Z]{8}$/.test(code) ? `${code.slice(0, 4)}-${code.slice(4)}` : undefined
}

export const DAY = 86_400
