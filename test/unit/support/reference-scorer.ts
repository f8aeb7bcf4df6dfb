/**
 * The published reference score for risk-based authentication, as an oracle: Freeman et al. (NDSS 2016)
 * in the closed form of the das-group implementation's counters. Never shipped: it is not monotone, and
 * its compatible mode reads the future of the log as that implementation does.
 */

export interface ReferenceLogin {
  readonly user: string
  readonly ip: string
  readonly asn: string
  readonly country: string
  readonly agent: string
  readonly browser: string
  readonly os: string
  readonly device: string
}

type Column = Exclude<keyof ReferenceLogin, 'user'>

/** Finest level first, with the weights of the linear interpolation. */
const FEATURES: readonly (readonly (readonly [Column, number])[])[] = [
  [
    ['ip', 0.6],
    ['asn', 0.3],
    ['country', 0.1],
  ],
  [
    ['agent', 0.5386653840551359],
    ['browser', 0.2680451498625666],
    ['os', 0.18818295100109536],
    ['device', 0.0051065150812021525],
  ],
]

/**
 * `compatible` counts the finest level over the whole log, the future included; `past` counts what came
 * before, as anything that runs in time must.
 */
export type Mode = 'compatible' | 'past'

/** The score of the login at `index`, or undefined for a user's first. */
export function referenceScore(
  log: readonly ReferenceLogin[],
  index: number,
  mode: Mode,
): number | undefined {
  const now = log[index] as ReferenceLogin
  const past = log.slice(0, index)
  const mine = past.filter(({ user }) => user === now.user)
  if (mine.length === 0) return undefined
  const users = new Set(past.map(({ user }) => user)).size
  let score = 1 / users / (mine.length / past.length)
  for (const levels of FEATURES)
    score *= featureRatio(levels, now, past, mine, mode === 'past' ? past : log)
  return score
}

function featureRatio(
  levels: readonly (readonly [Column, number])[],
  now: ReferenceLogin,
  past: readonly ReferenceLogin[],
  mine: readonly ReferenceLogin[],
  finest: readonly ReferenceLogin[],
): number {
  const [[column, weight], ...coarser] = levels as [
    readonly [Column, number],
    ...(readonly [Column, number])[],
  ]
  const count = (log: readonly ReferenceLogin[], of: Column) =>
    log.filter((login) => login[of] === now[of]).length
  const distinct = (log: readonly ReferenceLogin[], of: Column) =>
    new Set(log.map((login) => login[of])).size

  const reserved = 1 + coarser.reduce((sum, [of]) => sum + distinct(past, of), 0)
  const rows = finest.filter((login) => login[column] === now[column])
  const within = 1 + coarser.reduce((sum, [of]) => sum + distinct(rows, of), 0)
  const seen = rows.length > 0 ? rows.length / (rows.length + within) : 1 / within

  const everybody =
    (weight * seen * Math.max(count(past, column), 1)) / (past.length + reserved) +
    coarser.reduce((sum, [of, share]) => sum + (share * count(past, of)) / past.length, 0)
  const own = levels.reduce((sum, [of, share]) => sum + (share * count(mine, of)) / mine.length, 0)
  // The rule for what the user never had: a flat factor of four.
  return own === 0 ? 4 : everybody / own
}
