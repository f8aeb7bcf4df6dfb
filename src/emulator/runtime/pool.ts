/**
 * The warm instances of one deployed Action. Each runs one leg at a time; legs of several users run side
 * by side in several instances, up to a number, and then wait.
 */
import type { Instance } from './instance.ts'
import { INSTANCES_PER_ACTION } from './limits.ts'

export interface Pool {
  /**
   * An idle instance, else a new one, else the next that becomes free.
   * Undefined: the pool ended meanwhile.
   * @param cold ends the idle ones first, so that the leg meets nothing of an earlier one
   */
  take(cold: boolean): Promise<Instance | undefined>
  giveBack(instance: Instance): void
  end(): Promise<void>
}

export function createPool(start: () => Instance): Pool {
  const all = new Set<Instance>()
  const idle: Instance[] = []
  const waiting: ((instance: Instance | undefined) => void)[] = []

  const startOne = () => {
    const instance = start()
    all.add(instance)
    return instance
  }
  const discard = (instance: Instance) => {
    all.delete(instance)
    return instance.end()
  }
  /** The one used last, so that legs one after the other meet the same instance. */
  const takeIdle = (): Instance | undefined => {
    for (;;) {
      const instance = idle.pop()
      if (instance === undefined || instance.isAlive()) return instance
      all.delete(instance)
    }
  }

  return {
    async take(cold) {
      if (cold) await Promise.all(idle.splice(0).map(discard))
      const instance = takeIdle()
      if (instance !== undefined) return instance
      if (all.size < INSTANCES_PER_ACTION) return startOne()
      return new Promise((resolve) => waiting.push(resolve))
    },
    giveBack(instance) {
      if (!all.has(instance)) return
      const usable = instance.isAlive()
      if (!usable) all.delete(instance)
      const next = waiting.shift()
      if (next !== undefined) next(usable ? instance : startOne())
      else if (usable) idle.push(instance)
    },
    async end() {
      idle.length = 0
      for (const next of waiting.splice(0)) next(undefined)
      await Promise.all([...all].map(discard))
    },
  }
}
