/** How long a policy takes over a million stored assessments; the target is under a minute. */
import { createBacktest } from '../../src/verifier/domain/backtest.ts'
import { compilePolicy } from '../../src/verifier/domain/compile.ts'
import type { Facts } from '../../src/verifier/domain/facts.ts'
import type { PolicyDocument } from '../../src/verifier/domain/policy.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { ABROAD, factsOf, HOME, NOW } from '../../test/unit/support/facts.ts'
import { seeded } from '../risk/synthetic-log.ts'

export function run(args: readonly string[] = []): void {
  const count = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 1_000_000)
  const [document] = defaultPolicies('enforce')
  const backtest = createBacktest(compilePolicy(document as PolicyDocument))
  const random = seeded(1)
  // Read back from JSON and in the order of time, as stored facts are.
  const stored = Array.from({ length: 5000 }, () => factsFor(random))
    .sort((a, b) => a.decided_at - b.decided_at)
    .map((facts) => JSON.stringify(facts))
  const started = performance.now()
  for (let index = 0; index < count; index += 1) {
    const facts = JSON.parse(stored[Math.floor((index / count) * stored.length)] as string) as Facts
    backtest.add({ facts, user: `u${index % 200_000}`, assessed: 'allow', confirmed: true })
  }
  const seconds = (performance.now() - started) / 1000
  const { confusion, users, days } = backtest.report()
  const solution = backtest.solve(0.05)
  console.log(
    JSON.stringify({
      records: count,
      seconds: Math.round(seconds * 10) / 10,
      microseconds_each: Math.round((seconds / count) * 1e7) / 10,
      confusion,
      users,
      days: days.length,
      for_five_percent: solution,
    }),
  )
}

function factsFor(random: () => number): Facts {
  const at = random() < 0.03 ? ABROAD : { ...HOME, address: String(Math.floor(random() * 1e6)) }
  const facts = factsOf({
    at,
    token: { factors: random() < 0.03 ? ['otp'] : [] },
    request: { os: random() < 0.9 ? 'Windows' : 'iOS', device_type: 'desktop' },
    store: { velocity: { user: random() * 4000, token_address: random() * 3000 } },
  })
  return { ...facts, decided_at: NOW - Math.floor(random() * 30) * 86_400 }
}
