/**
 * Tenant log events with Auth0's type codes, as a log stream would carry them.
 */
import type { TenantClock } from './clock.ts'
import { type Random, randomHex } from './identifiers.ts'

/** The codes the emulated flows write (contract 1.8; the others are Auth0's published list). */
export type LogType =
  /** Change-password request: accepted, failed. */
  | 'scpr'
  | 'fcpr'
  /** Password changed, change failed. */
  | 'scp'
  | 'fcp'
  | 'actions_execution_failed'
  | 'gd_auth_succeed'
  | 'gd_auth_failed'
  | 'gd_auth_rejected'
  | 'gd_recovery_succeed'
  | 'gd_recovery_failed'
  /** Login: succeeded, failed; wrong password, unknown user. */
  | 's'
  | 'f'
  | 'fp'
  | 'fu'
  /** Silent login, signup, logout. */
  | 'ssa'
  | 'fsa'
  | 'ss'
  | 'fs'
  | 'slo'
  | 'flo'
  /** Exchanges at the token endpoint: code, password, refresh token, client credentials. */
  | 'seacft'
  | 'feacft'
  | 'sepft'
  | 'fepft'
  | 'sertft'
  | 'fertft'
  | 'seccft'
  | 'feccft'
  /** A rotated refresh token came back; one was revoked. */
  | 'ferrt'
  | 'srrt'
  /** Management API: an operation went through. */
  | 'sapi'
  | 'gd_start_enroll'
  | 'gd_enrollment_complete'
  | 'gd_send_email'
  | 'gd_send_sms'
  | 'gd_send_voice'
  | 'gd_send_pn'

export interface LogEvent {
  readonly log_id: string
  /** ISO 8601. */
  readonly date: string
  readonly type: LogType
  readonly user_id?: string
  readonly user_name?: string
  readonly client_id?: string
  readonly connection?: string
  readonly ip?: string
  readonly user_agent?: string
  readonly description?: string
  readonly details?: Readonly<Record<string, unknown>>
}

export interface TenantLog {
  write(
    type: LogType,
    about: {
      readonly userId?: string | undefined
      readonly userName?: string | undefined
      readonly clientId?: string | undefined
      readonly connection?: string | undefined
      readonly ip?: string | undefined
      readonly userAgent?: string | undefined
      readonly description?: string | undefined
      readonly details?: Readonly<Record<string, unknown>> | undefined
    },
  ): void
  all(): readonly LogEvent[]
  clear(): void
}

const KEPT = 2000

/** Members that are known; exact optional properties take no undefined. */
const present = (members: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

export function createTenantLog(clock: TenantClock, random: Random): TenantLog {
  const events: LogEvent[] = []
  return {
    write: (type, about) => {
      events.push({
        log_id: `9002${randomHex(random, 24)}`,
        date: new Date(clock.now()).toISOString(),
        type,
        ...present({
          user_id: about.userId,
          user_name: about.userName,
          client_id: about.clientId,
          connection: about.connection,
          ip: about.ip,
          user_agent: about.userAgent,
          description: about.description,
          details: about.details,
        }),
      })
      if (events.length > KEPT) events.shift()
    },
    all: () => [...events],
    clear: () => {
      events.length = 0
    },
  }
}
