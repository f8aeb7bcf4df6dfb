/**
 * A browser as far as the service can tell: one post of the arrival page's form, and what came of it.
 * Never throws: whatever happens is a result.
 */
import { Agent, request } from 'node:http'
import type { Answer, Result, Transaction } from './history.ts'
import { answerOf, claimsOf } from './tenant.ts'

/** Longer than any deadline of the service: what is not answered by then hangs. */
export const PATIENCE_MILLISECONDS = 15_000

export interface Client {
  post(
    transaction: Pick<Transaction, 'token' | 'address'>,
    state: string,
    browser: string,
  ): Promise<Result>
  get(path: string): Promise<number | undefined>
  close(): void
}

export interface Target {
  readonly port: number
  readonly publicOrigin: string
}

export function createClient({ port, publicOrigin }: Target): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 200 })

  function send(
    options: { method: string; path: string; headers: Record<string, string> },
    body = '',
  ) {
    return new Promise<{ status: number; retryAfter: boolean; text: string; location: boolean }>(
      (answered, failed) => {
        let reused = false
        const sent = request(
          { host: '127.0.0.1', port, agent, ...options, timeout: PATIENCE_MILLISECONDS },
          (response) => {
            let text = ''
            response.setEncoding('utf8')
            response.on('data', (piece: string) => {
              text += piece
            })
            response.on('error', failed)
            response.on('aborted', () => failed(new Error('cut off')))
            response.on('end', () => {
              const { headers, statusCode = 0 } = response
              answered({
                status: statusCode,
                retryAfter: headers['retry-after'] !== undefined,
                location: headers.location !== undefined,
                text,
              })
            })
          },
        )
        sent.on('socket', () => {
          reused = sent.reusedSocket
        })
        sent.on('timeout', () => sent.destroy(new Error('no answer')))
        sent.on('error', (error: NodeJS.ErrnoException) => {
          // Browsers and proxies do the same: the server closed the kept connection as we wrote.
          if (reused && error.code === 'ECONNRESET') answered(send(options, body))
          else failed(error)
        })
        sent.end(body)
      },
    )
  }

  return {
    async post({ token, address }, state, browser) {
      const form = new URLSearchParams({ session_token: token, state, script: '1' }).toString()
      const headers = {
        accept: 'text/html',
        'accept-language': 'en',
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': String(Buffer.byteLength(form)),
        cookie: `__Host-rv=${browser}`,
        host: new URL(publicOrigin).host,
        origin: publicOrigin,
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0',
        'x-forwarded-for': address,
      }
      try {
        const answer = await send({ method: 'POST', path: '/verify', headers }, form)
        return resultOf(answer)
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException
        return { kind: 'unknown', why: code ?? message }
      }
    },
    get: (path) =>
      send({ method: 'GET', path, headers: {} }).then(
        ({ status }) => status,
        () => undefined,
      ),
    close: () => agent.destroy(),
  }
}

type Received = { status: number; retryAfter: boolean; text: string; location: boolean }

function resultOf({ status, retryAfter, text, location }: Received): Result {
  if (location) return { kind: 'broken', what: `${status} with a Location` }
  if (status === 200) {
    const answer = readLeavingPage(text)
    return answer ? { kind: 'ok', answer } : { kind: 'broken', what: '200 without a way back' }
  }
  if (status === 400 || status === 403) return { kind: 'refused', status }
  if (status === 503 || status === 429) return { kind: 'unavailable', status, retryAfter }
  return { kind: 'broken', what: `status ${status}` }
}

/** The page is ours and its values are escaped; entities in an address are `&amp;` alone. */
function readLeavingPage(html: string): Answer | undefined {
  const action = /<form[^>]* action="([^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&')
  const token = /name="session_token" value="([^"]+)"/.exec(html)?.[1]
  if (action === undefined || token === undefined) return undefined
  return { ...answerOf(claimsOf(token)), action, token }
}
