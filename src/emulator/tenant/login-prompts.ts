/**
 * Logins that wait for a person to say who they are: found again by a state, in the same browser and on
 * the same host. There is no transaction yet, because there is no user.
 */
import type { TenantClock } from './clock.ts'
import type { Random } from './identifiers.ts'
import { randomName } from './identifiers.ts'
import type { LoginRequest } from './login-request.ts'
import { createState } from './states.ts'
import type { ContinueRefusal } from './trace.ts'
import { TRANSACTION_LIFETIME_SECONDS } from './transactions.ts'

export interface LoginPrompt {
  readonly state: string
  readonly request: LoginRequest
  readonly host: string
  readonly browser: string
  readonly expiresAtMs: number
}

export interface LoginPrompts {
  open(request: LoginRequest, host: string, browser: string): LoginPrompt
  find(search: {
    readonly state: string
    readonly host: string
    readonly browser: string | undefined
    readonly boundToBrowser: boolean
  }): LoginPrompt | ContinueRefusal
  /** False: somebody else was faster. */
  take(prompt: LoginPrompt): boolean
  clear(): void
}

const KEPT = 1000

export function createLoginPrompts(clock: TenantClock, random: Random): LoginPrompts {
  const prompts = new Map<string, LoginPrompt>()
  return {
    open: (request, host, browser) => {
      const state = createState(random, 'login', randomName(random, 32), request.clientId)
      const expiresAtMs = clock.now() + TRANSACTION_LIFETIME_SECONDS * 1000
      const prompt = { state, request, host, browser, expiresAtMs }
      prompts.set(state, prompt)
      if (prompts.size > KEPT) prompts.delete(prompts.keys().next().value as string)
      return prompt
    },
    find: ({ state, host, browser, boundToBrowser }) => {
      const prompt = prompts.get(state)
      if (!prompt) return 'state_unknown'
      if (prompt.host !== host) return 'other_host'
      if (boundToBrowser && browser === undefined) return 'cookie_missing'
      if (boundToBrowser && browser !== prompt.browser) return 'other_browser'
      if (clock.now() >= prompt.expiresAtMs) return 'transaction_expired'
      return prompt
    },
    take: ({ state }) => prompts.delete(state),
    clear: () => prompts.clear(),
  }
}
