/**
 * `fetch` for names under `localhost`, which are the loopback (RFC 6761 section 6.3) and which many
 * resolvers do not know: a provider that is developed on this machine is found by its name nevertheless.
 * Not for anything else: `fetch` itself cannot be told where a name leads.
 */
import { type IncomingMessage, request } from 'node:http'
import type { LookupFunction } from 'node:net'

export async function fetchLocally(address: string, init: RequestInit): Promise<Response> {
  const { protocol, hostname } = new URL(address)
  if (protocol !== 'http:' || !hostname.endsWith('.localhost')) return await fetch(address, init)
  const answer = await send(address, init)
  const body: Uint8Array[] = []
  for await (const chunk of answer) body.push(chunk as Uint8Array)
  const headers = Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  )
  return new Response(Buffer.concat(body), { status: answer.statusCode ?? 502, headers })
}

function send(address: string, { method, headers, body, signal }: RequestInit) {
  return new Promise<IncomingMessage>((answered, failed) => {
    const sent = request(address, {
      method: method ?? 'GET',
      headers: Object.fromEntries(new Headers(headers)),
      lookup: toLoopback,
      ...(signal ? { signal } : {}),
    })
    sent.once('response', answered)
    sent.once('error', failed)
    // Text, or the fields of a form: what a provider is asked with.
    sent.end(body === null || body === undefined ? undefined : String(body))
  })
}

const LOOPBACK = { address: '127.0.0.1', family: 4 } as const

const toLoopback: LookupFunction = (_name, { all }, found) =>
  all ? found(null, [LOOPBACK]) : found(null, LOOPBACK.address, LOOPBACK.family)
