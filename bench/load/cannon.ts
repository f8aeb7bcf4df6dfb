/**
 * The load generator as a process of its own: autocannon with requests that differ from each other.
 * Told what to fire by a message, it answers what came back.
 */
import autocannon from 'autocannon'
import type { Load, Measured } from './fire.ts'
import { requestOf } from './tenant.ts'

process.on('message', (load: Load) => {
  const times: number[] = []
  const statuses: Record<number, number> = {}
  let bytes = 0
  const instance = autocannon(
    {
      url: `http://127.0.0.1:${load.port}`,
      connections: load.connections,
      duration: load.seconds,
      ...(load.perSecond === undefined ? {} : { overallRate: load.perSecond }),
      // One address for all, or each in its own: the server's limits are not what is measured.
      requests: [
        {
          setupRequest(request) {
            const target = load.hosts?.[Math.floor(Math.random() * load.hosts.length)]
            const { method, path, headers, body } = requestOf(
              load.kind,
              target?.host,
              target?.secret,
            )
            return Object.assign(request, { method, path, headers, body: body ?? '' })
          },
        },
      ],
    },
    (error, result) => {
      if (error) throw error
      times.sort((a, b) => a - b)
      const at = (share: number) =>
        times[Math.min(times.length - 1, Math.floor(times.length * share))]
      const measured: Measured = {
        perSecond: times.length / result.duration,
        count: times.length,
        p50: at(0.5) ?? Number.NaN,
        p99: at(0.99) ?? Number.NaN,
        statuses,
        lost: result.errors + result.timeouts,
        bytes: Math.round(bytes / times.length),
      }
      process.send?.(measured)
    },
  )
  instance.on('response', (_client, status, length, milliseconds) => {
    times.push(milliseconds)
    statuses[status] = (statuses[status] ?? 0) + 1
    bytes += length
  })
})
