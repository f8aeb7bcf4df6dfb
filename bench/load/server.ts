/** A server under test as a process of its own: started by a message, measured from outside. Linux only. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Server {
  readonly name: string
  readonly port: number
  /** Microseconds of processor time, user and system, so far. */
  cpu(): number
  residentBytes(): number
  stop(): Promise<void>
}

/** What a server's script is told before it listens. */
export interface Setup {
  readonly databaseUrl: string
  readonly [key: string]: unknown
}

/** `script` is a path below the repository, as compiled. */
export async function startServer(
  name: string,
  built: string,
  script: string,
  setup: Setup,
): Promise<Server> {
  const child = spawn(process.execPath, [join(built, script.replace(/\.ts$/, '.js'))], {
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production' },
    // Lines of the log are made and written, and nobody keeps them.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  endWithUs(child)
  child.send(setup)
  const [port] = (await Promise.race([once(child, 'message'), ended(child, name)])) as [number]
  const pid = child.pid as number
  return {
    name,
    port,
    cpu: () => cpuOf(pid),
    residentBytes: () => residentOf(pid),
    async stop() {
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), 5000)
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      clearTimeout(force)
    },
  }
}

/** Those that run: whoever ends this process in the middle of a bench leaves none of them behind. */
const running = new Set<ChildProcess>()

/** One listener for all of them: a bench starts dozens, one after another. */
function endWithUs(child: ChildProcess): void {
  if (running.size === 0) process.on('exit', killAll)
  running.add(child)
  child.once('exit', () => {
    running.delete(child)
    if (running.size === 0) process.off('exit', killAll)
  })
}

function killAll(): void {
  for (const child of running) child.kill('SIGKILL')
}

async function ended(child: ChildProcess, name: string): Promise<never> {
  await once(child, 'exit')
  throw new Error(`${name} did not start`)
}

/** In the server's script: waits for its setup and says where it listens. */
export async function serve(start: (setup: Setup) => Promise<number>): Promise<void> {
  const [setup] = (await once(process, 'message')) as [Setup]
  process.send?.(await start(setup))
}

/** Clock ticks are hundredths of a second on every Linux that Node runs on. */
const TICK_MICROSECONDS = 10_000

function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROSECONDS
}

function residentOf(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}
