/**
 * A login in a browser: who it is, the Actions, and the answer to the application. The hops between are
 * those of every flow; what the Actions asked for is settled at the end.
 */
import type { TenantClock } from './clock.ts'
import type { DeployedActions } from './deployed-actions.ts'
import type { Destination, Destinations, FlowEnd } from './destinations.ts'
import type { FactorType } from './factors.ts'
import type { LoginAnswers } from './login-answers.ts'
import type { LoginContext } from './login-context.ts'
import { deferredChallenge } from './login-deferred.ts'
import { noEffects } from './login-effects.ts'
import type { LoginPrompt, LoginPrompts } from './login-prompts.ts'
import type { LoginRequest } from './login-request.ts'
import { createLoginHistory, visitOf } from './login-risk.ts'
import { isError, type LoginSettlement } from './login-settlement.ts'
import type { Organizations } from './organizations.ts'
import type { Pipeline } from './pipeline.ts'
import type { RequestFacts } from './request-facts.ts'
import type { Session, Sessions } from './sessions.ts'
import type { TenantLog } from './tenant-log.ts'
import type { Trace } from './trace.ts'
import type { Transaction, Transactions } from './transactions.ts'
import type { User, Users } from './users.ts'

export interface Login {
  /** A request that was checked: on with the session there is, else to the login page. */
  begin(request: LoginRequest, browser: string, facts: RequestFacts): Promise<Destination>
  enterPassword(
    prompt: LoginPrompt,
    given: { readonly username: string; readonly password: string },
    facts: RequestFacts,
  ): Promise<Destination | 'wrong' | 'gone'>
  signUp(
    prompt: LoginPrompt,
    given: { readonly email: string; readonly password: string },
    facts: RequestFacts,
  ): Promise<Destination | 'exists' | 'gone'>
  readonly end: FlowEnd
  clear(): void
}

export interface LoginOptions {
  readonly clock: TenantClock
  readonly users: Users
  readonly sessions: Sessions
  readonly organizations: Organizations
  readonly prompts: LoginPrompts
  readonly transactions: Transactions
  readonly actions: DeployedActions
  readonly pipeline: Pipeline
  readonly destinations: Destinations
  readonly settlement: LoginSettlement
  readonly answers: LoginAnswers
  readonly enabledFactors: ReadonlySet<FactorType>
  readonly connectionName: string
  readonly trace: Trace
  readonly log: TenantLog
}

/** How long a browser that passed a deferred challenge is not asked again (seed 004). */
const REMEMBERED_MS = 30 * 24 * 3_600_000

