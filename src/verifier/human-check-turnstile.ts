/**
 * Cloudflare Turnstile behind the same interface, for who prefers a managed check
 * (https://developers.cloudflare.com/turnstile/get-started/server-side-validation/). One request to its
 * siteverify per verification, before the store is asked. The visitor's address is not sent along.
 */
import { createHash } from 'node:crypto'
import { bindingOf, type HumanCheck, type HumanVerdict } from './human-check.ts'

/** Longest token that Turnstile makes. */
const TOKEN_CHARACTERS = 2048
const SITEVERIFY = 'https://challenges.cloudflare.com/turnstile/v0/siteverify'
/** Beyond it the answer is unknown: a slow check must neither let anybody in nor keep anybody out. */
const DEADLINE_MILLISECONDS = 1000
/** What our page names the widget; a token that was made for another one is not for us. */
export const TURNSTILE_ACTION = 'verify'

export interface TurnstileOptions {
  readonly siteKey: string
  readonly secret: string
  /** Of the pages that show the widget. */
  readonly hostname: string
  readonly fetch: typeof fetch
  /** Default: Cloudflare's. */
  readonly siteverify?: string
  readonly deadlineMilliseconds?: number
}

export function createTurnstileCheck(options: TurnstileOptions): HumanCheck {
  const { siteKey, secret, hostname, siteverify = SITEVERIFY } = options
  const deadline = options.deadlineMilliseconds ?? DEADLINE_MILLISECONDS

  async function ask(form: URLSearchParams): Promise<unknown> {
    const response = await options.fetch(siteverify, {
      method: 'POST',
      body: form,
      redirect: 'error',
      signal: AbortSignal.timeout(deadline),
    })
    return await response.json()
  }

  return {
    ask: async (session) => ({ kind: 'turnstile', siteKey, boundTo: bindingOf(session) }),
    async verify(session, answer) {
      if (!answer || answer.length > TOKEN_CHARACTERS) return undefined
      const boundTo = bindingOf(session)
      const form = new URLSearchParams({
        secret,
        response: answer,
        // A token is good for one validation; the same browser's second try must hear the same answer.
        idempotency_key: uuidOf(`${boundTo}\0${answer}`),
      })
      try {
        return verdictOf(await ask(form), { hostname, boundTo })
      } catch {
        return undefined
      }
    },
  }
}

/** The part of siteverify's answer that counts. */
interface Outcome {
  readonly success?: unknown
  readonly 'error-codes'?: unknown
  readonly hostname?: unknown
  readonly action?: unknown
  readonly cdata?: unknown
}

function verdictOf(
  body: unknown,
  expected: { readonly hostname: string; readonly boundTo: string },
): HumanVerdict {
  const outcome: Outcome = typeof body === 'object' && body !== null ? body : {}
  if (outcome.success === true) {
    const ours =
      outcome.hostname === expected.hostname &&
      outcome.action === TURNSTILE_ACTION &&
      outcome.cdata === expected.boundTo
    return ours ? 'passed' : 'failed'
  }
  // `timeout-or-duplicate` is a page left open for five minutes as well as a token used twice, and the
  // other codes are our own faults or theirs.
  const codes = outcome.success === false ? outcome['error-codes'] : undefined
  const forged = Array.isArray(codes) && codes.includes('invalid-input-response')
  return forged ? 'failed' : undefined
}

/** Version 8 (RFC 9562): the digest's bits where the version leaves room. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
