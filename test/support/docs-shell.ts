/**
 * Where commands of the documentation run as they stand, by bash: a folder that looks like a checkout,
 * and in front of PATH what stands for npm, npx and programs that a machine may not have. Scripts of
 * package.json are run as they are written there. Nothing that is installed is changed.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { readManifest } from '../package/pack.ts'
import { ROOT } from './docs-blocks.ts'
import { NOT_RUN } from './docs-not-run.ts'

export interface DocsShell {
  readonly folder: string
  /** As one script that ends at its first failure. */
  run(script: string, env?: Env, input?: string): Promise<Ended>
  /** One that runs until Ctrl-C. */
  start(command: string, env?: Env): Started
}

export interface Ended {
  readonly code: number | null
  readonly said: string
}

export interface Started {
  /** Resolves with all of the output once this is in it; rejects when it ends before. */
  saying(text: string | RegExp): Promise<string>
  /** What a terminal does. */
  pressCtrlC(): Promise<Ended>
  /** What systemd and containers do. */
  sendTerm(): Promise<Ended>
}

type Env = Readonly<Record<string, string>>

/** What of the checkout a command may look at; copied, so that none can change it. */
const CHECKOUT = ['actions', 'bench', 'db', 'src', 'package.json', 'package-lock.json']
const SETTINGS = ['tsconfig.json', 'tsconfig.build.json', 'wrangler.toml']
const TSX = `"${process.execPath}" --import "${import.meta.resolve('tsx')}"`
const MAIN = `${TSX} "${join(ROOT, 'src/cli/main.ts')}"`

const program = (name: string) => fileURLToPath(new URL(`./docs-${name}.mjs`, import.meta.url))

/** For the length of the test. `checkout`: with the sources, for those that build. */
export function openShell({ checkout = false } = {}): DocsShell {
  const home = mkdtempSync(join(tmpdir(), 'redirect-verifier-docs-'))
  // Root runs PostgreSQL as another account, which must be able to enter.
  chmodSync(home, 0o755)
  const folder = join(home, 'checkout')
  const programs = join(home, 'bin')
  for (const path of [folder, programs]) mkdirSync(path)
  const copied = checkout ? [...CHECKOUT, ...SETTINGS] : ['db/grants.sql']
  for (const path of copied) cpSync(join(ROOT, path), join(folder, path), { recursive: true })
  if (checkout) symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  for (const [name, text] of Object.entries(programsFor(home))) {
    writeFileSync(join(programs, name), `#!/usr/bin/env bash\nset -euo pipefail\n${text}\n`)
    chmodSync(join(programs, name), 0o755)
  }
  const { PATH = '' } = process.env
  const own = {
    PATH: `${programs}:${PATH}`,
    HOME: home,
    TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.json'),
    WRANGLER_SEND_METRICS: 'false',
  }
  const children: ChildProcess[] = []
  onTestFinished(async () => {
    await Promise.all(children.map(ended))
    rmSync(home, { recursive: true, force: true })
  })
  const begin = (script: string, env: Env, input?: string) => {
    // Without --norc bash takes standard input, a socket, for a login from elsewhere.
    const child = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', script], {
      cwd: folder,
      env: { ...own, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, which hears Ctrl-C as a whole.
      detached: true,
    })
    children.push(child)
    child.stdin.on('error', () => {}).end(input)
    return listenTo(child)
  }
  return {
    folder,
    run: (script, env = {}, input) => begin(script, env, input).ended,
    start: (command, env = {}) => begin(command, env),
  }
}

function listenTo(child: ChildProcess): Started & { readonly ended: Promise<Ended> } {
  let said = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
      for (const listener of listeners) listener()
    })
  const over = new Promise<Ended>((done) => {
    child.once('close', (code) => done({ code, said }))
  })
  return {
    ended: over,
    saying: (text) =>
      new Promise((heard, failed) => {
        const look = () => {
          if (typeof text === 'string' ? said.includes(text) : text.test(said)) heard(said)
        }
        listeners.add(look)
        look()
        void over.then(() => failed(new Error(`it ended without saying so: ${said}`)))
      }),
    pressCtrlC: () => {
      signal(child, 'SIGINT')
      return over
    },
    sendTerm: () => {
      signal(child, 'SIGTERM')
      return over
    },
  }
}

const signal = (child: ChildProcess, name: NodeJS.Signals) => {
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, name)
}

/** A test that failed half-way leaves nothing running. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const over = new Promise((done) => child.once('exit', done))
  signal(child, 'SIGKILL')
  await over
}

function programsFor(home: string): Readonly<Record<string, string>> {
  const scripts = Object.entries(readManifest().scripts).map(
    ([name, text]) => `  ${name}) exec ${text.replace(/^tsx (\S+)/, `${TSX} "${ROOT}$1"`)} "$@" ;;`,
  )
  const left = NOT_RUN.filter(({ command }) => command.startsWith('npm '))
  const noted = left.map(({ command }) => {
    const words = command.slice('npm '.length)
    return `  '${words}') ${words.startsWith('ci') ? 'rehearse "$@"; ' : ''}exit 0 ;;`
  })
  return {
    // A folder with nothing but the two files: whatever it does, it does there.
    npm: `rehearse() {
  bare=$(mktemp -d "${home}/bare-XXXXXX")
  cp "${ROOT}package.json" "${ROOT}package-lock.json" "$bare"
  cd "$bare"
  PATH="\${PATH#*:}" npm "$@" --dry-run --offline --no-audit --no-fund --loglevel=error >/dev/null
}
case "$*" in
${noted.join('\n')}
  'run '*) shift ;;
  *) echo "npm $* is not run here" >&2; exit 97 ;;
esac
while [[ "\${1-}" == -* ]]; do shift; done
script="$1"; shift
if [[ "\${1-}" == -- ]]; then shift; fi
export PATH="${ROOT}node_modules/.bin:$PATH"
case "$script" in
${scripts.join('\n')}
  *) echo "there is no script $script" >&2; exit 97 ;;
esac`,
    npx: `name="$1"; shift
case "$name" in
  redirect-verifier) exec ${MAIN} "$@" ;;
  wrangler | a0deploy) exec "${ROOT}node_modules/.bin/$name" "$@" ;;
  *) echo "npx $name is not run here" >&2; exit 97 ;;
esac`,
    'redirect-verifier': `exec ${MAIN} "$@"`,
    curl: `exec "${process.execPath}" "${program('curl')}" "$@"`,
    psql: `exec "${process.execPath}" "${program('psql')}" "$@"`,
  }
}
