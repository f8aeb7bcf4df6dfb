/**
 * What a feed of a hundred thousand ranges costs: to import, and to ask of one address. The baseline is
 * the usual way, a GiST index over the ranges as they came. Times are the machine's; the ratio is not.
 */
import { randomBytes } from 'node:crypto'
import postgres, { type Sql } from 'postgres'
import { startPostgres } from '../../db/embedded.ts'
import { migrate } from '../../db/migrate.ts'
import { parseFeed, replaceList, textOf } from '../../src/verifier/lists.ts'
import { createClient } from '../../src/verifier/store/client.ts'
import { writeRanges } from '../../src/verifier/store/lists.ts'
import { seeded } from '../risk/synthetic-log.ts'

const LOOKUPS = 5000
const RUNS = 7

/** `npm run bench -- lists [ranges]` */
export async function run(args: readonly string[] = []): Promise<void> {
  const count = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 100_000)
  const server = await startPostgres({ password: randomBytes(24).toString('hex') })
  const url = server.url('postgres')
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} })
  try {
    await migrate(url)
    const random = seeded(1)
    const cidrs = Array.from({ length: count }, () => cidrOf(random))
    const imported = await importFeed(url, cidrs)
    await sql`create table raw_range (net inet not null)`
    await sql`insert into raw_range select value::inet from jsonb_array_elements_text(${JSON.stringify(cidrs)}::text::jsonb)`
    await sql`create index on raw_range using gist (net inet_ops)`
    await sql`analyze`
    const addresses = Array.from({ length: LOOKUPS }, () => addressOf(random))
    await sql`
      create temp table asked as
      select value::inet as address from jsonb_array_elements_text(${JSON.stringify(addresses)}::text::jsonb)`
    const nothing = await lookUp(sql, nothingQuery)
    const flat = await lookUp(sql, flatQuery, nothing.microseconds)
    const gist = await lookUp(sql, gistQuery, nothing.microseconds)
    if (flat.hits !== gist.hits)
      throw new Error(`the two ways disagree: ${flat.hits}, ${gist.hits}`)
    const result = {
      ranges: count,
      ...imported,
      lookups: LOOKUPS,
      hits: flat.hits,
      flat_microseconds: rounded(flat.microseconds),
      gist_microseconds: rounded(gist.microseconds),
      ratio_gist_to_flat: rounded(gist.microseconds / flat.microseconds),
    }
    console.table({
      'flat ranges, btree': { microseconds: result.flat_microseconds, ratio: 1 },
      'as they came, GiST': {
        microseconds: result.gist_microseconds,
        ratio: result.ratio_gist_to_flat,
      },
    })
    console.log(JSON.stringify(result))
  } finally {
    await sql.end()
    await server.stop()
  }
}

/** The importer's own steps, without reading a file. */
async function importFeed(url: string, cidrs: readonly string[]) {
  const client = createClient(url, { connections: 1, connectSeconds: 5 })
  const started = performance.now()
  const feed = parseFeed(cidrs.join('\n'))
  const flat = replaceList([], 0, feed.ranges)
  const prepared = performance.now()
  await writeRanges(
    client,
    { tenantId: 'bench', actor: 'bench' },
    {
      kind: 'hosting',
      bit: 0,
      gone: [],
      put: flat.map(({ family, low, high, mask }) => ({
        low: textOf(family, low),
        high: textOf(family, high),
        mask,
      })),
      networks: [],
      loaded: { source: 'bench', entries: feed.entries, hasRanges: true },
    },
  )
  const written = performance.now()
  await client.end()
  const seconds = (milliseconds: number) => Math.round(milliseconds / 10) / 100
  return {
    flat_ranges: flat.length,
    read_and_flatten_seconds: seconds(prepared - started),
    write_seconds: seconds(written - prepared),
  }
}

type Query = (sql: Sql) => Promise<readonly { readonly hits: number }[]>

const nothingQuery: Query = (sql) => sql`
  select count(address)::integer as hits from asked`

const flatQuery: Query = (sql) => sql`
  select count(*)::integer as hits from asked
  cross join lateral (
    select high from ip_range
    where tenant = 'bench' and low <= asked.address order by low desc limit 1
  ) as below
  where below.high >= asked.address`

const gistQuery: Query = (sql) => sql`
  select count(*)::integer as hits from asked
  where exists (select from raw_range where net >>= asked.address)`

/**
 * Many look-ups in one statement, so that no round trip is measured; the median of several runs, less
 * what reading the addresses takes.
 */
async function lookUp(sql: Sql, query: Query, less = 0) {
  const times: number[] = []
  let hits = 0
  for (let turn = 0; turn < RUNS; turn += 1) {
    const started = performance.now()
    const [row] = await query(sql)
    times.push(performance.now() - started)
    hits = row?.hits ?? 0
  }
  const median = times.sort((a, b) => a - b)[Math.floor(RUNS / 2)] as number
  return { hits, microseconds: Math.round((median / LOOKUPS) * 10_000) / 10 - less }
}

const rounded = (number: number) => Math.round(number * 10) / 10

/**
 * Lengths as feeds of hosting networks have them, in blocks that lie close together: providers hold a
 * few large allocations and announce many small parts of them, often one inside another.
 */
function cidrOf(random: () => number): string {
  const length = 20 + Math.floor(random() * 9)
  const address = addressNumber(random)
  return `${dotted(Math.floor(address / 2 ** (32 - length)) * 2 ** (32 - length))}/${length}`
}

const BLOCKS = 400
/** Within one of the blocks of a million addresses each. */
function addressNumber(random: () => number): number {
  const block = Math.floor(random() * BLOCKS) * 3_500_017 + 11 * 2 ** 24
  return block + Math.floor(random() * 2 ** 20)
}

const addressOf = (random: () => number) =>
  dotted(random() < 0.25 ? Math.floor((11 + random() * 89) * 2 ** 24) : addressNumber(random))

const dotted = (number: number) =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
