/**
 * A TCP proxy in front of Postgres that misbehaves on request. While it does not, it passes everything
 * on as it comes and counts what clients sent.
 */
import { connect, createServer, type Socket } from 'node:net'

export interface FaultProxy {
  /** The given URL through the proxy. */
  url(target: string): string
  /** Nothing passes in either direction any more, and nothing is said; connections stay open. */
  silence(): void
  /** Passes on each piece after so long, spread by `jitter` to either side. */
  delay(milliseconds: number, jitter: number): void
  /** Ends connections with a reset, each with this chance at each piece that passes. */
  reset(chance: number): void
  /** As it was at first; what lay in silence is dropped with its connections. */
  heal(): void
  /** Bytes that clients have sent so far. */
  sent(): number
  close(): Promise<void>
}

export async function createFaultProxy(
  target: { readonly host: string; readonly port: () => number },
  dice: () => number,
): Promise<FaultProxy> {
  const sockets = new Set<Socket>()
  let mode: { silent: boolean; delay: number; jitter: number; reset: number } = well()
  let bytes = 0

  function well() {
    return { silent: false, delay: 0, jitter: 0, reset: 0 }
  }

  function pass(from: Socket, to: Socket, count: boolean): void {
    // Pieces of one direction must not overtake each other.
    let due = 0
    from.on('data', (piece) => {
      if (count) bytes += piece.length
      if (mode.silent) return
      if (mode.reset > 0 && dice() < mode.reset) {
        from.resetAndDestroy()
        to.resetAndDestroy()
        return
      }
      if (mode.delay === 0) {
        to.write(piece)
        return
      }
      const now = performance.now()
      due = Math.max(due, now + mode.delay + (dice() * 2 - 1) * mode.jitter)
      setTimeout(() => to.writable && to.write(piece), due - now)
    })
  }

  const server = createServer((client) => {
    const upstream = connect(target.port(), target.host)
    pass(client, upstream, true)
    pass(upstream, client, false)
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }

  return {
    url(original) {
      const url = new URL(original)
      url.port = `${port}`
      return url.href
    },
    silence() {
      mode = { ...well(), silent: true }
    },
    delay(milliseconds, jitter) {
      mode = { ...well(), delay: milliseconds, jitter }
    },
    reset(chance) {
      mode = { ...well(), reset: chance }
    },
    heal() {
      const mute = mode.silent
      mode = well()
      // Bytes are missing: what follows would be nonsense to either side.
      if (mute) for (const socket of sockets) socket.destroy()
    },
    sent: () => bytes,
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((closed) => server.close(() => closed()))
    },
  }
}
