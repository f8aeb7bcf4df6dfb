/**
 * Password-change tickets: what the link in the mail carries.
 * A ticket lives its time, only the newest of a user counts, and by default saving the new password is
 * what uses it up (contract 2.1 item 8): an abandoned verification can be started again from the mail.
 */
import type { TenantClock } from './clock.ts'
import { type Random, randomName } from './identifiers.ts'
import type { TicketRefusal } from './trace.ts'

export interface Ticket {
  readonly value: string
  readonly userId: string
  /** Absent: Auth0 runs no Action for this reset. */
  readonly clientId?: string
  readonly resultUrl?: string
  readonly expiresAtMs: number
  readonly usedAtMs?: number
}

export interface Tickets {
  issue(ticket: {
    readonly userId: string
    readonly clientId?: string | undefined
    readonly resultUrl?: string | undefined
    readonly lifetimeSeconds?: number | undefined
  }): Ticket
  /** The ticket when it still works; looking changes nothing. */
  check(value: string): Ticket | Exclude<TicketRefusal, 'user_gone'>
  /** False when somebody else used it first. */
  use(value: string): boolean
  clear(): void
}

/** Default of the Management API: five days. */
export const TICKET_LIFETIME_SECONDS = 432_000

export function createTickets(clock: TenantClock, random: Random): Tickets {
  const tickets = new Map<string, Ticket>()
  const newest = new Map<string, string>()

  const check = (value: string) => {
    const ticket = tickets.get(value)
    if (!ticket) return 'unknown'
    if (ticket.usedAtMs !== undefined) return 'used'
    if (newest.get(ticket.userId) !== value) return 'superseded'
    if (clock.now() >= ticket.expiresAtMs) return 'expired'
    return ticket
  }

  return {
    issue: ({ userId, clientId, resultUrl, lifetimeSeconds }) => {
      const ticket: Ticket = {
        value: randomName(random, 32),
        userId,
        ...(clientId === undefined ? {} : { clientId }),
        ...(resultUrl === undefined ? {} : { resultUrl }),
        expiresAtMs: clock.now() + (lifetimeSeconds ?? TICKET_LIFETIME_SECONDS) * 1000,
      }
      tickets.set(ticket.value, ticket)
      newest.set(userId, ticket.value)
      return ticket
    },
    check,
    use: (value) => {
      const ticket = check(value)
      if (typeof ticket === 'string') return false
      tickets.set(value, { ...ticket, usedAtMs: clock.now() })
      return true
    },
    clear: () => {
      tickets.clear()
      newest.clear()
    },
  }
}
