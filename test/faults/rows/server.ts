/** Faults of the PostgreSQL server and its sessions. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Row, Scene } from '../row.ts'

const sessions = ({ stage }: Scene) =>
  stage.asOwner(
    (sql) => sql<{ pid: number }[]>`
      select pid from pg_stat_activity where application_name = 'redirect-verifier'`,
  )

/** Nearly everybody who asked between two moments heard within so many milliseconds, whatever it was. */
function answeredFast(
  { between, expect, usual }: Scene,
  from: number,
  to: number,
  within: number,
): void {
  const asked = between(from, to).filter(({ kind }) => kind !== 'forged')
  const most = within + 2 * usual()
  const slow = asked.filter(({ start, end }) => end - start > most)
  // One in twenty may have met the question whether Postgres is back, or a busy machine.
  expect(
    `${slow.length} of ${asked.length} were told only after ${Math.round(most)} ms`,
    slow.length <= asked.length / 20 + 1,
  )
  expect('somebody asked', asked.length > 0)
}

const noneAllowed = ({ between, expect }: Scene, from: number, to: number): void => {
  const served = between(from, to).filter(({ result }) => result.kind === 'ok')
  expect(`${served.length} were answered without Postgres`, served.length === 0)
}

export const SERVER_ROWS: readonly Row[] = [
  {
    name: 'session ended',
    fault: 'pg_terminate_backend of every session, three times',
    async inject(scene) {
      for (let round = 0; round < 3; round += 1) {
        await scene.stage.asOwner(
          (sql) => sql`
            select pg_terminate_backend(pid) from pg_stat_activity
            where application_name = 'redirect-verifier'`,
        )
        await delay(scene.duration / 3)
      }
    },
  },
  {
    name: 'session killed',
    fault: 'kill -9 of one backend: the server restarts all of them',
    async inject(scene) {
      const [session] = await sessions(scene)
      scene.expect('there is a session', session !== undefined)
      if (session) process.kill(session.pid, 'SIGKILL')
    },
  },
  {
    name: 'server killed',
    fault: 'kill -9 of postmaster and children under load, then start',
    async inject({ stage, healed }) {
      await stage.killServer()
      await stage.startServer()
      healed()
    },
  },
  {
    name: 'server restarted',
    fault: 'fast shutdown and start',
    async inject({ stage, healed }) {
      await stage.stopServer()
      await stage.startServer()
      healed()
    },
  },
  {
    name: 'server frozen',
    fault: 'SIGSTOP of every server process, then SIGCONT',
    async inject(scene) {
      const pids = scene.stage.pids()
      const start = performance.now()
      for (const pid of pids) process.kill(pid, 'SIGSTOP')
      try {
        // Longer than the deadline of a statement and the time until the breaker opens.
        await delay(Math.max(scene.duration, 5000))
      } finally {
        for (const pid of pids) process.kill(pid, 'SIGCONT')
      }
      scene.healed()
      answeredFast(scene, start + 3000, performance.now(), 250)
      noneAllowed(scene, start + 100, performance.now() - 100)
    },
  },
  {
    name: 'server down for long',
    fault: 'stopped; once the breaker is open the answer is 503 at once',
    async inject(scene) {
      await scene.stage.stopServer()
      const start = performance.now()
      await delay(scene.duration * 2)
      const end = performance.now()
      answeredFast(scene, start + 1000, end, 50)
      noneAllowed(scene, start, end)
      await scene.stage.startServer()
      scene.healed()
    },
  },
  {
    name: 'lock',
    fault: 'LOCK TABLE redemption ACCESS EXCLUSIVE',
    async inject(scene) {
      await scene.stage.asOwner(async (sql) => {
        await sql`begin`
        await sql`lock table redemption in access exclusive mode`
        const start = performance.now()
        await delay(scene.duration)
        noneAllowed(scene, start, performance.now())
        await sql`rollback`
      })
      scene.healed()
    },
  },
  {
    name: 'no connections left',
    fault: 'others take every connection that an ordinary role may have',
    async inject(scene) {
      const { stage } = scene
      await stage.asOwner(async (sql) => {
        await sql`alter role verifier connection limit 0`
        await sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where application_name = 'redirect-verifier'`
        const start = performance.now()
        await delay(scene.duration)
        answeredFast(scene, start + 1000, performance.now(), 100)
        noneAllowed(scene, start + 100, performance.now())
        await sql`alter role verifier connection limit -1`
      })
      scene.healed()
    },
  },
  {
    name: 'read-only',
    fault: 'default_transaction_read_only = on, as a full managed disk does',
    async inject(scene) {
      await scene.stage.asOwner(async (sql) => {
        await sql`alter system set default_transaction_read_only = on`
        await sql`select pg_reload_conf()`
        await delay(200)
        const start = performance.now()
        await delay(scene.duration)
        noneAllowed(scene, start, performance.now())
        answeredFast(scene, start + 500, performance.now(), 100)
      })
      await scene.stage.asOwner(async (sql) => {
        await sql`set default_transaction_read_only = off`
        await sql`alter system reset default_transaction_read_only`
        await sql`select pg_reload_conf()`
      })
      scene.healed()
    },
  },
  {
    name: 'deadlock',
    fault: 'an operator locks a user and a token in the opposite order',
    async inject(scene) {
      await scene.stage.asOwner(async (sql) => {
        await sql`alter system set deadlock_timeout = '20ms'`
        await sql`select pg_reload_conf()`
        const end = performance.now() + scene.duration
        while (performance.now() < end) {
          // What the statement writes last is locked first, and what it writes first is then asked for.
          await sql`begin`
          try {
            await sql`lock table rate_gcra in share row exclusive mode`
            await delay(5)
            await sql`lock table redemption in share row exclusive mode`
          } catch {
            // The operator lost; that is one way for a deadlock to end.
          }
          await sql`rollback`
          await delay(50)
        }
        await sql`alter system reset deadlock_timeout`
        await sql`select pg_reload_conf()`
      })
      scene.healed()
    },
  },
]
