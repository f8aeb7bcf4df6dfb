/** The committed log as CSV: the logins, then the reference's two scores and the shipped model's. */
import { type ReferenceLogin, referenceScore } from '../../test/unit/support/reference-scorer.ts'
import { createModelLog } from './model-score.ts'
import type { SyntheticLogin } from './synthetic-log.ts'

export const COLUMNS = [
  'at',
  'user',
  'ip',
  'asn',
  'country',
  'agent',
  'browser',
  'os',
  'device',
  'reference_compatible',
  'reference_past',
  'model',
] as const

export interface ScoredLogin extends SyntheticLogin {
  /** Undefined for a user's first login. */
  readonly reference_compatible: number | undefined
  readonly reference_past: number | undefined
  /** Undefined below the model's `min_history`. */
  readonly model: number | undefined
}

export function scoreLog(log: readonly SyntheticLogin[]): readonly ScoredLogin[] {
  const model = createModelLog({ global: 'all' })
  return log.map((login, index) => {
    const scored = {
      ...login,
      reference_compatible: referenceScore(log, index, 'compatible'),
      reference_past: referenceScore(log, index, 'past'),
      model: model.score(login),
    }
    model.learn(login, login.at)
    return scored
  })
}

/** No field holds a comma, a quote or a line break. */
export const toCsv = (rows: readonly ScoredLogin[]): string =>
  `${[COLUMNS.join(','), ...rows.map((row) => COLUMNS.map((column) => row[column] ?? '').join(','))].join('\n')}\n`

export function fromCsv(text: string): readonly ScoredLogin[] {
  const [, ...lines] = text.trimEnd().split('\n')
  return lines.map((line) => {
    const cells = new Map(line.split(',').map((cell, index) => [COLUMNS[index], cell] as const))
    const of = (column: (typeof COLUMNS)[number]) => cells.get(column) ?? ''
    const login: ReferenceLogin = {
      user: of('user'),
      ip: of('ip'),
      asn: of('asn'),
      country: of('country'),
      agent: of('agent'),
      browser: of('browser'),
      os: of('os'),
      device: of('device'),
    }
    const score = (column: (typeof COLUMNS)[number]) =>
      of(column) === '' ? undefined : Number(of(column))
    return {
      ...login,
      at: Number(of('at')),
      reference_compatible: score('reference_compatible'),
      reference_past: score('reference_past'),
      model: score('model'),
    }
  })
}
