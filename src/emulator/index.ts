/**
 * The emulator's public API (`redirect-verifier/emulator`): an Auth0 tenant in process, a port for it when
 * a real browser should see it, and a browser-like driver for tests.
 * As an entry it gives the default clock and randomness; everything below is told.
 */
import { randomBytes } from 'node:crypto'
import { createApp } from './http/app.ts'
import { mountControl } from './http/control.ts'
import {
  type Browser,
  type BrowserOptions,
  createBrowser as openBrowser,
} from './http/driver/browser.ts'
import {
  choosePassword,
  openResetLink,
  passChallenge,
  passSites,
  requestReset,
  resetPassword,
} from './http/driver/drive.ts'
import { createNetworkFetch } from './http/driver/network.ts'
import { mountInspector } from './http/inspector.tsx'
import { type Listening, type ListenOptions, listen } from './http/listen.ts'
import { logIn } from './http/login-drive.ts'
import { localHost } from './http/surface.ts'
import type { TriggerId } from './runtime/execution.ts'
import type { Clients } from './tenant/clients.ts'
import type { TenantClock } from './tenant/clock.ts'
import { createCore } from './tenant/core.ts'
import { CORE_DEFAULTS, type CoreOptions } from './tenant/core-options.ts'
import type { ActionSpec } from './tenant/deployed-actions.ts'
import type { EventOverrides } from './tenant/event-source.ts'
import type { Execution } from './tenant/executions.ts'
import type { Inbox, Mail, TextMessage } from './tenant/inboxes.ts'
import { DEFAULT_SETTINGS, type TenantSettings } from './tenant/management-settings.ts'
import { DEFAULT_SWITCHES, type Faults, NO_FAULTS, type Switches } from './tenant/switches.ts'
import type { LogEvent } from './tenant/tenant-log.ts'
import type { Trace } from './tenant/trace.ts'
import type { Users } from './tenant/users.ts'

export type {
  Browser,
  BrowserOptions,
  FormValues,
  Hop,
  OriginFetch,
} from './http/driver/browser.ts'
export type { DrivenTenant, ResetSteps } from './http/driver/drive.ts'
export type { Form, Link, Page } from './http/driver/page.ts'
export {
  createThirdParty,
  type ThirdParty,
  type ThirdPartyAnswer,
  type ThirdPartyOptions,
  type ThirdPartyVisit,
} from './http/driver/third-party.ts'
export type { Listening, ListenOptions } from './http/listen.ts'
export type { LoginSteps } from './http/login-drive.ts'
export type { LegResult, TriggerId } from './runtime/execution.ts'
export type { Client, ClientSeed } from './tenant/clients.ts'
export type { TenantClock } from './tenant/clock.ts'
export type { FormSeed } from './tenant/core-options.ts'
export type { ActionSpec } from './tenant/deployed-actions.ts'
export type { CustomDomain, EventOverrides } from './tenant/event-source.ts'
export type { ExecutedLeg, Execution } from './tenant/executions.ts'
export type { FactorSeed, FactorType } from './tenant/factors.ts'
export type { ContinueTokenFault } from './tenant/faults.ts'
export type { Inbox, Mail, TextMessage } from './tenant/inboxes.ts'
export type { ClientGrantSeed } from './tenant/management-grants.ts'
export type { TenantSettings } from './tenant/management-settings.ts'
export type { OrganizationSeed } from './tenant/organizations.ts'
export type { RefreshTokenPolicy } from './tenant/refresh-tokens.ts'
export type { Geoip } from './tenant/request-facts.ts'
export type { ResourceServerSeed } from './tenant/resource-servers.ts'
export type { SamlSettings } from './tenant/saml-settings.ts'
export type { Faults, Switches } from './tenant/switches.ts'
export type { LogEvent } from './tenant/tenant-log.ts'
export type { Trace, TraceData, TraceEvent, TraceKind } from './tenant/trace.ts'
export type { User, UserSeed, Users } from './tenant/users.ts'
export type {
  PostChallengeApi,
  PostChallengeEvent,
  PostChallengeHandler,
} from './triggers/post-challenge-types.ts'
export type { PostLoginApi, PostLoginEvent, PostLoginHandler } from './triggers/post-login-types.ts'

/** Everything has a default: a tenant without options has no user and one application. */
export type TenantOptions = Partial<CoreOptions>

