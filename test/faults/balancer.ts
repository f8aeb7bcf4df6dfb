/**
 * A balancer as small as can be: asks each instance for `/readyz` ten times a second and gives new
 * connections to those that say yes, in turn; to any when none does. Kept connections stay where they are.
 */
import { request } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'

export interface Balancer {
  readonly port: number
  add(port: number): void
  remove(port: number): void
  close(): Promise<void>
}

const ASK_MILLISECONDS = 100

export async function createBalancer(): Promise<Balancer> {
  const ready = new Map<number, boolean>()
  const sockets = new Set<Socket>()
  let turn = 0

  function ask(port: number): void {
    const asked = request(
      { host: '127.0.0.1', port, path: '/readyz', agent: false, timeout: 1000 },
      (answer) => {
        answer.resume()
        if (ready.has(port)) ready.set(port, answer.statusCode === 200)
      },
    )
    const down = () => ready.has(port) && ready.set(port, false)
    asked.on('error', down)
    asked.on('timeout', () => asked.destroy())
    asked.end()
  }
  const timer = setInterval(() => {
    for (const port of ready.keys()) ask(port)
  }, ASK_MILLISECONDS)

  /** Those to try, best first. */
  function candidates(): number[] {
    const ports = [...ready.keys()]
    turn += 1
    const rotated = ports.map((_, index) => ports[(index + turn) % ports.length] as number)
    return rotated.sort((a, b) => Number(ready.get(b)) - Number(ready.get(a)))
  }

  function join(client: Socket, [port, ...others]: readonly number[]): void {
    if (port === undefined) {
      client.resetAndDestroy()
      return
    }
    const instance = connect(port, '127.0.0.1')
    sockets.add(instance)
    let connected = false
    instance.once('connect', () => {
      connected = true
      instance.setNoDelay(true)
      client.pipe(instance).pipe(client)
    })
    instance.on('error', () => {
      if (!connected) join(client, others)
    })
    instance.on('close', () => {
      sockets.delete(instance)
      if (connected) client.destroy()
    })
    client.on('close', () => instance.destroy())
  }

  const server = createServer((client) => {
    sockets.add(client)
    client.setNoDelay(true)
    client.on('error', () => {})
    client.on('close', () => sockets.delete(client))
    join(client, candidates())
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    port: (server.address() as { port: number }).port,
    add: (port) => void ready.set(port, true),
    remove: (port) => void ready.delete(port),
    close() {
      clearInterval(timer)
      for (const socket of sockets) socket.destroy()
      return new Promise((closed) => server.close(() => closed()))
    },
  }
}
