/**
 * PgBouncer in transaction mode between a verifier and the stage's server, where the machine has one: it
 * is no package of ours (Debian: `apt install pgbouncer`). Its connections go through the stage's proxy.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, chownSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { serverAccount } from '../../db/embedded-binaries.ts'

export interface Pooler {
  /** What a verifier connects with. */
  readonly url: string
  /** At once, and started again on its port: clients lose their connections, servers keep running. */
  restart(): Promise<void>
  close(): Promise<void>
}

const FOLDERS = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']
const START_MILLISECONDS = 5000
/** Fewer than the verifier's ten: transactions must share them, which is what the row is about. */
const SERVERS = 4

export function findPgbouncer(): string | undefined {
  return FOLDERS.map((folder) => join(folder, 'pgbouncer')).find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** `target`: the server as the role reaches it, with name and password. */
export async function startPgbouncer(binary: string, target: string): Promise<Pooler> {
  const server = new URL(target)
  const account = serverAccount()
  const folder = mkdtempSync(join(tmpdir(), 'rv-pgbouncer-'))
  const port = await freePort()
  const database = server.pathname.slice(1)
  const own = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    if (account.uid !== undefined && account.gid !== undefined) {
      chownSync(path, account.uid, account.gid)
    }
    return path
  }
  const users = own('users.txt', `"${server.username}" "${server.password}"\n`)
  const settings = own(
    'pgbouncer.ini',
    `[databases]
${database} = host=${server.hostname} port=${server.port} dbname=${database}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${SERVERS}
server_login_retry = 0
`,
  )
  if (account.uid !== undefined && account.gid !== undefined) {
    chownSync(folder, account.uid, account.gid)
  }
  let child: ChildProcess | undefined

  async function start(): Promise<void> {
    const started = spawn(binary, [settings], { stdio: 'ignore', env: {}, ...account })
    child = started
    const until = performance.now() + START_MILLISECONDS
    while (!(await listens(port))) {
      if (started.exitCode !== null || performance.now() > until) {
        throw new Error(`${binary} does not start: code ${started.exitCode}`)
      }
      await delay(20)
    }
  }

  async function stop(): Promise<void> {
    const stopped = child
    child = undefined
    if (stopped === undefined || stopped.exitCode !== null) return
    const ended = once(stopped, 'exit')
    // At once; SIGINT would wait until every client is idle.
    stopped.kill('SIGTERM')
    await ended
  }

  const guard = () => child?.kill('SIGKILL')
  process.once('exit', guard)
  await start()
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = `${port}`
  url.searchParams.set('prepare', 'false')
  return {
    url: url.href,
    async restart() {
      await stop()
      await start()
    },
    async close() {
      await stop()
      process.off('exit', guard)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

function listens(port: number): Promise<boolean> {
  return new Promise((answered) => {
    const socket = connect(port, '127.0.0.1')
    const end = (listening: boolean) => () => {
      socket.destroy()
      answered(listening)
    }
    socket.once('connect', end(true))
    socket.once('error', end(false))
  })
}
