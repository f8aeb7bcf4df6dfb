/** A pooler between the verifier and PostgreSQL: no statement meets the connection of the one before. */
import { setTimeout as delay } from 'node:timers/promises'
import { findPgbouncer, startPgbouncer } from '../pgbouncer.ts'
import type { Row } from '../row.ts'

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
      try {
        const pooled = await stage.startVerifier({ DATABASE_URL: pooler.url })
        stage.replaceVerifier(pooled)
        stage.front.remove(direct.port)
        // The kept connections of the people that are there end with the process behind them.
        await direct.stop()
        const start = performance.now()
        await delay(scene.duration)
        const through = scene.between(start, performance.now())
        const hurt = through.filter(
          ({ result }) => result.kind !== 'ok' && result.kind !== 'refused',
        )
        expect(`${hurt.length} of ${through.length} noticed the pooler itself`, hurt.length === 0)
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
