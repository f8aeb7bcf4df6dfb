/** The command line as a person starts it: a process of its own, in an empty folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
/** Named, since tsx looks for it in the folder where the process starts. */
const TSCONFIG = fileURLToPath(new URL('../../tsconfig.json', import.meta.url))
/** By its address: the process starts in a folder without node_modules. */
const TSX = import.meta.resolve('tsx')

export interface Command {
  readonly process: ChildProcess
  /** Where it was started. */
  readonly folder: string
  /** Resolves once the output holds this text; rejects when the process ends before. */
  saying(text: string): Promise<void>
  readonly ended: Promise<Ended>
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Ends with the test at the latest. `within`: the folder of an earlier command. */
export function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  within?: string,
): Command {
  const folder = within ?? mkdtempSync(join(tmpdir(), 'redirect-verifier-cli-'))
  // Root runs PostgreSQL as another account, which must be able to enter.
  chmodSync(folder, 0o755)
  const { PATH = '', HOME = '' } = process.env
  const own = { PATH, HOME, TSX_TSCONFIG_PATH: TSCONFIG }
  const child = spawn(process.execPath, ['--import', TSX, MAIN, ...args], {
    cwd: folder,
    env: { ...own, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  const listeners = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    for (const listener of listeners) listener()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
  onTestFinished(async () => {
    if (child.exitCode === null) child.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    process: child,
    folder,
    ended,
    saying: (text) =>
      new Promise((said, failed) => {
        const look = () => {
          if (stdout.includes(text)) said()
        }
        listeners.add(look)
        look()
        void ended.then(() => failed(new Error(`It ended without saying so: ${stdout}${stderr}`)))
      }),
  }
}

export const run = (...args: Parameters<typeof start>) => start(...args).ended
