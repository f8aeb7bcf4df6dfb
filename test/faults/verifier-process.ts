/** The verifier as a process of its own, as it is run in production, with failpoints loaded into it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Failpoint } from './failpoints.ts'

export interface VerifierProcess {
  readonly pid: number
  readonly port: number
  /** Lines of standard output and standard error, oldest first. */
  readonly lines: readonly string[]
  /** How it ended; undefined while it runs. */
  ended(): { readonly code: number | null; readonly signal: string | null } | undefined
  /** Resolves once the failpoint is set, with what it answers. */
  set(point: Failpoint): Promise<number>
  signal(name: NodeJS.Signals): void
  /** Resolves when it has ended; after `SIGKILL` if it does not end in time. */
  stop(
    name?: NodeJS.Signals,
  ): Promise<{ readonly code: number | null; readonly signal: string | null }>
}

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const STOP_MILLISECONDS = 20_000

/** None may outlive the runner, whatever ends it. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** `lines` collects what it writes. Resolves when it listens. */
export async function startVerifier(
  env: Readonly<Record<string, string>>,
  lines: string[],
): Promise<VerifierProcess> {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', '--import', path('failpoints.ts'), path('../../src/node.ts')],
    { env: { PATH: process.env.PATH ?? '', ...env }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  )
  let end: ReturnType<VerifierProcess['ended']>
  const exit = new Promise<NonNullable<typeof end>>((exited) => {
    child.once('exit', (code, signal) => {
      end = { code, signal }
      exited(end)
    })
  })
  const port = await new Promise<number>((listening, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line)
        if (line.includes('"event":"listening"')) {
          listening((JSON.parse(line) as { port: number }).port)
        }
      })
    }
    void exit.then(() =>
      failed(new Error(`the verifier did not start: ${lines.slice(-3).join('\n')}`)),
    )
  })
  running.add(child)
  void exit.then(() => running.delete(child))

  return {
    pid: child.pid as number,
    port,
    lines,
    ended: () => end,
    async set(point) {
      const answered = once(child, 'message')
      child.send(point)
      const [answer] = (await answered) as [number]
      return answer
    },
    signal: (name) => void child.kill(name),
    async stop(name = 'SIGTERM') {
      if (end === undefined) child.kill(name)
      const force = setTimeout(() => child.kill('SIGKILL'), STOP_MILLISECONDS)
      const ended = await exit
      clearTimeout(force)
      return ended
    },
  }
}
