/** What operators do while people are there: new secrets. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Operation } from '../history.ts'
import { newBrowser } from '../people.ts'
import type { Row, Scene } from '../row.ts'
import { newSecret } from '../stage.ts'
import { TENANT } from '../tenant.ts'

/** Starts an instance with these secrets beside the running one, then stops that one. */
async function roll({ stage }: Scene, session: readonly string[], signing: readonly string[]) {
  const old = stage.verifier()
  const fresh = await stage.startVerifier({
    RV_DRAIN_SECONDS: '1',
    RV_SECRETS: JSON.stringify({ [TENANT]: { session, continue: signing } }),
  })
  stage.front.add(fresh.port)
  await old.stop()
  stage.replaceVerifier(fresh)
}

export const hurt = (operations: readonly Operation[]) =>
  operations.filter(
    ({ kind, result }) =>
      (kind === 'verify' || kind === 'double') &&
      (result.kind === 'refused' || result.kind === 'broken'),
  ).length

export const OPERATION_ROWS: readonly Row[] = [
  {
    name: 'secret rotation',
    fault: 'both directions, in the documented order, by rolling restarts',
    mayEnd: true,
    async inject(scene) {
      const { stage, crowd, expect } = scene
      const { keys } = stage.tenant
      const [oldSession] = stage.secrets.session as [string]
      const [oldContinue] = stage.secrets.continue as [string]
      const [session, signing] = [newSecret(), newSecret()]
      const before = stage.tenant.begin()
      const start = performance.now()

      // The service accepts both; then the Action signs with the new one and accepts both; then we sign.
      await roll(scene, [session, oldSession], [oldContinue])
      keys.session = session
      keys.continue = [signing, oldContinue]
      await delay(300)
      await roll(scene, [session, oldSession], [signing, oldContinue])
      const overlap = await crowd.act('verify', before, newBrowser())
      expect('a token of before is served in the overlap', overlap.result.kind === 'ok')
      await crowd.leave()
      expect(
        'nobody is refused in the overlap',
        hurt(scene.between(start, performance.now())) === 0,
      )

      await roll(scene, [session], [signing])
      keys.continue = [signing]
      const late = stage.tenant.begin()
      const forged = { ...late, token: (await oldToken(scene, oldSession)).token }
      const removed = await crowd.act('forged', forged, newBrowser())
      expect('the old secret is refused after its removal', removed.result.kind === 'refused')

      // Back to what the stage's other verifiers are started with.
      await roll(scene, [oldSession], [oldContinue])
      keys.session = oldSession
      keys.continue = [oldContinue]
      crowd.arrive(scene.rate)
      scene.healed()
    },
  },
]

/** A token that the old secret signs now. */
async function oldToken({ stage }: Scene, secret: string) {
  const { keys } = stage.tenant
  const current = keys.session
  keys.session = secret
  const transaction = stage.tenant.begin()
  keys.session = current
  return transaction
}
