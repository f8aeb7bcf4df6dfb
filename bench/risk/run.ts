/**
 * How well the shipped model tells three attackers from legitimate logins, beside the published
 * reference score, on the seeded synthetic log. Areas under the ROC curve: 0.5 is guessing, 1 is perfect.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type ReferenceLogin, referenceScore } from '../../test/unit/support/reference-scorer.ts'
import { scoreLog, toCsv } from './log-file.ts'
import { createModelLog, type ModelOptions } from './model-score.ts'
import { ATTACKERS, type Attacker, type SyntheticWorld, syntheticWorld } from './synthetic-log.ts'

/** The world whose log is committed under test/corpora/rba. */
export const COMMITTED = { seed: 20_261_120, logins: 1500, users: 60 } as const

/** Legitimate logins and attacks are scored over the last part of the log, when users have a history. */
const WARM_UP = 0.3
const MIN_HISTORY = 5

export interface Scores {
  readonly legitimate: readonly number[]
  readonly attacks: Readonly<Record<Attacker, readonly number[]>>
}

export interface RiskResult {
  readonly scorer: string
  readonly auc: Readonly<Record<Attacker, number>>
  /** Legitimate logins, at the 5th, 50th and 95th percentile of this scorer's own unit. */
  readonly legitimate: readonly [number, number, number]
}

type Scorer = (index: number, login: ReferenceLogin) => number | undefined

export const LOG_FILE = fileURLToPath(
  new URL('../../test/corpora/rba/synthetic-log.csv', import.meta.url),
)

/** `--json` prints numbers for machines; `--write` makes the committed log again. */
export function run(args: readonly string[] = []): readonly RiskResult[] {
  if (args.includes('--write')) {
    const { log } = syntheticWorld(COMMITTED.seed, COMMITTED.logins, COMMITTED.users)
    writeFileSync(LOG_FILE, toCsv(scoreLog(log)))
  }
  const results = evaluate(COMMITTED)
  if (args.includes('--json')) console.log(JSON.stringify(results, null, 2))
  else print(results)
  return results
}

export function evaluate(world: {
  readonly seed: number
  readonly logins: number
  readonly users: number
}): readonly RiskResult[] {
  const made = syntheticWorld(world.seed, world.logins, world.users)
  // Each login of the second part stands once as itself and once as each attacker on that user.
  const attacked = made.log.map(({ user }) => ({
    naive: made.attack('naive', user),
    vpn: made.attack('vpn', user),
    targeted: made.attack('targeted', user),
  }))
  const results = [result('reference (past only)', scoresOf(made, attacked, referenceOver(made)))]
  const variants: readonly (readonly [string, ModelOptions['global']])[] = [
    ['shipped model', 'all'],
    ['shipped model, addresses not counted globally', 'no_addresses'],
    ['shipped model, nothing counted globally', 'none'],
  ]
  for (const [name, global] of variants)
    results.push(result(name, scoresOf(made, attacked, modelOver(made, { global }))))
  return results
}

function referenceOver({ log }: SyntheticWorld): Scorer {
  return (index, login) => {
    const score = referenceScore([...log.slice(0, index), login], index, 'past')
    return score === undefined ? undefined : Math.log(score)
  }
}

/** Called with rising indices only, because profiles are learned on the way. */
function modelOver({ log }: SyntheticWorld, options: ModelOptions): Scorer {
  const model = createModelLog(options)
  let learned = 0
  return (index, login) => {
    for (; learned < index; learned += 1) {
      const before = log[learned]
      if (before !== undefined) model.learn(before, before.at)
    }
    return model.score(login)
  }
}

function scoresOf(
  { log }: SyntheticWorld,
  attacked: readonly Readonly<Record<Attacker, ReferenceLogin>>[],
  scorer: Scorer,
): Scores {
  const legitimate: number[] = []
  const attacks: Record<Attacker, number[]> = { naive: [], vpn: [], targeted: [] }
  const seen = new Map<string, number>()
  for (const [index, login] of log.entries()) {
    const before = seen.get(login.user) ?? 0
    seen.set(login.user, before + 1)
    // The same logins for every scorer: those the model has a history for.
    if (index < log.length * WARM_UP || before < MIN_HISTORY) continue
    legitimate.push(scorer(index, login) ?? 0)
    for (const attacker of ATTACKERS) {
      const attack = attacked[index]?.[attacker]
      if (attack !== undefined) attacks[attacker].push(scorer(index, attack) ?? 0)
    }
  }
  return { legitimate, attacks }
}

function result(scorer: string, { legitimate, attacks }: Scores): RiskResult {
  const sorted = [...legitimate].sort((a, b) => a - b)
  const at = (share: number) =>
    Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) * 100) / 100
  const auc = Object.fromEntries(
    ATTACKERS.map((attacker) => [attacker, aucOf(legitimate, attacks[attacker])]),
  ) as Record<Attacker, number>
  return { scorer, auc, legitimate: [at(0.05), at(0.5), at(0.95)] }
}

/** The chance that a random attack scores above a random legitimate login; a tie counts half. */
export function aucOf(legitimate: readonly number[], attacks: readonly number[]): number {
  const all = [
    ...legitimate.map((score) => ({ score, attack: false })),
    ...attacks.map((score) => ({ score, attack: true })),
  ].sort((a, b) => a.score - b.score)
  let rankSum = 0
  for (let start = 0; start < all.length; ) {
    let end = start
    while (end < all.length && all[end]?.score === all[start]?.score) end += 1
    const rank = (start + 1 + end) / 2
    for (let index = start; index < end; index += 1) if (all[index]?.attack) rankSum += rank
    start = end
  }
  const k = attacks.length
  return Math.round(((rankSum - (k * (k + 1)) / 2) / (k * legitimate.length)) * 10_000) / 10_000
}

function print(results: readonly RiskResult[]): void {
  const width = Math.max(...results.map(({ scorer }) => scorer.length))
  console.log(
    `AUC against legitimate logins, ${COMMITTED.logins} logins of ${COMMITTED.users} users`,
  )
  console.log(`${''.padEnd(width)}  ${ATTACKERS.map((name) => name.padStart(8)).join('  ')}`)
  for (const { scorer, auc } of results)
    console.log(
      `${scorer.padEnd(width)}  ${ATTACKERS.map((name) => auc[name].toFixed(4).padStart(8)).join('  ')}`,
    )
}
