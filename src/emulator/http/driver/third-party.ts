/**
 * A third-party site for tests: takes the browser an Action sends it and answers with a page that goes back
 * to `/continue` with a signed token. It checks nothing and is no model for a real one.
 */
import { readToken } from '../../inspect/token-text.ts'
import { signSessionToken } from '../../runtime/api/session-token.ts'
import type { OriginFetch } from './browser.ts'

export interface ThirdPartyVisit {
  readonly url: URL
  readonly state: string
  /** What the session token says, unverified; absent when the address carries none. */
  readonly claims?: Readonly<Record<string, unknown>>
}

export type ThirdPartyAnswer = Readonly<Record<string, unknown>>

export interface ThirdPartyOptions {
  /** Where `/continue` is, and by whose clock the answer is signed. */
  readonly tenant: { readonly origin: string; readonly clock: { now(): number } }
  /** The Action's secret for the way back. */
  readonly secret: string
  /**
   * Claims of the answer beside `iss`, `sub`, `iat`, `exp` and `state`, in whose place they stand when they
   * have the same name (undefined takes one away). Null: the browser goes back without a token.
   */
  readonly answer: ThirdPartyAnswer | null | ((visit: ThirdPartyVisit) => ThirdPartyAnswer | null)
  /** Default: `session_token`. */
  readonly tokenParameter?: string
}

export interface ThirdParty {
  /** For `routes` of a browser. */
  readonly fetch: OriginFetch
  readonly visits: readonly ThirdPartyVisit[]
}

const ANSWER_SECONDS = 60

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')

export function createThirdParty(options: ThirdPartyOptions): ThirdParty {
  const { tenant, secret, answer, tokenParameter = 'session_token' } = options
  const visits: ThirdPartyVisit[] = []

  const signed = (visit: ThirdPartyVisit): string | undefined => {
    const claims = typeof answer === 'function' ? answer(visit) : answer
    if (claims === null) return undefined
    const iat = Math.floor(tenant.clock.now() / 1000)
    const { sub } = visit.claims ?? {}
    const standard = {
      iss: visit.url.hostname,
      sub,
      iat,
      exp: iat + ANSWER_SECONDS,
      state: visit.state,
    }
    return signSessionToken({ ...standard, ...claims }, secret)
  }

  return {
    visits,
    fetch: (request) => {
      const url = new URL(request.url)
      const tokens = [...url.searchParams.values()].map(readToken)
      const token = tokens.find((read) => read.ok)
      const visit = {
        url,
        state: url.searchParams.get('state') ?? '',
        ...(token?.ok ? { claims: token.token.payload } : {}),
      }
      visits.push(visit)
      const fields = Object.entries({ state: visit.state, [tokenParameter]: signed(visit) })
        .filter((field): field is [string, string] => field[1] !== undefined)
        .map(([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`)
      const action = `${tenant.origin}/continue?state=${encodeURIComponent(visit.state)}`
      const page = `<!doctype html><title>Third party</title><form method="post" action="${escaped(action)}" data-auto-submit>${fields.join('')}<button>Continue</button></form>`
      return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } })
    },
  }
}
