/**
 * Who the browsers are (`auth0` cookie values the tenant has issued) and which users are signed in.
 * A password reset ends the user's sessions (contract 2.1 item 9).
 */
import type { TenantClock } from './clock.ts'
import { type Random, randomName } from './identifiers.ts'

export interface Session {
  readonly id: string
  readonly userId: string
  readonly createdAtMs: number
}

export interface Sessions {
  /** The given value when the tenant issued it, else a new one. */
  browser(presented: string | undefined): string
  start(userId: string): Session
  of(userId: string): readonly Session[]
  endAll(userId: string): number
  clear(): void
}

export function createSessions(clock: TenantClock, random: Random): Sessions {
  const browsers = new Set<string>()
  const sessions = new Map<string, Session>()
  const of = (userId: string) =>
    [...sessions.values()].filter((session) => session.userId === userId)
  return {
    browser: (presented) => {
      if (presented !== undefined && browsers.has(presented)) return presented
      const value = randomName(random, 43)
      browsers.add(value)
      return value
    },
    start: (userId) => {
      const session = { id: randomName(random, 32), userId, createdAtMs: clock.now() }
      sessions.set(session.id, session)
      return session
    },
    of,
    endAll: (userId) => {
      const ended = of(userId)
      for (const session of ended) sessions.delete(session.id)
      return ended.length
    },
    clear: () => {
      browsers.clear()
      sessions.clear()
    },
  }
}
