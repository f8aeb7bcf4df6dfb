/**
 * No fault at all, for as long as one has: what leaks shows. That old rows are deleted is shown elsewhere
 * (`test/store/retention.test.ts`): the checker needs those of the history it looks at.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { slopeOf } from '../../../bench/memory/slope.ts'
import type { Row } from '../row.ts'
import type { Stage } from '../stage.ts'
import { residentBytes } from './process.ts'

const SAMPLES_PER_MINUTE = 120
/** Code is compiled and caches fill: below this length growth says nothing, and of it the first third. */
const TELLING_MINUTES = 0.4
/** As of `bench/memory`: short runs scatter by more than they grow. */
const MEGABYTES_PER_TEN_MINUTES = { short: 40, long: 5 }
/** From here on resident size says something, too. Before, it moves with when garbage is collected. */
const LONG_MINUTES = 10

export const SOAK_ROWS: readonly Row[] = [
  {
    name: 'soak',
    fault: 'none, for as long as --soak-minutes says: memory and connections stay what they are',
    async inject({ stage, crowd, soakMinutes, between, expect }) {
      const verifier = stage.verifier()
      const start = performance.now()
      const before = await connectionsOf(stage)
      const inUse: number[] = []
      const resident: number[] = []
      for (let sample = 0; sample < soakMinutes * SAMPLES_PER_MINUTE; sample += 1) {
        inUse.push(await verifier.set({ weigh: true }))
        resident.push(residentBytes(verifier.pid))
        await delay(60_000 / SAMPLES_PER_MINUTE)
      }
      const after = await connectionsOf(stage)
      expect(`${before} connections became ${after}`, after <= before)
      // What a short run is told beside others' work says as little.
      if (soakMinutes < TELLING_MINUTES) return
      const troubled = between(start, performance.now()).filter(
        ({ result }) => result.kind !== 'ok' && result.kind !== 'refused',
      )
      expect(`${troubled.length} were not served at once`, troubled.length === 0)
      expect(`${crowd.turnedAway()} found no place`, crowd.turnedAway() === 0)
      const long = soakMinutes >= LONG_MINUTES
      const most = long ? MEGABYTES_PER_TEN_MINUTES.long : MEGABYTES_PER_TEN_MINUTES.short
      const judge = (what: string, growth: number) =>
        expect(`${what} grows by ${growth.toFixed(1)} MB in ten minutes`, growth <= most)
      judge('memory in use', growthOf(inUse))
      if (long) judge('resident memory', growthOf(resident))
    },
  },
]

/** Of bytes to megabytes in ten minutes. */
function growthOf(bytes: readonly number[]): number {
  const later = bytes.slice(Math.floor(bytes.length / 3))
  return (slopeOf(later) / 1024 / 1024) * SAMPLES_PER_MINUTE * 10
}

const connectionsOf = (stage: Stage): Promise<number> =>
  stage.asOwner(async (sql) => {
    const [row] = await sql<{ sessions: number }[]>`
      select count(*)::integer as sessions from pg_stat_activity where usename = 'verifier'`
    return row?.sessions ?? Number.NaN
  })