export function createLogin(options: LoginOptions): Login {
  const { clock, users, sessions, prompts, transactions, pipeline, destinations, trace } = options
  const { settlement, answers, organizations, log } = options
  const remembered = new Map<string, number>()
  const history = createLoginHistory()

  const isFresh = (session: Session, { prompt, maxAgeSeconds }: LoginRequest) =>
    !prompt.includes('login') &&
    (maxAgeSeconds === undefined || clock.now() < session.authenticatedAtMs + maxAgeSeconds * 1000)

  const faultOf = (user: User, { organizationId }: LoginRequest): string | undefined => {
    if (user.blocked) return 'user is blocked'
    const organization =
      organizationId === undefined ? undefined : organizations.get(organizationId)
    if (organization && !organizations.hasMember(organization, user))
      return `user ${user.user_id} is not part of the ${organization.id} organization`
    return undefined
  }

  const proceed = async (
    request: LoginRequest,
    user: User,
    session: Session,
    facts: RequestFacts,
  ): Promise<Destination> => {
    const fault = faultOf(user, request)
    if (fault !== undefined) {
      log.write('f', { userId: user.user_id, clientId: request.clientId, description: fault })
      return answers.refuse(request, { error: 'access_denied', description: fault })
    }
    sessions.touch(session, facts, request.clientId)
    const visit = visitOf(facts, session.browser, clock.now())
    const login: LoginContext = {
      request,
      interactive: !request.prompt.includes('none'),
      effects: noEffects(),
      sessionId: session.id,
      authenticatedAtMs: session.authenticatedAtMs,
      risk: { visit, assessment: history.assess(user.user_id, visit) },
      deferredChallengeShown: false,
    }
    const transaction = transactions.begin({
      trigger: 'post-login',
      userId: user.user_id,
      clientId: request.clientId,
      host: facts.hostname,
      browser: session.browser,
      locale: request.uiLocales[0] ?? facts.language ?? 'en',
      actions: options.actions.bound('post-login'),
      methods: session.methods,
      login,
    })
    if (transaction.actions.length === 0)
      trace.record('trigger.skipped', {
        who: 'tenant',
        text: 'runs no Action: none is bound to the trigger',
        transaction: transaction.id,
        data: { reason: 'no_actions' },
      })
    const step = await pipeline.start(transaction, { ...facts, query: request.query, body: {} })
    return destinations.after(transaction, step)
  }

  const signIn = (user: User, browser: string, facts: RequestFacts): Session => {
    const timestamp = new Date(clock.now()).toISOString()
    users.update(user.user_id, { logins_count: user.logins_count + 1 })
    const methods = [{ name: 'pwd', timestamp }]
    const session = sessions.start({ userId: user.user_id, browser, methods, request: facts })
    trace.record('session.started', {
      who: 'user',
      text: `${user.email} signs in`,
      data: { email: user.email },
    })
    return session
  }

  const completed: FlowEnd['completed'] = async (transaction) => {
    const { login } = transaction
    if (!login) throw new Error('A post-login transaction without its request.')
    const user = users.get(transaction.userId)
    const rememberedAs = `${transaction.browser} ${transaction.userId}`
    const deferred = user
      ? deferredChallenge(transaction, users.enrolledTypes(user), options.enabledFactors)
      : ({ kind: 'nothing' } as const)
    if (deferred.kind === 'impossible')
      return ended(pipelineFailed(transaction, 'mfa_unavailable', deferred.detail))
    if (deferred.kind === 'hop') {
      const mayBeKnown = deferred.remember !== 'never'
      const known = mayBeKnown && (remembered.get(rememberedAs) ?? 0) > clock.now()
      if (!login.deferredChallengeShown && !known) {
        if (!login.interactive)
          return ended(pipelineFailed(transaction, 'mfa_required', 'A challenge cannot be shown.'))
        login.deferredChallengeShown = true
        transaction.pending = [deferred.hop]
        return destinations.after(transaction, { kind: 'suspended' })
      }
      const remember = deferred.remember === 'asked' ? login.rememberBrowser : mayBeKnown
      if (remember && !known) remembered.set(rememberedAs, clock.now() + REMEMBERED_MS)
    }
    const settled = settlement.completed(transaction, login)
    if (login.risk && !isError(settled)) history.remember(transaction.userId, login.risk.visit)
    return answers.settled(transaction, settled)
  }

  const pipelineFailed = (
    transaction: Transaction,
    reason: 'mfa_required' | 'mfa_unavailable',
    detail: string,
  ) => {
    pipeline.fail(transaction, { reason, detail })
    return transaction
  }

  const ended = (transaction: Transaction) => {
    const { login } = transaction
    if (!login) throw new Error('A post-login transaction without its request.')
    return answers.settled(transaction, settlement.ended(transaction, login))
  }

  return {
    end: { completed, ended },
    clear: () => {
      remembered.clear()
      history.clear()
    },

    begin: async (request, browser, facts) => {
      trace.record('login.requested', {
        who: 'user',
        text: `asks to log in to ${request.clientId}`,
        data: {
          client_id: request.clientId,
          protocol: request.protocol,
          prompt: request.prompt,
        },
      })
      const session = sessions.in(browser)
      const user = session && users.get(session.userId)
      if (session && user && isFresh(session, request))
        return proceed(request, user, session, facts)
      if (request.prompt.includes('none')) {
        log.write('fsa', { clientId: request.clientId, description: 'Login required' })
        return answers.refuse(request, { error: 'login_required', description: 'Login required' })
      }
      const { state } = prompts.open(request, facts.hostname, browser)
      const screen = request.screenHint === 'signup' ? 'signup' : 'login'
      return { kind: 'screen', screen, state }
    },

    enterPassword: async (prompt, { username, password }, facts) => {
      const user = users.byEmail(username)
      const right = user !== undefined && (await users.checkPassword(user.user_id, password))
      const { clientId } = prompt.request
      if (!right || !user) {
        log.write(user ? 'fp' : 'fu', {
          ...(user ? { userId: user.user_id } : {}),
          userName: username,
          clientId,
          connection: options.connectionName,
          ip: facts.ip,
          userAgent: facts.user_agent,
          description: 'Wrong email or password.',
        })
        trace.record('login.refused', {
          who: 'user',
          text: user ? 'types a wrong password' : 'names an unknown user',
          data: { reason: user ? 'wrong_password' : 'unknown_user' },
        })
        return 'wrong'
      }
      if (!prompts.take(prompt)) return 'gone'
      const session = signIn(user, prompt.browser, facts)
      return proceed(prompt.request, user, session, facts)
    },

    signUp: async (prompt, { email, password }, facts) => {
      const { clientId } = prompt.request
      const about = { userName: email, clientId, connection: options.connectionName, ip: facts.ip }
      if (users.byEmail(email)) {
        log.write('fs', { ...about, description: 'The user already exists.' })
        return 'exists'
      }
      if (!prompts.take(prompt)) return 'gone'
      const user = users.add({ email, email_verified: false, password })
      log.write('ss', { ...about, userId: user.user_id })
      return proceed(prompt.request, user, signIn(user, prompt.browser, facts), facts)
    },
  }
}
