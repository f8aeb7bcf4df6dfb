/** Loads that are faults: storms, floods and clients that take their time. */
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { newBrowser } from '../people.ts'
import type { Row } from '../row.ts'

const SLOW_CLIENTS = 1000

export const LOAD_ROWS: readonly Row[] = [
  {
    name: 'replay storm',
    fault: 'one token 500 times at once, from ten browsers',
    async inject({ stage, crowd, expect }) {
      const transaction = stage.tenant.begin()
      const browsers = Array.from({ length: 10 }, newBrowser)
      const asked = await Promise.all(
        Array.from({ length: 500 }, (_, index) =>
          crowd.act('verify', transaction, browsers[index % browsers.length] as string),
        ),
      )
      const served = asked.filter(({ result }) => result.kind === 'ok')
      const ids = new Set(
        served.map(({ result }) => result.kind === 'ok' && result.answer.assessmentId),
      )
      expect(`${ids.size} decisions`, ids.size === 1)
      expect('one browser', new Set(served.map(({ browser }) => browser)).size === 1)
    },
  },
  {
    name: 'forged flood',
    fault: 'garbage and bad signatures as fast as they go: no statement',
    mayEnd: true,
    async inject({ stage, crowd, client, duration, rate, expect }) {
      await crowd.leave()
      // Chores are statements too: a process that has just begun has none of them for half a minute.
      const old = stage.verifier()
      const flooded = await stage.startVerifier()
      stage.replaceVerifier(flooded)
      await old.stop()
      // Work after the answers, and the question that readiness asks, are over.
      await delay(1500)
      const before = stage.proxy.sent()
      const end = performance.now() + duration
      const flood = async () => {
        while (performance.now() < end) {
          const transaction = stage.tenant.begin()
          const mac = randomBytes(32).toString('base64url')
          const token = `${transaction.token.slice(0, -43)}${mac}`
          await crowd.act('forged', transaction, newBrowser(), { token })
          await client.post({ ...transaction, token: 'garbage' }, transaction.state, newBrowser())
        }
      }
      await Promise.all(Array.from({ length: 20 }, flood))
      const bytes = stage.proxy.sent() - before
      const forged = crowd.operations.filter(({ kind }) => kind === 'forged').length
      // A verification sends about two kilobytes; the balancer's question for readiness 200 a second.
      expect(`${bytes} bytes to Postgres for ${forged} forged tokens`, bytes < 1000 + duration)
      expect('the process lives', flooded.ended() === undefined)
      crowd.arrive(rate)
    },
  },
  {
    name: 'slow clients',
    fault: `${SLOW_CLIENTS} connections that send a byte a second`,
    async inject({ stage, client, duration, expect }) {
      const sockets: Socket[] = []
      for (let i = 0; i < SLOW_CLIENTS; i += 1) {
        const socket = connect(stage.verifier().port, '127.0.0.1')
        socket.on('error', () => {})
        socket.write('POST /verify HTTP/1.1\r\nHost: x\r\nX: ')
        sockets.push(socket)
      }
      const drip = setInterval(() => {
        for (const socket of sockets) if (socket.writable) socket.write('x')
      }, 1000)
      try {
        let failed = 0
        const end = performance.now() + duration
        while (performance.now() < end) {
          if ((await client.get('/livez')) !== 200) failed += 1
          await delay(50)
        }
        expect(`${failed} probes failed`, failed === 0)
      } finally {
        clearInterval(drip)
        for (const socket of sockets) socket.destroy()
      }
    },
  },
]
