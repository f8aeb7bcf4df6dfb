/**
 * A disk without room: a limit on the size of files, set on the server's own processes and their
 * children, stands for it. It stops writes where they would grow a file, as a full disk does.
 */
import { spawnSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { serverAccount } from '../../../db/embedded-binaries.ts'
import type { Row } from '../row.ts'
import type { Stage } from '../stage.ts'

/** Only the soft limit, which the processes' own account may raise again. */
function limitFiles(pids: readonly number[], bytes: number | 'unlimited'): boolean {
  const [postmaster] = pids.map((pid) => {
    const asked = ['--pid', `${pid}`, `--fsize=${bytes}:`]
    return spawnSync('prlimit', asked, { ...serverAccount() }).status === 0
  })
  // Another one may have ended since it was listed.
  return postmaster === true
}

/** Room for nothing more in the tables, while every existing page can be written. */
const SEGMENT_BYTES = 16 * 1024 * 1024

/** Fills the record's table beyond the size of a WAL segment, so that a limit can lie between. */
const fill = (stage: Stage) =>
  stage.asOwner(async (sql) => {
    await sql`
      create table if not exists ballast as
      select repeat(md5(n::text), 60) as text from generate_series(1, 9000) as n`
    const [row] = await sql<{ bytes: string }[]>`select pg_relation_size('ballast')::text as bytes`
    return Number(row?.bytes)
  })

export const DISK_ROWS: readonly Row[] = [
  {
    name: 'disk full',
    fault: 'no table may grow (RLIMIT_FSIZE on every server process)',
    async inject(scene) {
      const { stage, expect } = scene
      const bytes = await fill(stage)
      expect('there is a table of more than a segment', bytes > SEGMENT_BYTES)
      expect('limits can be set', limitFiles(stage.pids(), bytes))
      const grown = await stage.asOwner((sql) =>
        sql`insert into ballast select repeat('x', 1900) from generate_series(1, 9000)`.then(
          () => true,
          () => false,
        ),
      )
      expect('the table cannot grow', !grown)
      await delay(scene.duration)
      expect('and grows again', limitFiles(stage.pids(), 'unlimited'))
      scene.healed()
    },
  },
  {
    name: 'WAL full',
    fault: 'no write into the log beyond half a segment: the server panics; then started again',
    async inject(scene) {
      const { stage, healed } = scene
      await fill(stage)
      scene.expect('limits can be set', limitFiles(stage.pids(), SEGMENT_BYTES / 2))
      // Writes go on where the segment stands; some of them soon lie beyond the limit.
      const ended = await stage
        .asOwner(
          (sql) => sql`insert into ballast select repeat('x', 1900) from generate_series(1, 9000)`,
        )
        .then(
          () => false,
          () => true,
        )
      scene.expect('the server gives up', ended)
      await delay(scene.duration)
      await stage.stopServer()
      await stage.startServer()
      healed()
    },
  },
]
