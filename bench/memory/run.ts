/**
 * Whether memory stays flat under full load: what is left after each collection of garbage, and its slope
 * after the first third, in which caches fill and code is compiled. Resident size is shown beside it: it
 * goes up and down by tens of megabytes with when the collector runs.
 *
 *   npm run bench -- memory [--minutes 10] [--json]
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withBench } from '../load/arrange.ts'
import { fire } from '../load/fire.ts'
import { atMost, round, type Target, table, targetTable } from '../load/table.ts'
import { slopeOf } from './slope.ts'

const USUAL_MINUTES = 0.75
const SAMPLES = 60
const RESIDENT_MILLISECONDS = 1000
/** Contract: security notes, soak row. Short runs scatter by more than they grow. */
const MOST_MEGABYTES_PER_TEN_MINUTES = { short: 20, full: 5 }
const FULL_MINUTES = 10

export interface MemoryResult {
  readonly minutes: number
  readonly requests: number
  /** Megabytes that are in use after a collection: after the first third, at the end, and the most. */
  readonly settled: number
  readonly end: number
  readonly most: number
  /** Of what is in use, in megabytes per ten minutes. */
  readonly slope: number
  /** Megabytes: the most that was resident. */
  readonly resident: number
  readonly targets: readonly Target[]
}

export async function run(args: readonly string[] = []): Promise<MemoryResult> {
  const at = args.indexOf('--minutes')
  const minutes = at === -1 ? USUAL_MINUTES : Number(args[at + 1])
  const folder = mkdtempSync(join(tmpdir(), 'rv-bench-memory-'))
  const file = join(folder, 'bytes')
  const milliseconds = (minutes * 60_000) / SAMPLES
  const result = await withBench(async (bench) => {
    const setup = { file, milliseconds }
    const ours = await bench.start('redirect-verifier', 'bench/memory/service.ts', setup)
    const resident: number[] = []
    const timer = setInterval(() => resident.push(ours.residentBytes()), RESIDENT_MILLISECONDS)
    const load = { kind: 'post', connections: 16, seconds: minutes * 60 } as const
    const { count } = await fire(bench.built, ours, load)
    clearInterval(timer)
    const used = readFileSync(file, 'utf8').trim().split('\n').map(Number)
    return judge(minutes, count, used.map(megabytes), Math.max(...resident.map(megabytes)))
  }).finally(() => rmSync(folder, { recursive: true, force: true }))
  if (args.includes('--json')) console.log(JSON.stringify(result))
  else print(result)
  return result
}

const megabytes = (bytes: number) => bytes / 1024 / 1024

function judge(
  minutes: number,
  requests: number,
  used: readonly number[],
  resident: number,
): MemoryResult {
  const later = used.slice(Math.floor(used.length / 3))
  const slope = slopeOf(later) * ((10 * SAMPLES) / minutes)
  const most =
    minutes >= FULL_MINUTES
      ? MOST_MEGABYTES_PER_TEN_MINUTES.full
      : MOST_MEGABYTES_PER_TEN_MINUTES.short
  return {
    minutes,
    requests,
    settled: round(later[0] ?? Number.NaN),
    end: round(later.at(-1) ?? Number.NaN),
    most: round(Math.max(...used)),
    slope: round(slope),
    resident: round(resident),
    targets: [atMost(`growth over ${minutes} min, in MB per ten minutes`, slope, most)],
  }
}

function print(result: MemoryResult): void {
  const { minutes, requests, settled, end, most, slope, resident, targets } = result
  const head = [
    'minutes',
    'verifications',
    'MB in use, settled',
    'at the end',
    'at most',
    'growth / 10 min',
    'MB resident at most',
  ]
  console.log(table(head, [[minutes, requests, settled, end, most, slope, resident]]))
  console.log(`\n${targetTable(targets)}`)
}
