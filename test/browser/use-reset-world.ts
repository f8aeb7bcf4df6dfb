/** A round trip for the tests of one `describe`, or of one file. */
import { afterAll, beforeAll } from 'vitest'
import type { RoundTripOptions } from '../../src/cli/round-trip.ts'
import type { FreshDatabase } from '../support/database.ts'
import { openResetWorld, type ResetWorld } from './reset-world.ts'

export function useResetWorld(
  { url }: FreshDatabase,
  options: Partial<RoundTripOptions> = {},
): () => ResetWorld {
  let world: ResetWorld
  beforeAll(async () => {
    world = await openResetWorld(url, options)
  })
  afterAll(() => world.close())
  return () => world
}
