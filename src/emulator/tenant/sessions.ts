/**
 * Who the browsers are (`auth0` cookie values the tenant has issued) and which user is signed in in each.
 * A password reset ends the user's sessions (contract 2.1 item 9).
 */
import type { TenantClock } from './clock.ts'
import { type Random, randomName } from './identifiers.ts'
import type { RequestFacts } from './request-facts.ts'
import type { AuthenticationMethod } from './transactions.ts'

export interface Session {
  readonly id: string
  readonly userId: string
  /** The `auth0` cookie's value it hangs on. */
  readonly browser: string
  readonly createdAtMs: number
  /** When the user last proved who they are. */
  authenticatedAtMs: number
  updatedAtMs: number
  lastInteractedAtMs: number
  expiresAtMs: number
  idleExpiresAtMs: number
  /** What was passed in this session; further logins see it. */
  methods: readonly AuthenticationMethod[]
  readonly clientIds: Set<string>
  cookieMode: 'persistent' | 'non-persistent'
  metadata: Readonly<Record<string, string>>
  readonly initial: SeenFrom
  last: SeenFrom
}

export interface SeenFrom {
  readonly ip: string
  readonly user_agent?: string
}

export interface Sessions {
  /** The given value when the tenant issued it, else a new one. */
  browser(presented: string | undefined): string
  /** In place of whoever was signed in in this browser. */
  start(start: {
    readonly userId: string
    readonly browser: string
    readonly methods: readonly AuthenticationMethod[]
    readonly request: RequestFacts
  }): Session
  /** The live session of this browser. */
  in(browser: string | undefined): Session | undefined
  get(sessionId: string): Session | undefined
  /** Somebody came by: the idle time starts again. */
  touch(session: Session, request: RequestFacts, clientId?: string): void
  of(userId: string): readonly Session[]
  end(sessionId: string): boolean
  endAll(userId: string): number
  clear(): void
}

export interface SessionLifetimes {
  /** Hours, as in the tenant's settings. */
  readonly session_lifetime: number
  readonly idle_session_lifetime: number
}

const HOUR_MS = 3_600_000

export const seenFrom = ({ ip, user_agent }: RequestFacts): SeenFrom => ({
  ip,
  ...(user_agent === undefined ? {} : { user_agent }),
})

export function createSessions(
  clock: TenantClock,
  random: Random,
  lifetimes: () => SessionLifetimes,
): Sessions {
  const browsers = new Set<string>()
  const sessions = new Map<string, Session>()

  const isLive = (session: Session) =>
    clock.now() < Math.min(session.expiresAtMs, session.idleExpiresAtMs)
  const live = () => {
    for (const [id, session] of sessions) if (!isLive(session)) sessions.delete(id)
    return [...sessions.values()]
  }
  const inBrowser = (browser: string | undefined) =>
    browser === undefined ? undefined : live().find((session) => session.browser === browser)
  const of = (userId: string) => live().filter((session) => session.userId === userId)

  return {
    browser: (presented) => {
      if (presented !== undefined && browsers.has(presented)) return presented
      const value = randomName(random, 43)
      browsers.add(value)
      return value
    },
    start: ({ userId, browser, methods, request }) => {
      const before = inBrowser(browser)
      if (before) sessions.delete(before.id)
      const now = clock.now()
      const { session_lifetime, idle_session_lifetime } = lifetimes()
      const seen = seenFrom(request)
      const session: Session = {
        id: randomName(random, 32),
        userId,
        browser,
        createdAtMs: now,
        authenticatedAtMs: now,
        updatedAtMs: now,
        lastInteractedAtMs: now,
        expiresAtMs: now + session_lifetime * HOUR_MS,
        idleExpiresAtMs: now + idle_session_lifetime * HOUR_MS,
        methods,
        clientIds: new Set(),
        cookieMode: 'persistent',
        metadata: {},
        initial: seen,
        last: seen,
      }
      sessions.set(session.id, session)
      return session
    },
    in: inBrowser,
    get: (sessionId) => live().find(({ id }) => id === sessionId),
    touch: (session, request, clientId) => {
      const now = clock.now()
      session.lastInteractedAtMs = now
      session.updatedAtMs = now
      session.idleExpiresAtMs = now + lifetimes().idle_session_lifetime * HOUR_MS
      session.last = seenFrom(request)
      if (clientId !== undefined) session.clientIds.add(clientId)
    },
    of,
    end: (sessionId) => sessions.delete(sessionId),
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
