/**
 * One verification beside its baselines, in one run and in turns: opening the link beside Hono and jose,
 * the post beside the floor that the work itself sets, and beside what one would write otherwise.
 *
 *   npm run bench -- requests [seconds per round] [--json]
 */
import { type Bench, withBench } from '../load/arrange.ts'
import { type Costs, fire, median, onlyServed } from '../load/fire.ts'
import type { Server } from '../load/server.ts'
import { atLeast, atMost, round, type Target, table, targetTable } from '../load/table.ts'
import { type Kind, ORIGIN, requestOf } from '../load/tenant.ts'

/**
 * Ratios of rounds differ by half on a machine that others share: a median of fewer would be luck, and in
 * longer ones a disturbance meets one server and not the next.
 */
const ROUNDS = 15
const CONNECTIONS = { get: 16, post: 16 }

export interface RequestsResult {
  readonly rows: readonly (Row & { readonly kind: Kind })[]
  readonly targets: readonly Target[]
}

interface Row {
  readonly name: string
  /** Medians of the rounds. */
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly cpu: number
  readonly bytes: number
  readonly rounds: readonly Costs[]
}

export async function run(args: readonly string[] = []): Promise<RequestsResult> {
  const seconds = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 2)
  const result = await withBench((bench) => compare(bench, seconds))
  if (args.includes('--json')) console.log(JSON.stringify(result))
  else print(result)
  return result
}

async function compare(bench: Bench, seconds: number): Promise<RequestsResult> {
  const ours = await bench.start('redirect-verifier', 'bench/requests/ours.ts')
  const page = await answerOf(ours)
  const plain = await bench.start('Hono + jose', 'bench/requests/hono-jose.ts', { answer: page })
  const get = await measure(bench, 'get', [ours, plain], seconds)

  const [{ id: policyId } = { id: 0 }] = await bench.sql<{ id: number }[]>`
    select id from policy where flow = 'password_reset' and status = 'active'`
  const floor = await bench.start('floor', 'bench/requests/floor.ts', {
    policyId,
    bytes: page.body.length,
  })
  const usual = await bench.start('express + jsonwebtoken + pg', 'bench/requests/usual.ts', {
    policyId,
  })
  const post = await measure(bench, 'post', [ours, floor, usual], seconds)

  const rows = [
    ...get.map((row) => ({ kind: 'get' as const, ...row })),
    ...post.map((row) => ({ kind: 'post' as const, ...row })),
  ]
  const ratio = (own: Row, other: Row, of: (costs: Costs) => number) =>
    median(own.rounds.map((costs, index) => of(costs) / of(other.rounds[index] as Costs)))
  const [ownGet, plainGet] = get as [Row, Row]
  const [ownPost, floorPost, usualPost] = post as [Row, Row, Row]
  const throughput = (costs: Costs) => costs.perSecond
  return {
    rows,
    targets: [
      atLeast('GET: throughput to Hono + jose', ratio(ownGet, plainGet, throughput), 0.85),
      atLeast('POST: throughput to the floor', ratio(ownPost, floorPost, throughput), 0.5),
      atMost(
        'POST: p99 to the floor',
        ratio(ownPost, floorPost, ({ p99 }) => p99),
        1.5,
      ),
      atLeast('POST: throughput to the usual code', ratio(ownPost, usualPost, throughput), 3),
    ],
  }
}

/** In turns, forth and back, so that neither a disturbance of the machine nor the order favours one. */
async function measure(
  { built }: Bench,
  kind: 'get' | 'post',
  servers: readonly Server[],
  seconds: number,
): Promise<Row[]> {
  const rounds: Costs[][] = servers.map(() => [])
  const load = { kind, connections: CONNECTIONS[kind], seconds }
  for (const server of servers) await fire(built, server, { ...load, seconds: 2 })
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    const forth = [...servers.entries()]
    for (const [index, server] of turn % 2 === 0 ? forth : forth.reverse()) {
      const costs = await fire(built, server, load)
      onlyServed(server.name, costs)
      rounds[index]?.push(costs)
    }
  }
  return servers.map(({ name }, index) => {
    const own = rounds[index] ?? []
    const middle = (of: (costs: Costs) => number) => round(median(own.map(of)))
    return {
      name,
      perSecond: middle((costs) => costs.perSecond),
      p50: middle(({ p50 }) => p50),
      p99: middle(({ p99 }) => p99),
      cpu: middle(({ cpu }) => cpu),
      bytes: middle(({ bytes }) => bytes),
      rounds: own,
    }
  })
}

/** What the verifier answers to a link: the baseline sends the same. */
async function answerOf({ port }: Server): Promise<{ headers: [string, string][]; body: string }> {
  const { path, headers } = requestOf('get')
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { ...headers, host: new URL(ORIGIN).host },
  })
  if (response.status !== 200) throw new Error(`the verifier answers ${response.status}`)
  const body = await response.text()
  // The server adds these by itself, to either.
  const added = new Set(['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding'])
  return { headers: [...response.headers].filter(([name]) => !added.has(name)), body }
}

function print({ rows, targets }: RequestsResult): void {
  const lines = rows.map(({ kind, name, perSecond, p50, p99, cpu, bytes }) => [
    kind === 'get' ? 'GET /verify' : 'POST /verify',
    name,
    perSecond,
    p50,
    p99,
    cpu,
    bytes,
  ])
  const head = ['request', 'server', 'requests/s', 'p50 ms', 'p99 ms', 'server µs', 'bytes']
  console.log(`${table(head, lines)}\n\n${targetTable(targets)}`)
}
