/**
 * Real HTTP for the driver. Node's resolver does not know `*.localhost`, which every browser takes for
 * this machine, and its `fetch` cannot be told: so `node:http` with a lookup of our own.
 */
import { lookup as resolveName } from 'node:dns'
import { request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'

const isLocal = (hostname: string) => hostname === 'localhost' || hostname.endsWith('.localhost')

const lookup: LookupFunction = (hostname, options, callback) => {
  if (!isLocal(hostname)) return resolveName(hostname, options, callback)
  if (options.all) return callback(null, [{ address: '127.0.0.1', family: 4 }])
  return callback(null, '127.0.0.1', 4)
}

/** Statuses whose response may not have a body, by the Fetch standard. */
const BODILESS = new Set([204, 205, 304])

/** Fetches without following redirects; `certificates` (PEM) are trusted besides the usual ones. */
export function createNetworkFetch(certificates: readonly string[], timeoutMs: number) {
  return async (request: Request): Promise<Response> => {
    const url = new URL(request.url)
    const body = Buffer.from(await request.arrayBuffer())
    const options: RequestOptions & { ca?: string[] } = {
      method: request.method,
      headers: {
        ...Object.fromEntries(request.headers),
        ...(body.length > 0 ? { 'content-length': String(body.length) } : {}),
      },
      lookup,
      agent: false,
      timeout: timeoutMs,
      ...(certificates.length > 0 ? { ca: [...certificates] } : {}),
    }
    return new Promise((resolve, reject) => {
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest
      const outgoing = send(url, options, (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const headers = new Headers()
          for (let index = 0; index < incoming.rawHeaders.length; index += 2)
            headers.append(
              incoming.rawHeaders[index] as string,
              incoming.rawHeaders[index + 1] as string,
            )
          const status = incoming.statusCode ?? 502
          const content = BODILESS.has(status) ? null : new Uint8Array(Buffer.concat(chunks))
          resolve(new Response(content, { status, headers }))
        })
      })
      outgoing.on('timeout', () => outgoing.destroy(new Error(`${url.origin} did not answer.`)))
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  }
}
