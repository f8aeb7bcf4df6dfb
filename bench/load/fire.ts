/** Load on one server, with what it cost that server. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Server } from './server.ts'
import type { Kind } from './tenant.ts'

export interface Load {
  readonly port: number
  readonly kind: Kind
  readonly connections: number
  readonly seconds: number
  /** Requests per second at most; as many as go without. */
  readonly perSecond?: number
  /** Tenants to choose from; the usual one without. */
  readonly hosts?: readonly { readonly host: string; readonly secret: string }[]
}

/** Times in milliseconds. */
export interface Measured {
  readonly perSecond: number
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly statuses: Readonly<Record<number, number>>
  /** Connections that failed and requests that were not answered. */
  readonly lost: number
  /** Of one answer, headers and body. */
  readonly bytes: number
}

export interface Costs extends Measured {
  /** Microseconds of the server's processor time per request. */
  readonly cpu: number
}

/** Write-backs that are under way when the last answer comes. */
const SETTLE_MILLISECONDS = 300

export async function fire(
  built: string,
  server: Server,
  load: Omit<Load, 'port'>,
): Promise<Costs> {
  const cannon = fork(join(built, 'bench/load/cannon.js'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  try {
    const before = server.cpu()
    cannon.send({ ...load, port: server.port } satisfies Load)
    const [measured] = (await once(cannon, 'message')) as [Measured]
    await new Promise((settled) => setTimeout(settled, SETTLE_MILLISECONDS))
    return { ...measured, cpu: (server.cpu() - before) / measured.count }
  } finally {
    cannon.kill()
  }
}

/** Throws unless every answer was 200: a bench of refusals measures nothing. */
export function onlyServed(name: string, { statuses, lost, count }: Measured): void {
  const others = Object.keys(statuses).filter((status) => status !== '200')
  if (others.length > 0 || lost > 0 || count === 0) {
    throw new Error(`${name}: ${JSON.stringify(statuses)}, ${lost} lost`)
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}
