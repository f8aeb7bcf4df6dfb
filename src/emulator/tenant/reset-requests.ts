/**
 * The start of a reset: somebody asks for it, a ticket is issued, a mail goes out.
 * Says the same to the asker whether or not the address is known.
 */
import type { Client, Clients } from './clients.ts'
import type { Connection } from './connection.ts'
import type { Inbox, Mail } from './inboxes.ts'
import type { TenantLog } from './tenant-log.ts'
import type { Ticket, Tickets } from './tickets.ts'
import type { Trace } from './trace.ts'
import type { Users } from './users.ts'

export interface ResetRequest {
  readonly email: string
  readonly clientId?: string | undefined
  readonly by: 'page' | 'change_password'
  /** Scheme, host and port the link in the mail starts with. */
  readonly origin: string
  readonly ip?: string | undefined
  readonly userAgent?: string | undefined
}

export interface TicketRequest {
  readonly userId: string
  readonly clientId?: string | undefined
  readonly resultUrl?: string | undefined
  readonly lifetimeSeconds?: number | undefined
  readonly origin: string
}

export interface ResetRequests {
  /** Mails a link, if there is such a user. */
  request(request: ResetRequest): void
  /** A link for somebody else to hand over; undefined when there is no such user. */
  createTicket(request: TicketRequest): string | undefined
}

export interface ResetRequestsOptions {
  readonly users: Users
  readonly clients: Clients
  readonly connection: Connection
  readonly tickets: Tickets
  readonly mailbox: Inbox<Mail>
  readonly trace: Trace
  readonly log: TenantLog
  readonly displayName: string
}

const linkOf = (origin: string, ticket: Ticket) =>
  `${origin}/u/reset-verify?ticket=${encodeURIComponent(ticket.value)}`

export function createResetRequests(options: ResetRequestsOptions): ResetRequests {
  const { users, clients, tickets, mailbox, trace, log } = options

  const traceRequest = (
    email: string,
    by: 'page' | 'change_password' | 'ticket',
    client: Client | undefined,
    userFound: boolean,
  ) =>
    trace.record('reset.requested', {
      who: by === 'ticket' ? 'tenant' : 'user',
      text: client
        ? `asks to reset the password of ${email} for ${client.name}`
        : `asks to reset the password of ${email} WITHOUT a client_id: no Action will run`,
      data: {
        email,
        by,
        ...(client ? { client_id: client.client_id } : {}),
        userFound,
        triggerWillRun: client !== undefined,
      },
    })

  return {
    request: ({ email, clientId, by, origin, ip, userAgent }) => {
      const user = users.get(email)
      const client = clientId === undefined ? undefined : clients.get(clientId)
      traceRequest(email, by, client, user !== undefined)
      const about = {
        userName: email,
        clientId,
        connection: options.connection.name,
        ip,
        userAgent,
      }
      if (!user || user.email.toLowerCase() !== email.toLowerCase()) {
        log.write('fcpr', { ...about, description: 'Unknown user' })
        return
      }
      const ticket = tickets.issue({ userId: user.user_id, clientId: client?.client_id })
      const link = linkOf(origin, ticket)
      const subject = 'Reset your password'
      mailbox.deliver({
        to: user.email,
        subject,
        text:
          `Somebody asked to reset the password of ${user.email} at ${options.displayName}. ` +
          'If it was you, open the link. If not, do nothing: your password stays as it is.',
        link,
      })
      log.write('scpr', { ...about, userId: user.user_id })
      trace.record('mail.sent', {
        who: 'tenant',
        text: `mails a link to ${user.email}`,
        data: { to: user.email, subject },
      })
    },
    createTicket: ({ userId, clientId, resultUrl, lifetimeSeconds, origin }) => {
      const user = users.get(userId)
      if (!user) return undefined
      const client = clientId === undefined ? undefined : clients.get(clientId)
      traceRequest(user.email, 'ticket', client, true)
      const ticket = tickets.issue({
        userId: user.user_id,
        clientId: client?.client_id,
        resultUrl,
        lifetimeSeconds,
      })
      return linkOf(origin, ticket)
    },
  }
}
