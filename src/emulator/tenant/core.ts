/**
 * The tenant's state and flows put together, without HTTP: what the pages and the public API stand on.
 */
import type { ActionsRuntime } from '../runtime/execution.ts'
import { createRuntime } from '../runtime/runtime.ts'
import { type Challenges, createChallenges } from './challenges.ts'
import { type Clients, createClients } from './clients.ts'
import { createClock, type TenantClock } from './clock.ts'
import type { Connection } from './connection.ts'
import type { CoreOptions, FormSeed } from './core-options.ts'
import { createDeployedActions, type DeployedActions } from './deployed-actions.ts'
import { createDestinations } from './destinations.ts'
import { createEventBuilder } from './event-builder.ts'
import type { CustomDomain, EventOverrides } from './event-source.ts'
import { createExecutions, type Executions } from './executions.ts'
import type { FactorType } from './factors.ts'
import type { GeoipLookup } from './geoip.ts'
import { createHops, type Hops } from './hops.ts'
import { type Random, randomName } from './identifiers.ts'
import { createInbox, type Inbox, type Mail, type TextMessage } from './inboxes.ts'
import { createEnrolments } from './login-enrolment.ts'
import { createLoginSide, createLoginStores, type LoginSide } from './login-side.ts'
import { createManagementActions, type ManagementActions } from './management-actions.ts'
import { createManagementGrants, type ManagementGrants } from './management-grants.ts'
import { DEFAULT_SETTINGS, type TenantSettings } from './management-settings.ts'
import { createPasswordReset, type PasswordReset } from './password-reset.ts'
import { createPipeline } from './pipeline.ts'
import { createResetRequests, type ResetRequests } from './reset-requests.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { DEFAULT_SWITCHES, type Faults, NO_FAULTS, type Switches } from './switches.ts'
import { createTenantLog, type TenantLog } from './tenant-log.ts'
import { createTickets, type Tickets } from './tickets.ts'
import { createTrace, type Trace } from './trace.ts'
import { createTransactions, type Transactions } from './transactions.ts'
import { createUsers, type Users } from './users.ts'

export interface TenantCore {
  readonly name: string
  readonly displayName: string
  readonly host: string
  readonly customDomains: readonly CustomDomain[]
  readonly connection: Connection
  readonly clock: TenantClock
  readonly random: Random
  readonly users: Users
  readonly clients: Clients
  readonly forms: ReadonlyMap<string, FormSeed>
  readonly enabledFactors: ReadonlySet<FactorType>
  readonly mailbox: Inbox<Mail>
  readonly phoneInbox: Inbox<TextMessage>
  readonly tickets: Tickets
  readonly transactions: Transactions
  readonly sessions: Sessions
  readonly actions: DeployedActions
  readonly executions: Executions
  readonly trace: Trace
  readonly log: TenantLog
  readonly eventOverrides: EventOverrides
  readonly switches: Switches
  readonly faults: Faults
  readonly geoip: GeoipLookup
  readonly challenges: Challenges
  readonly resetRequests: ResetRequests
  readonly passwordReset: PasswordReset
  /** What a browser does between the steps of any flow. */
  readonly hops: Hops
  readonly loginSide: LoginSide
  readonly settings: TenantSettings
  readonly management: ManagementGrants
  readonly managedActions: ManagementActions
  /** Random at each start: what the Management API asks for. */
  readonly managementToken: string
}

export function createCore(options: CoreOptions): {
  readonly core: TenantCore
  readonly runtime: ActionsRuntime
} {
  const { random, name, displayName, connection } = options
  const clock = createClock(options.clock)
  const switches: Switches = { ...DEFAULT_SWITCHES, ...options.switches }
  const faults: Faults = { ...NO_FAULTS, ...options.faults }
  const enabledFactors = new Set(options.enabledFactors)
  const users = createUsers(options.users, {
    clock,
    random,
    verifiedEmailIsFactor: () => switches.verifiedEmailIsFactor && enabledFactors.has('email'),
  })
  const clients = createClients(options.clients, random)
  const actions = createDeployedActions(options.actions)
  const eventOverrides: EventOverrides = { ...options.eventOverrides }
  const trace = createTrace(clock)
  const log = createTenantLog(clock, random)
  const executions = createExecutions(clock, random)
  const mailbox = createInbox<Mail>(clock.now)
  const phoneInbox = createInbox<TextMessage>(clock.now)
  const tickets = createTickets(clock, random)
  const transactions = createTransactions(clock, random)
  const settings: TenantSettings = { ...DEFAULT_SETTINGS, ...options.settings }
  const sessions = createSessions(clock, random, () => settings)
  const stores = createLoginStores(options, clock)
  const runtime = createRuntime({
    switches,
    loopbackHosts: options.loopbackHosts,
    trustedCertificates: options.trustedCertificates,
    onNotice: ({ kind, action, detail }) =>
      trace.record('runtime.notice', {
        who: action,
        text: `${kind}: ${detail}`,
        data: { action, kind, detail },
      }),
  })
  const shared = { clock, random, users, clients, trace, log, tickets, switches, faults }

  const pipeline = createPipeline({
    ...shared,
    runtime,
    enabledFactors,
    executions,
    end: transactions.end,
    buildEvent: createEventBuilder({
      tenantName: name,
      customDomains: options.customDomains,
      connection,
      clients,
      users,
      sessions,
      stores,
      faults,
      eventOverrides,
    }),
  })
  const challenges = createChallenges({ ...shared, displayName, mailbox, phoneInbox })
  const enrolments = createEnrolments({ ...shared, displayName, phoneInbox })
  const destinations = createDestinations({
    ...shared,
    transactions,
    challenges,
    enrolments,
    loginEnd: () => loginSide.login.end,
  })
  const flow = { ...shared, transactions, sessions, actions, pipeline, destinations }
  const hops = createHops({ ...flow, challenges, enrolments })
  const loginSide = createLoginSide(stores, {
    ...flow,
    enabledFactors,
    connectionName: connection.name,
    tenantName: name,
    outgoing: options.outgoing,
  })
  const passwordReset = createPasswordReset({ ...flow, connectionName: connection.name })
  const resetRequests = createResetRequests({ ...shared, displayName, connection, mailbox })
  const core: TenantCore = {
    ...shared,
    name,
    displayName,
    host: options.host,
    customDomains: options.customDomains,
    connection,
    forms: new Map(options.forms.map((form) => [form.id, form])),
    enabledFactors,
    mailbox,
    phoneInbox,
    transactions,
    sessions,
    actions,
    eventOverrides,
    executions,
    geoip: options.geoip,
    challenges,
    resetRequests,
    passwordReset,
    hops,
    loginSide,
    settings,
    management: createManagementGrants(options.clientGrants, [
      options.host,
      ...options.customDomains.map(({ domain }) => domain),
    ]),
    managedActions: createManagementActions(clock, random, actions),
    managementToken: randomName(random, 48),
  }
  return { core, runtime }
}