export interface Tenant {
  readonly name: string
  readonly host: string
  /** Where the tenant is now: the port it listens on, else its in-process origin. */
  readonly origin: string
  /** The tenant as a function, without a port. */
  fetch(request: Request): Promise<Response>
  /** On a loopback port; ends with `close` of the answer or of the tenant. */
  listen(options?: ListenOptions): Promise<Listening>
  readonly users: Users
  readonly clients: Clients
  readonly mailbox: Inbox<Mail>
  readonly phoneInbox: Inbox<TextMessage>
  readonly clock: TenantClock
  readonly trace: Trace
  /** Tenant log events with Auth0's type codes. */
  logs(): readonly LogEvent[]
  executions(): readonly Execution[]
  /** May be changed at any time; the next request sees it. Token switches belong to the start. */
  readonly switches: Switches
  readonly faults: Faults
  /** Laid over every event from now on. */
  readonly eventOverrides: EventOverrides
  /** As at `/api/v2/tenants/settings`; may be changed at any time. */
  readonly settings: TenantSettings
  /** For `Authorization: Bearer …` at the Management API: drawn at the start. */
  readonly managementToken: string
  /** A reset link, as the Management API's ticket endpoint makes it. Throws for an unknown user. */
  createTicket(ticket: {
    readonly user: string
    readonly clientId?: string
    readonly resultUrl?: string
    readonly lifetimeSeconds?: number
  }): string
  /**
   * Deploys these Actions and binds them in this order, in place of all before. With `keep`, a reset comes
   * back to them and not to those the tenant was created with.
   */
  setActions(
    trigger: TriggerId,
    actions: readonly ActionSpec[],
    options?: { readonly keep?: boolean },
  ): void
  /**
   * Back to how it was created: users, Actions, switches, faults and clock as given; no flow, mail,
   * session, trace or warm instance. Applications and subscriptions stay.
   */
  reset(): Promise<void>
  close(): Promise<void>
}

const OUTGOING_TIMEOUT_MS = 10_000

export function createTenant(options: TenantOptions = {}): Tenant {
  const { core, runtime } = createCore({
    clock: () => Date.now(),
    random: (bytes) => randomBytes(bytes),
    outgoing: createNetworkFetch(options.trustedCertificates ?? [], OUTGOING_TIMEOUT_MS),
    ...CORE_DEFAULTS,
    ...options,
  })
  const app = createApp(core)
  mountInspector(app, core)
  mountControl(app, core, { reset: () => tenant.reset() })
  const listeners = new Set<Listening>()
  const ownHost = localHost(core)
  const inProcessOrigin = ownHost === core.host ? `http://${core.host}` : `https://${core.host}`

  const tenant: Tenant = {
    name: core.name,
    host: core.host,
    get origin() {
      return [...listeners].at(-1)?.origin ?? inProcessOrigin
    },
    fetch: async (request) => app.fetch(request),
    listen: async (settings = {}) => {
      const names = core.customDomains.map(({ domain }) => domain)
      const started = await listen(
        (request, env) => app.fetch(request, env as object),
        ownHost,
        names,
        settings,
      )
      const listening: Listening = {
        ...started,
        close: async () => {
          listeners.delete(listening)
          await started.close()
        },
      }
      listeners.add(listening)
      return listening
    },
    users: core.users,
    clients: core.clients,
    mailbox: core.mailbox,
    phoneInbox: core.phoneInbox,
    clock: core.clock,
    trace: core.trace,
    logs: () => core.log.all(),
    executions: () => core.executions.all(),
    switches: core.switches,
    faults: core.faults,
    eventOverrides: core.eventOverrides,
    settings: core.settings,
    managementToken: core.managementToken,
    createTicket: ({ user, ...ticket }) => {
      const userId = core.users.get(user)?.user_id
      const link =
        userId && core.resetRequests.createTicket({ ...ticket, userId, origin: tenant.origin })
      if (!link) throw new Error(`The emulated tenant has no user ${user}.`)
      return link
    },
    setActions: (trigger, actions, { keep = false } = {}) => {
      core.actions.bind(trigger, actions)
      if (keep) core.actions.keep()
    },
    reset: async () => {
      for (const part of [
        core.mailbox,
        core.phoneInbox,
        core.tickets,
        core.transactions,
        core.sessions,
        core.executions,
        core.trace,
        core.log,
        core.challenges,
        core.loginSide,
        core.managedActions,
      ])
        part.clear()
      core.users.restore()
      core.actions.restore()
      core.clock.follow()
      Object.assign(core.switches, DEFAULT_SWITCHES, options.switches)
      Object.assign(core.faults, NO_FAULTS, options.faults)
      Object.assign(core.settings, DEFAULT_SETTINGS, options.settings)
      delete core.eventOverrides['password-reset-post-challenge']
      delete core.eventOverrides['post-login']
      Object.assign(core.eventOverrides, options.eventOverrides)
      await runtime.reset()
    },
    close: async () => {
      await Promise.all([...listeners].map((listening) => listening.close()))
      await runtime.close()
    },
  }
  return tenant
}

/** A browser without a window: cookies, redirects, forms and links over the given origins. */
export function createBrowser(options: BrowserOptions = {}): Browser {
  return openBrowser({ now: () => new Date(), ...options })
}

/** The steps of a reset as a person takes them; `resetPassword` takes them all, `logIn` those of a login. */
export const drive = {
  requestReset,
  openResetLink,
  passSites,
  passChallenge,
  choosePassword,
  resetPassword,
  logIn,
} as const
