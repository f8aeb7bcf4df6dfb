/** A pooler between the verifier and PostgreSQL: no statement meets the connection of the one before. */
import { setTimeout as delay } from 'node:timers/promises'
import { findPgbouncer, startPgbouncer } from '../pgbouncer.ts'
import type { Row } from '../row.ts'

/** A prepared statement that is not there or there already, or a setting that the pooler refuses. */
const MISUSED = /"store_error":"(26000|42P05|08P01)"/

export const POOLER_ROWS: readonly Row[] = [
  {
    name: 'pooler',
    fault: 'PgBouncer in transaction mode; its server sessions end, then it is restarted',
    mayEnd: true,
    lacks: () => (findPgbouncer() === undefined ? 'there is no pgbouncer here' : undefined),
    async inject(scene) {
      const { stage, crowd, expect } = scene
      const pooler = await startPgbouncer(findPgbouncer() ?? '', stage.roleUrl)
      const direct = stage.verifier()
      const firstLine = stage.lines.length
      try {
        const pooled = await stage.startVerifier({ DATABASE_URL: pooler.url })
        stage.replaceVerifier(pooled)
        stage.front.remove(direct.port)
        // The kept connections of the people that are there end with the process behind them.
        await direct.stop()
        const start = performance.now()
        await delay(scene.duration)
        const through = scene.between(start, performance.now())
        const wrong = stage.lines.slice(firstLine).filter((line) => MISUSED.test(line))
        expect(`${wrong.length} statements met the pooler: ${wrong[0]}`, wrong.length === 0)
        expect(
          'people are served through it',
          through.some(({ result }) => result.kind === 'ok'),
        )
        await stage.asOwner(
          (sql) => sql`
            select pg_terminate_backend(pid) from pg_stat_activity
            where usename = 'verifier' and pid <> pg_backend_pid()`,
        )
        await delay(scene.duration / 2)
        await pooler.restart()
        await delay(scene.duration / 2)
        expect('the process lives', pooled.ended() === undefined)

        stage.replaceVerifier(await stage.startVerifier())
        stage.front.remove(pooled.port)
        await pooled.stop()
        scene.healed()
        crowd.arrive(scene.rate)
      } finally {
        await pooler.close()
      }
    },
  },
]
