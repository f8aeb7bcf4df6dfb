/** The verifier on each runtime as a process of its own, with the same tenant and database. Linux only. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Miniflare } from 'miniflare'
import { childrenOf } from '../../db/process-children.ts'
import { serviceEnvironment } from '../../test/support/environment.ts'
import { COMPATIBILITY_DATE } from '../../test/support/worker-bundle.ts'
import { startWorkerd } from '../../test/support/workerd.ts'

export const ORIGIN = 'https://verify.example.com'

export interface Service {
  readonly port: number
  /** Microseconds of processor time, user and system, since the process began. */
  cpu(): number
  stop(): Promise<void>
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export async function startOnNode(databaseUrl: string): Promise<Service> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/node.ts'], {
    cwd: ROOT,
    env: {
      ...process.env,
      ...serviceEnvironment(ORIGIN, 'header:cf-connecting-ip'),
      DATABASE_URL: databaseUrl,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const port = await new Promise<number>((listening, failed) => {
    let text = ''
    child.once('exit', () => failed(new Error(`the verifier did not start: ${text}`)))
    child.stdout.setEncoding('utf8')
    child.stdout.on('data', (piece: string) => {
      if (text.length < 10_000) text += piece
      const [, found] = /"event":"listening".*"port":(\d+)/.exec(text) ?? []
      if (found !== undefined) listening(Number(found))
    })
  })
  return {
    port,
    cpu: () => cpuOf(child.pid as number),
    stop: async () => {
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

export const startOnWorkerd = (file: string, databaseUrl: string) =>
  onWorkerd(() =>
    startWorkerd({ file, databaseUrl, env: serviceEnvironment(ORIGIN, 'header:cf-connecting-ip') }),
  )

/** A Worker that does nothing: what Miniflare and the runtime's own HTTP cost. */
export const startEmpty = () =>
  onWorkerd(
    () =>
      new Miniflare({
        modules: true,
        script: 'export default { fetch: () => new Response("ok") }',
        compatibilityDate: COMPATIBILITY_DATE,
        cf: false,
      }),
  )

async function onWorkerd(start: () => Miniflare): Promise<Service> {
  const before = new Set(childrenOf(process.pid))
  const miniflare = start()
  const { port } = await miniflare.ready
  const [pid] = childrenOf(process.pid).filter(
    (child) => !before.has(child) && nameOf(child) === 'workerd',
  )
  if (pid === undefined) throw new Error('No workerd was found among the children of this process.')
  return {
    port: Number(port),
    cpu: () => cpuOf(pid),
    stop: () => miniflare.dispose(),
  }
}

const nameOf = (pid: number) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()

/** The kernel counts in hundredths of a second, wherever Linux runs. */
const MICROSECONDS_PER_TICK = 10_000

function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // Counted from the state, which follows the command's closing parenthesis: utime is 11, stime 12.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_PER_TICK
}
