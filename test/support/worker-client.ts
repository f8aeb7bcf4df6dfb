/** A Worker with one configured tenant, and what a browser sends it. For tests on workerd alone. */
import type { Miniflare } from 'miniflare'
import { inject, onTestFinished } from 'vitest'
import { OWN_POST } from './app.ts'
import { serviceEnvironment } from './environment.ts'
import { startWorkerd } from './workerd.ts'

export const ORIGIN = 'https://verify.example.com'

export interface WorkerClient {
  readonly miniflare: Miniflare
  /** What the Worker logged so far. */
  readonly lines: readonly string[]
  get(path: string): Answer
  /** The arrival page's post for this token and state, from an address in Zurich. */
  post(token: string, state: string, options?: PostOptions): Answer
}

type Answer = ReturnType<Miniflare['dispatchFetch']>

export interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly cf?: Readonly<Record<string, unknown>>
  readonly signal?: AbortSignal
}

/** Ended when the test is. `env` replaces single variables; `file` is another Worker than the deployed one. */
export function openWorker(
  databaseUrl: string,
  env: Readonly<Record<string, string>> = {},
  file = inject('workerBundle').file,
): WorkerClient {
  const lines: string[] = []
  const miniflare = startWorkerd({
    file,
    databaseUrl,
    env: { ...serviceEnvironment(ORIGIN, 'header:cf-connecting-ip'), ...env },
    write: (line) => lines.push(line),
  })
  onTestFinished(() => miniflare.dispose())
  return {
    miniflare,
    lines,
    get: (path) =>
      miniflare.dispatchFetch(`${ORIGIN}${path}`, { headers: { accept: 'text/html' } }),
    post: (token, state, { headers = {}, cf = ZURICH, signal } = {}) =>
      miniflare.dispatchFetch(`${ORIGIN}/verify`, {
        method: 'POST',
        headers: { ...OWN_POST, origin: ORIGIN, 'cf-connecting-ip': '203.0.113.7', ...headers },
        cf: cf as never,
        body: new URLSearchParams({ session_token: token, state, script: '1' }).toString(),
        ...(signal === undefined ? {} : { signal: signal as never }),
      }),
  }
}

const ZURICH = { country: 'CH', asn: 64_500, latitude: '47.37690', longitude: '8.54170' }

export const linkTo = (token: string, state: string) =>
  `/verify?${new URLSearchParams({ session_token: token, state })}`
