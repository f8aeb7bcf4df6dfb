/**
 * Runs snippets of Action code in the real runtime: one warm instance whose handler evaluates the
 * snippet it is given, so that a table of hundreds of rows costs one thread.
 */
import type {
  DeployedAction,
  Entrypoint,
  LegInput,
  LegResult,
  TriggerId,
} from '../../../src/emulator/runtime/execution.ts'
import { createRuntime, type RuntimeOptions } from '../../../src/emulator/runtime/runtime.ts'

export const NOW_MS = 1_700_000_000_250
export const NOW_SECONDS = 1_700_000_000
export const SECRET = 'my_secret_password'

export const ACTION: DeployedAction = {
  id: 'act_probe',
  name: 'probe',
  version: 1,
  code: '',
  secrets: { MY_SECRET: SECRET },
  dependencies: [],
  modules: [],
}

/** The least an event holds: what tokens are bound to, and what methods look at. */
export const EVENT = {
  request: { hostname: 'tenant.localhost', ip: '2001:db8::7', query: {}, body: {} },
  user: { user_id: 'auth0|1', app_metadata: {}, user_metadata: {} },
  transaction: { protocol: 'oidc-basic-profile', metadata: {} },
}

let actions = 0

/** A leg of an Action nobody ran before, with this code. */
export function legOf(code: string, change: Partial<LegInput> = {}): LegInput {
  return {
    trigger: 'password-reset-post-challenge',
    entrypoint: 'onExecutePostChallenge',
    action: { ...ACTION, id: `act_${++actions}`, code },
    event: EVENT,
    budgetMs: 20_000,
    nowMs: NOW_MS,
    ...change,
  }
}

/** The code of a post-challenge Action whose first handler has this body. */
export function handler(body: string): string {
  return `exports.onExecutePostChallenge = async (event, api) => {\n${body}\n}`
}

const PROBE = `
  const AsyncFunction = (async () => {}).constructor
  const evaluate = async (event, api) => {
    const value = await new AsyncFunction('event', 'api', event.snippet)(event, api)
    const shown = value === undefined ? 'undefined' : value === api ? 'api' : 'value'
    console.log(JSON.stringify({ shown, value: shown === 'value' ? value : null }))
  }
  exports.onExecutePostChallenge = async (event, api) => evaluate(event, api)
  exports.onContinuePostChallenge = async (event, api) => evaluate(event, api)
  exports.onExecutePostLogin = async (event, api) => evaluate(event, api)
  exports.onContinuePostLogin = async (event, api) => evaluate(event, api)`

export interface Probed extends Pick<LegResult, 'commands' | 'tokens'> {
  /** What the snippet returned: `undefined`, the `api` object, or a value. */
  readonly shown: 'undefined' | 'api' | 'value' | undefined
  readonly value: unknown
  /** `Name: message` of what it threw. */
  readonly error: string | undefined
}

export interface Probe {
  /** Runs the snippet as the body of an async function of `event` and `api`. */
  run(snippet: string, change?: Partial<LegInput>): Promise<Probed>
  close(): Promise<void>
}

const HANDLERS: Record<TriggerId, Entrypoint> = {
  'password-reset-post-challenge': 'onExecutePostChallenge',
  'post-login': 'onExecutePostLogin',
}

export function createProbe(trigger: TriggerId, options: RuntimeOptions = {}): Probe {
  const runtime = createRuntime({ frozenClock: true, ...options })
  return {
    async run(snippet, change = {}) {
      const { commands, tokens, log, error } = await runtime.run({
        trigger,
        entrypoint: HANDLERS[trigger],
        action: { ...ACTION, code: PROBE },
        budgetMs: 20_000,
        nowMs: NOW_MS,
        ...change,
        event: { ...EVENT, ...change.event, snippet },
      })
      const told = error === undefined ? JSON.parse(log.trim().split('\n').at(-1) ?? '') : undefined
      return {
        commands,
        tokens,
        shown: told?.shown,
        value: told?.value,
        error: error === undefined ? undefined : `${error.name}: ${error.message}`,
      }
    },
    close: () => runtime.close(),
  }
}
