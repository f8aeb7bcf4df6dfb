/**
 * A flood of bad signatures beside people: what it costs Postgres, which must be nothing, and what it
 * costs the people.
 *
 *   npm run bench -- flood [forged per second] [--json]
 */
import { setTimeout as delay } from 'node:timers/promises'
import { createCountingProxy } from '../../test/support/proxy.ts'
import { type Bench, withBench } from '../load/arrange.ts'
import { fire, median, onlyServed } from '../load/fire.ts'
import { atMost, round, type Target, table, targetTable } from '../load/table.ts'

/** Far below what the machine serves: their times are to show the flood and not each other. */
const PEOPLE_PER_SECOND = 30
const SECONDS = 5
const ROUNDS = 3
const START_MILLISECONDS = 3000

export interface FloodResult {
  readonly forgedPerSecond: number
  /** Microseconds of the server's processor time for one forged request, people's share taken off. */
  readonly forgedCpu: number
  readonly alone: readonly number[]
  readonly flooded: readonly number[]
  readonly targets: readonly Target[]
}

export async function run(args: readonly string[] = []): Promise<FloodResult> {
  const asked = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 300)
  const result = await withBench((bench) => flood(bench, asked))
  if (args.includes('--json')) console.log(JSON.stringify(result))
  else print(result)
  return result
}

async function flood(bench: Bench, asked: number): Promise<FloodResult> {
  const statements = await statementsOf(bench, asked)
  const ours = await bench.start('redirect-verifier', 'bench/requests/ours.ts')
  const people = () =>
    fire(bench.built, ours, {
      kind: 'post',
      connections: 8,
      seconds: SECONDS,
      perSecond: PEOPLE_PER_SECOND,
    })
  const forge = () =>
    fire(bench.built, ours, { kind: 'forged', connections: 20, seconds: SECONDS, perSecond: asked })
  await people()
  const alone: number[] = []
  const flooded: number[] = []
  const forged: { perSecond: number; cpu: number }[] = []
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    const before = await people()
    onlyServed('people alone', before)
    alone.push(before.p99)
    const [beside, attack] = await Promise.all([people(), forge()])
    onlyServed('people beside the flood', beside)
    flooded.push(beside.p99)
    const own = attack.cpu * attack.count - before.cpu * beside.count
    forged.push({ perSecond: attack.perSecond, cpu: own / attack.count })
  }
  return {
    forgedPerSecond: round(median(forged.map(({ perSecond }) => perSecond))),
    forgedCpu: round(median(forged.map(({ cpu }) => cpu))),
    alone: alone.map(round),
    flooded: flooded.map(round),
    targets: [
      { what: 'statements of the flood', value: statements, wanted: '0', met: statements === 0 },
      atMost("people's p99 beside the flood to alone", median(flooded) / median(alone), 2),
    ],
  }
}

/** Round trips to Postgres while nothing but forged tokens come: counted on the wire. */
async function statementsOf(bench: Bench, asked: number): Promise<number> {
  const proxy = await createCountingProxy(bench.databaseUrl)
  const setup = { databaseUrl: proxy.url }
  const ours = await bench.start('redirect-verifier', 'bench/requests/ours.ts', setup)
  try {
    // What a start asks of its own: the settings, and statements made ready on each connection.
    await delay(START_MILLISECONDS)
    proxy.take()
    const load = { kind: 'forged', connections: 20, seconds: SECONDS, perSecond: asked } as const
    const { count, statuses } = await fire(bench.built, ours, load)
    if (statuses[400] !== count) throw new Error(`forged tokens got ${JSON.stringify(statuses)}`)
    return proxy.take()
  } finally {
    await ours.stop()
    await proxy.close()
  }
}

function print({ forgedPerSecond, forgedCpu, alone, flooded, targets }: FloodResult): void {
  const rows = [
    ['people alone', PEOPLE_PER_SECOND, alone.join(', '), ''],
    ['people beside the flood', PEOPLE_PER_SECOND, flooded.join(', '), ''],
    ['bad signatures', forgedPerSecond, '', forgedCpu],
  ]
  console.log(`${table(['', 'per second', 'p99 ms of each round', 'server µs each'], rows)}\n`)
  console.log(targetTable(targets))
}
