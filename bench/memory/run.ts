/**
 * Whether memory stays flat under full load: resident size second by second, and its slope after the
 * first third, in which caches fill and code is compiled.
 *
 *   npm run bench -- memory [--minutes 10] [--json]
 */
import { withBench } from '../load/arrange.ts'
import { fire } from '../load/fire.ts'
import { atMost, round, type Target, table, targetTable } from '../load/table.ts'
import { slopeOf } from './slope.ts'

const USUAL_MINUTES = 0.75
const SAMPLE_MILLISECONDS = 1000
/** Contract: security notes, soak row. Short runs scatter by more than they grow. */
const MOST_MEGABYTES_PER_TEN_MINUTES = { short: 60, full: 5 }
const FULL_MINUTES = 10

export interface MemoryResult {
  readonly minutes: number
  readonly requests: number
  /** Megabytes: after the first third, at the end, and the most. */
  readonly settled: number
  readonly end: number
  readonly most: number
  readonly slope: number
  readonly targets: readonly Target[]
}

export async function run(args: readonly string[] = []): Promise<MemoryResult> {
  const at = args.indexOf('--minutes')
  const minutes = at === -1 ? USUAL_MINUTES : Number(args[at + 1])
  const result = await withBench(async (bench) => {
    const ours = await bench.start('redirect-verifier', 'bench/requests/ours.ts')
    const samples: number[] = []
    const timer = setInterval(() => samples.push(ours.residentBytes()), SAMPLE_MILLISECONDS)
    const load = { kind: 'post', connections: 16, seconds: minutes * 60 } as const
    const { count } = await fire(bench.built, ours, load)
    clearInterval(timer)
    return judge(minutes, count, samples)
  })
  if (args.includes('--json')) console.log(JSON.stringify(result))
  else print(result)
  return result
}

function judge(minutes: number, requests: number, samples: readonly number[]): MemoryResult {
  const megabytes = samples.map((bytes) => bytes / 1024 / 1024)
  const later = megabytes.slice(Math.floor(megabytes.length / 3))
  const slope = slopeOf(later) * ((10 * 60 * 1000) / SAMPLE_MILLISECONDS)
  const most =
    minutes >= FULL_MINUTES
      ? MOST_MEGABYTES_PER_TEN_MINUTES.full
      : MOST_MEGABYTES_PER_TEN_MINUTES.short
  return {
    minutes,
    requests,
    settled: round(later[0] ?? Number.NaN),
    end: round(later.at(-1) ?? Number.NaN),
    most: round(Math.max(...megabytes)),
    slope: round(slope),
    targets: [atMost(`growth over ${minutes} min, in MB per ten minutes`, slope, most)],
  }
}

function print({ minutes, requests, settled, end, most, slope, targets }: MemoryResult): void {
  const head = [
    'minutes',
    'verifications',
    'MB settled',
    'MB at the end',
    'MB at most',
    'MB / 10 min',
  ]
  console.log(table(head, [[minutes, requests, settled, end, most, slope]]))
  console.log(`\n${targetTable(targets)}`)
}
