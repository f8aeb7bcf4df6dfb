/** `wrangler dev` as a verifier of a round trip: workerd on the sources as they are, built anew on change. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Serve } from '../../src/cli/round-trip.ts'
import { OFFLINE, WRANGLER } from './worker-bundle.ts'

const START_MILLISECONDS = 60_000
const POLL_MILLISECONDS = 100

/** `write` gets what wrangler and the Worker print. */
export function serveWithWrangler(write: (text: string) => void): Serve {
  return async ({ DATABASE_URL = '', ...env }) => {
    const port = Number(env.RV_PORT)
    const folder = mkdtempSync(join(tmpdir(), 'redirect-verifier-dev-'))
    const variables = join(folder, 'variables.env')
    // A file and not arguments: everybody on the machine can read those of a process.
    writeFileSync(variables, dotenv(env), { mode: 0o600 })
    const child = spawn(process.execPath, [WRANGLER, ...flags(port, variables, folder)], {
      // A group of its own: Ctrl-C reaches us, and we end wrangler with all that it started.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        ...OFFLINE,
        CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE: DATABASE_URL,
      },
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', write)
    }
    const stop = async () => {
      await end(child)
      rmSync(folder, { recursive: true, force: true })
    }
    try {
      await answers(child, port)
    } catch (error) {
      await stop()
      throw error
    }
    return { port, stop }
  }
}

// biome-ignore format: one flag with its value per line reads best.
const flags = (port: number, variables: string, folder: string) => [
  'dev',
  '--env', '',
  '--ip', '127.0.0.1',
  '--port', `${port}`,
  '--inspector-port', '0',
  '--env-file', variables,
  '--persist-to', folder,
  '--log-level', 'info',
  '--show-interactive-dev-session=false',
]

const dotenv = (env: Readonly<Record<string, string>>) =>
  Object.entries(env)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('')

async function answers(child: ChildProcess, port: number): Promise<void> {
  const until = Date.now() + START_MILLISECONDS
  while (child.exitCode === null && Date.now() < until) {
    const status = await fetch(`http://127.0.0.1:${port}/livez`).then(
      (answer) => answer.status,
      () => undefined,
    )
    if (status === 200) return
    await delay(POLL_MILLISECONDS)
  }
  throw new Error('wrangler dev did not start; what it said stands above.')
}

function end(child: ChildProcess): Promise<void> {
  const { pid } = child
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) {
    return Promise.resolve()
  }
  return new Promise((ended) => {
    child.once('exit', () => ended())
    process.kill(-pid, 'SIGTERM')
  })
}
