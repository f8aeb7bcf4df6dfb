/**
 * Processor time per request on workerd beside Node's, measured on the processes in one run, in turns.
 * Times differ between machines; the ratio does not much. Postgres' own time is not in it.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startPostgres } from '../../db/embedded.ts'
import { migrate } from '../../db/migrate.ts'
import { seedTenant } from '../../test/support/environment.ts'
import { buildWorker } from '../../test/support/worker-bundle.ts'
import { ask, OPERATIONS, type Operation } from './load.ts'
import { type Service, startEmpty, startOnNode, startOnWorkerd } from './services.ts'

const ROUNDS = 3
const WARM_UP = 200
/** Write-backs that are under way when the last answer comes. */
const SETTLE_MILLISECONDS = 500

interface Row {
  readonly operation: Operation
  /** Microseconds per request, the median of the rounds. */
  readonly node?: number
  readonly workerd: number
  /** Above the empty Worker: what the verifier's own code takes. */
  readonly own?: number
}

/** A number: requests per round and operation. `--json` prints numbers for machines. */
export async function run(args: readonly string[] = []): Promise<readonly Row[]> {
  const count = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 500)
  const folder = mkdtempSync(join(tmpdir(), 'redirect-verifier-bench-'))
  const { file } = buildWorker(folder)
  const postgres = await startPostgres({ password: randomBytes(24).toString('hex') })
  const stops: (() => Promise<void>)[] = [() => postgres.stop()]
  try {
    const url = postgres.url('postgres')
    await migrate(url)
    await seedTenant(url)
    const started = async (service: Promise<Service>) => {
      const running = await service
      stops.unshift(running.stop)
      return running
    }
    const empty = await started(startEmpty())
    const workerd = await started(startOnWorkerd(file, url))
    const node = await started(startOnNode(url))

    const floor = await measure([empty], 'empty', count)
    const rows: Row[] = [{ operation: 'empty', workerd: floor[0] as number }]
    for (const operation of OPERATIONS.slice(1)) {
      const [onNode, onWorkerd] = await measure([node, workerd], operation, count)
      const measured = { node: onNode as number, workerd: onWorkerd as number }
      rows.push({ operation, ...measured, own: measured.workerd - (floor[0] as number) })
    }
    print(rows, args.includes('--json'))
    return rows
  } finally {
    for (const stop of stops) await stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** In turns, so that a disturbance of the machine meets all of them. */
async function measure(services: readonly Service[], operation: Operation, count: number) {
  const rounds: number[][] = services.map(() => [])
  for (const { port } of services) await ask(port, operation, WARM_UP)
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, service] of services.entries()) {
      await delay(SETTLE_MILLISECONDS)
      const before = service.cpu()
      await ask(service.port, operation, count)
      await delay(SETTLE_MILLISECONDS)
      rounds[index]?.push((service.cpu() - before) / count)
    }
  }
  return rounds.map((values) => Math.round(values.sort((a, b) => a - b)[ROUNDS >> 1] as number))
}

function print(rows: readonly Row[], json: boolean): void {
  const own = (operation: Operation) => rows.find((row) => row.operation === operation)?.own ?? 0
  const reset = own('health check') + own('arrival page') + own('verification')
  if (json) {
    console.log(JSON.stringify({ unit: 'microseconds', rows, reset }, null, 2))
    return
  }
  const cell = (value: number | undefined) => `${value ?? ''}`.padStart(10)
  console.log('Processor time per request, in microseconds\n')
  console.log(
    `${''.padEnd(14)}${['Node', 'workerd', 'ratio', 'own'].map((name) => name.padStart(10)).join('')}`,
  )
  for (const { operation, node, workerd, own } of rows) {
    const ratio = node === undefined ? '' : (workerd / node).toFixed(2)
    console.log(
      `${operation.padEnd(14)}${cell(node)}${cell(workerd)}${ratio.padStart(10)}${cell(own)}`,
    )
  }
  console.log(`
own: above the empty Worker, which is Miniflare's and the runtime's share.
One reset is a health check, a page and a verification: ${(reset / 1000).toFixed(2)} ms of the verifier's own.`)
}
