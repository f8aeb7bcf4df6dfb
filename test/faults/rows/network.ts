/** Faults between the verifier and PostgreSQL. */
import { setTimeout as delay } from 'node:timers/promises'
import { DEFAULT_LIMITS } from '../../../src/verifier/store/pool-store.ts'
import type { Row, Scene } from '../row.ts'
import { residentBytes } from './process.ts'

const ended = ({ between }: Scene, from: number, to: number, kind: string) =>
  between(from, to).filter(({ result }) => result.kind === kind).length

export const NETWORK_ROWS: readonly Row[] = [
  {
    name: 'half-open link',
    fault: 'the proxy goes silent with its connections open',
    async inject(scene) {
      const start = performance.now()
      scene.stage.proxy.silence()
      await delay(Math.max(scene.duration, 4000))
      scene.expect(
        'nobody is served over a dead link',
        ended(scene, start + 200, performance.now(), 'ok') === 0,
      )
      scene.stage.proxy.heal()
      scene.healed()
    },
  },
  {
    name: 'black hole',
    fault: 'connections are taken and never answered; the old ones are cut',
    async inject(scene) {
      const { proxy } = scene.stage
      proxy.silence()
      // Cuts what there was; what comes after meets silence.
      proxy.heal()
      proxy.silence()
      const start = performance.now()
      await delay(Math.max(scene.duration, 4000))
      scene.expect('nobody is served', ended(scene, start + 200, performance.now(), 'ok') === 0)
      proxy.heal()
      scene.healed()
    },
  },
  {
    name: 'reset storm',
    fault: 'one in a hundred pieces resets its connection',
    async inject(scene) {
      const start = performance.now()
      scene.stage.proxy.reset(0.01)
      await delay(scene.duration)
      scene.stage.proxy.heal()
      const all = scene.between(start, performance.now()).length
      const hurt = ended(scene, start, performance.now(), 'unavailable')
      scene.expect(`${hurt} of ${all} noticed`, hurt <= all / 2)
      scene.healed()
    },
  },
  {
    name: 'latency',
    fault: 'each piece takes 50 to 150 ms in both directions',
    async inject(scene) {
      // Ten connections serve fewer than arrive: people wait their turn or are told to try again.
      scene.stage.proxy.delay(100, 50)
      await delay(scene.duration)
      scene.stage.proxy.heal()
      scene.healed()
    },
  },
  {
    name: 'pool exhausted',
    fault: 'each piece takes 400 ms: every connection is busy, the queue is full',
    async inject(scene) {
      const { crowd, stage, expect } = scene
      const memory = () => residentBytes(stage.verifier().pid)
      crowd.arrive(scene.rate * 2)
      const start = performance.now()
      stage.proxy.delay(400, 0)
      const before = memory()
      await delay(scene.duration)
      const end = performance.now()
      const refused = scene
        .between(start + 1000, end)
        .filter(({ result }) => result.kind === 'unavailable')
        .map((operation) => operation.end - operation.start)
        .sort((a, b) => a - b)
      // Either there is no room to wait, which is told at once, or the wait ends.
      const { waitMilliseconds } = DEFAULT_LIMITS
      const usual = refused[Math.floor(refused.length / 2)] ?? 0
      expect('the excess is refused', refused.length > 0)
      expect(
        `the excess is told after ${Math.round(usual)} ms`,
        usual < waitMilliseconds + 100 + 2 * scene.usual(),
      )
      expect('memory stays flat', memory() - before < 100 * 1024 * 1024)
      stage.proxy.heal()
      crowd.arrive(scene.rate)
      scene.healed()
    },
  },
]
