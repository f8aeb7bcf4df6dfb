/** What browsers and Actions ask of a verifier, several at once, each answer checked. */
import { Agent, type IncomingMessage, request } from 'node:http'
import { OWN_POST } from '../../test/support/app.ts'
import { liveToken } from '../../test/support/environment.ts'
import { ORIGIN } from './services.ts'

export const OPERATIONS = ['empty', 'health check', 'arrival page', 'verification'] as const
export type Operation = (typeof OPERATIONS)[number]

const AT_ONCE = 4

/**
 * Until so many answers are 200. One that comes too late for the verifier's own deadlines, on a busy
 * machine, is 503 and asked for again; rejects when there are as many of those, or at any other answer.
 */
export async function ask(port: number, operation: Operation, count: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  let left = count
  let late = 0
  const worker = async () => {
    while (left > 0) {
      left -= 1
      const status = await send(port, agent, operation)
      if (status === 503 && late < count) {
        late += 1
        left += 1
      } else if (status !== 200) throw new Error(`${operation}: ${status}`)
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  } finally {
    agent.destroy()
  }
}

function send(port: number, agent: Agent, operation: Operation): Promise<number> {
  // Each another person, address and reset: nothing is shared but what everybody shares.
  const id = crypto.randomUUID()
  const ip = randomAddress()
  const fields = { session_token: liveToken({ sub: `auth0|${id}`, ip }), state: id }
  switch (operation) {
    case 'empty':
      return get(port, agent, '/', ip)
    case 'health check':
      return get(port, agent, '/readyz', ip)
    case 'arrival page':
      return get(port, agent, `/verify?${new URLSearchParams(fields)}`, ip)
    case 'verification':
      return post(port, agent, new URLSearchParams({ ...fields, script: '1' }).toString(), ip)
  }
}

/** Of the networks that are set aside for benchmarks (RFC 2544). */
function randomAddress(): string {
  const byte = () => Math.floor(Math.random() * 256)
  return `198.${18 + (byte() & 1)}.${byte()}.${byte()}`
}

const headers = (ip: string) => ({
  ...OWN_POST,
  host: new URL(ORIGIN).host,
  'cf-connecting-ip': ip,
})

const get = (port: number, agent: Agent, path: string, ip: string) =>
  new Promise<number>((answered, failed) => {
    const { origin: _, 'content-type': __, ...plain } = headers(ip)
    request({ port, agent, path, host: '127.0.0.1', headers: plain }, read(answered))
      .on('error', failed)
      .end()
  })

const post = (port: number, agent: Agent, body: string, ip: string) =>
  new Promise<number>((answered, failed) => {
    const sent = { ...headers(ip), origin: ORIGIN, 'content-length': Buffer.byteLength(body) }
    const options = { port, agent, path: '/verify', host: '127.0.0.1', method: 'POST' }
    request({ ...options, headers: sent }, read(answered))
      .on('error', failed)
      .end(body)
  })

const read = (answered: (status: number) => void) => (response: IncomingMessage) => {
  response.resume()
  response.on('end', () => answered(response.statusCode ?? 0))
}
