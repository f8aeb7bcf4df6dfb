/** Faults of the verifier's own process. */
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Operation } from '../history.ts'
import { newBrowser } from '../people.ts'
import type { Row, Scene } from '../row.ts'
import { MARK } from '../tenant.ts'
import type { VerifierProcess } from '../verifier-process.ts'
import { hurt } from './operations.ts'

export function residentBytes(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}

/** The same person at the process that comes after the one that died. */
async function servedAs(operation: Operation, { crowd }: Scene, again: number): Promise<string> {
  const { transaction, browser } = operation
  const answers = new Set<string>()
  for (let i = 0; i < again; i += 1) {
    const { result } = await crowd.act('again', transaction, browser)
    answers.add(
      result.kind === 'ok' ? `${result.answer.assessmentId} ${result.answer.outcome}` : result.kind,
    )
  }
  return [...answers].join(', ')
}

/** In place of one that died, on its port. */
const successor = (scene: Scene, dead: VerifierProcess) =>
  scene.stage.startVerifier({ RV_PORT: `${dead.port}` })

export const PROCESS_ROWS: readonly Row[] = [
  {
    name: 'killed between commit and answer',
    fault: 'SIGKILL as the process begins to answer; another one takes its port',
    mayEnd: true,
    async inject(scene) {
      const { stage, crowd, expect } = scene
      const dead = stage.verifier()
      await crowd.leave()
      const transaction = stage.tenant.begin()
      await dead.set({ dieAnswering: true })
      const lost = await crowd.act('verify', transaction, newBrowser())
      expect('the answer was lost', lost.result.kind === 'unknown')
      await dead.stop('SIGKILL')
      stage.replaceVerifier(await successor(scene, dead))
      const served = await servedAs(lost, scene, 3)
      expect(`the same browser is served alike: ${served}`, /^[0-9a-f-]{36} \w+$/.test(served))
      const thief = await crowd.act('stolen', transaction, newBrowser())
      expect('another browser is not', thief.result.kind === 'refused')
      crowd.arrive(scene.rate)
      scene.healed()
    },
  },
  {
    name: 'uncaught exception',
    fault: 'thrown where nobody catches: the process ends with a failure and says no message',
    mayEnd: true,
    async inject(scene) {
      const { stage, expect } = scene
      const failing = stage.verifier()
      const first = stage.lines.length
      await failing.set({ throwUncaught: `${MARK} a message that might hold anything` })
      const { code } = await Promise.race([failing.stop('SIGCONT'), delay(8000, { code: 'late' })])
      expect(`exit code ${code}`, code === 1)
      // The row looks for such lines to find crashes; this one was asked for.
      const told = stage.lines.findIndex(
        (line, index) => index >= first && line.includes('"where":"process"'),
      )
      expect('the log names the class of error', told >= 0)
      if (told >= 0)
        stage.lines[told] = (stage.lines[told] as string).replace('"process"', '"asked"')
      stage.replaceVerifier(await successor(scene, failing))
      scene.healed()
    },
  },
  {
    name: 'rolling restarts',
    fault: 'SIGTERM of two instances in turn behind a balancer, ten times',
    mayEnd: true,
    async inject(scene) {
      const { stage, crowd, expect } = scene
      const drain = { RV_DRAIN_SECONDS: '1' }
      const first = stage.verifier()
      let instances = [await stage.startVerifier(drain), await stage.startVerifier(drain)]
      for (const { port } of instances) stage.front.add(port)
      stage.front.remove(first.port)
      await delay(300)
      const start = performance.now()
      for (let round = 0; round < 10; round += 1) {
        const [old, other] = instances as [VerifierProcess, VerifierProcess]
        const fresh = await stage.startVerifier(drain)
        stage.front.add(fresh.port)
        const asked = performance.now()
        const { code } = await old.stop('SIGTERM')
        stage.front.remove(old.port)
        const seconds = (performance.now() - asked) / 1000
        expect(`exit code ${code} after ${seconds.toFixed(1)} s`, code === 0 && seconds < 10)
        instances = [other, fresh]
      }
      const lost = crowd.operations.filter(
        ({ start: began, result }) => began >= start && result.kind === 'unknown',
      )
      expect(`${lost.length} heard nothing: ${JSON.stringify(lost[0]?.result)}`, lost.length === 0)
      const refused = hurt(scene.between(start, performance.now()))
      expect(`${refused} were refused`, refused === 0)
      const [last, spare] = instances as [VerifierProcess, VerifierProcess]
      stage.replaceVerifier(last)
      stage.front.remove(spare.port)
      await spare.stop()
      await first.stop()
      scene.healed()
    },
  },
  {
    name: 'process frozen',
    fault: 'SIGSTOP of the verifier, then SIGCONT',
    async inject(scene) {
      const { stage, crowd, expect } = scene
      const verifier = stage.verifier()
      // Below a client's patience with many waiting, above every deadline of the service.
      crowd.arrive(scene.rate / 4)
      verifier.signal('SIGSTOP')
      const start = performance.now()
      await delay(4000)
      verifier.signal('SIGCONT')
      await delay(1500)
      const held = scene.between(start, start + 4000)
      const stale = held.filter(
        ({ result }) =>
          result.kind === 'ok' && result.answer.expiresAt * 1000 < Date.now() + 60_000,
      )
      expect(`${stale.length} answers are about to expire`, stale.length === 0)
      const lost = held.filter(({ result }) => result.kind === 'unknown')
      expect(`${lost.length} of ${held.length} heard nothing`, lost.length === 0)
      crowd.arrive(scene.rate)
      scene.healed()
    },
  },
  {
    name: 'event loop stalled',
    fault: 'a second of every 1.3 s: not ready, and ready again afterwards',
    async inject(scene) {
      const { stage, client, expect } = scene
      const verifier = stage.verifier()
      // Each request takes several turns of the loop: more people than this would wait for minutes.
      scene.crowd.arrive(2)
      await verifier.set({ stall: { milliseconds: 1000, pause: 300 } })
      let red = false
      for (let waited = 0; waited < 10_000 && !red; waited += 100) {
        red = (await client.get('/readyz')) === 503
        await delay(100)
      }
      expect('it is not ready', red)
      await verifier.set({ stall: { milliseconds: 0, pause: 0 } })
      scene.crowd.arrive(scene.rate)
      scene.healed()
    },
  },
]
