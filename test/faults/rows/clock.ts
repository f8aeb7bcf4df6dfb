/** Clocks that disagree: the verifier's is moved, the tenant's and the database's are right. */
import type { Operation } from '../history.ts'
import { newBrowser } from '../people.ts'
import type { Row, Scene } from '../row.ts'

const TRIES = 20

async function ask(scene: Scene, seconds: number): Promise<readonly Operation[]> {
  const { stage, crowd } = scene
  await stage.verifier().set({ clockSeconds: seconds })
  return Promise.all(
    Array.from({ length: TRIES }, () => crowd.act('verify', stage.tenant.begin(), newBrowser())),
  )
}

const all = (operations: readonly Operation[], kind: Operation['result']['kind']) =>
  operations.every(({ result }) => result.kind === kind)

export const CLOCK_ROWS: readonly Row[] = [
  {
    name: 'clock jumps',
    fault: 'the verifier is off by 3 s, 10 s and an hour, to either side',
    async inject(scene) {
      const { crowd, client, expect } = scene
      await crowd.leave()
      for (const seconds of [3, -3]) {
        expect(`${seconds} s: everybody is served`, all(await ask(scene, seconds), 'ok'))
      }
      for (const seconds of [-10, -3600, 3600]) {
        expect(`${seconds} s: nobody is served`, all(await ask(scene, seconds), 'refused'))
        expect(`${seconds} s: not ready`, (await notReady(client)) === 503)
      }
      // A token that is ten seconds younger than it seems is still good; the alarm is what is wanted.
      await ask(scene, 10)
      expect('10 s: not ready', (await notReady(client)) === 503)
      await scene.stage.verifier().set({ clockSeconds: 0 })
      crowd.arrive(scene.rate)
      scene.healed()
    },
  },
]

/** The answer of a moment ago is kept for a second. */
async function notReady(client: Scene['client']): Promise<number | undefined> {
  let status: number | undefined
  for (let tries = 0; tries < 30 && status !== 503; tries += 1) {
    status = await client.get('/readyz')
    await new Promise((later) => setTimeout(later, 100))
  }
  return status
}
