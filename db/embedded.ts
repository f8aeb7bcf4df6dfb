/**
 * Starts a real PostgreSQL from an npm package, for the demo, the tests and the bench. Never for
 * production: the packaged server lags behind minor releases.
 *
 * The server listens on loopback only, asks for a password, and does not outlive the process that
 * started it, however that process ends.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Account, isReachable, locateBinaries, serverAccount } from './embedded-binaries.ts'
import { childrenOf } from './process-children.ts'

export interface EmbeddedOptions {
  /** The superuser's password for a new directory, URL-safe. A directory that has one keeps its own. */
  readonly password: string
  /** Kept between starts. Without one: a scratch folder that is removed when the server stops. */
  readonly directory?: string
  /** Survives a power cut (fsync, synchronous_commit). Off by default: tests do not need it. */
  readonly durable?: boolean
  /** A fixed port, to come back on the same one. A free one by default. */
  readonly port?: number
  /** Further server settings, as in postgresql.conf; they win over the launcher's. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface EmbeddedPostgres {
  readonly port: number
  /** Connection URL of a database, as superuser. */
  url(database: string): string
  /** Process ids of the server: the postmaster first, then its children at this moment. */
  pids(): readonly number[]
  /** An orderly shutdown; forced after ten seconds. */
  stop(): Promise<void>
}

const DURABLE = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' }
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Parameters would hold what people sent us; they belong in no log.
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
}

/**
 * Runs the server as its child and waits for the end of its own standard input, which comes with
 * `stop`, but also when the starting process is killed. Then it stops the server and removes the
 * scratch folder. Background commands of `sh` read /dev/null, hence descriptor 3.
 */
const SUPERVISOR = `
scratch=$1; shift
exec 3<&0
"$@" 3<&- &
server=$!
(read -r _ <&3; kill -INT "$server") 2>/dev/null &
watcher=$!
wait "$server"; code=$?
kill "$watcher" 2>/dev/null
[ -z "$scratch" ] || rm -rf -- "$scratch"
exit "$code"
`

/** Nothing of the caller's environment: PGDATA, PGOPTIONS or a locale must not change the server. */
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
const PORT_ATTEMPTS = 5
const STOP_MILLISECONDS = 10_000

export async function startPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const account = serverAccount()
  const scratch = options.directory === undefined ? ownedFolder(account) : undefined
  const folder = scratch ?? resolve(options.directory as string)
  try {
    if (scratch === undefined) prepareDirectory(folder, account)
    const native = await locateBinaries(account, folder)
    if (!existsSync(join(folder, 'data'))) initialise({ native, folder, account, options })
    return await launch({ native, folder, account, options, scratch })
  } catch (error) {
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true })
    throw error
  }
}

function ownedFolder(account: Account): string {
  const folder = mkdtempSync(join(tmpdir(), 'redirect-verifier-postgres-'))
  own(folder, account)
  return folder
}

function own(path: string, { uid, gid }: Account): void {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid)
}

function prepareDirectory(folder: string, account: Account): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (readdirSync(folder).length === 0) own(folder, account)
  if (!isReachable(folder, account)) {
    throw new Error(
      `PostgreSQL cannot run as root, so it runs as \`nobody\`, who cannot reach ${folder}. ` +
        'Choose a folder whose parents everybody may enter, or run as an ordinary user.',
    )
  }
}

interface Launch {
  readonly native: string
  readonly folder: string
  readonly account: Account
  readonly options: EmbeddedOptions
  readonly scratch?: string | undefined
}

/** Makes the data folder beside its final place, so that an interrupted start leaves no half of one. */
function initialise({ native, folder, account, options }: Launch): void {
  const unfinished = join(folder, 'data.new')
  rmSync(unfinished, { recursive: true, force: true })
  const passwordFile = join(folder, 'password.new')
  writeFileSync(passwordFile, options.password, { mode: 0o600 })
  own(passwordFile, account)
  const { status, stderr, error } = spawnSync(
    join(native, 'bin', 'initdb'),
    // biome-ignore format: one flag with its value per line reads best.
    [
      '-D', unfinished,
      '-U', 'postgres',
      '-A', 'scram-sha-256',
      `--pwfile=${passwordFile}`,
      // The password is random: iterations would only slow down each new connection.
      '--set', 'scram_iterations=1',
      '-E', 'UTF8',
      '--locale=C',
      '--no-sync',
      '--no-instructions',
    ],
    { ...account, cwd: folder, env: ENVIRONMENT, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`initdb failed in ${folder}: ${error?.message ?? stderr}`)
  renameSync(passwordFile, join(unfinished, 'superuser-password'))
  renameSync(unfinished, join(folder, 'data'))
}

async function launch(launch: Launch): Promise<EmbeddedPostgres> {
  const { folder, options } = launch
  const password = readFileSync(join(folder, 'data', 'superuser-password'), 'utf8')
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort())
    const server = supervise(launch, port)
    try {
      await ready(server)
    } catch (error) {
      const { message } = error as Error
      // Somebody took the port between our asking for a free one and the server's binding it.
      const taken = message.includes('Address already in use') && options.port === undefined
      if (taken && attempt < PORT_ATTEMPTS) continue
      if (message.includes('lock file "postmaster.pid" already exists')) {
        throw new Error(
          `A PostgreSQL server is already running on ${options.directory} ` +
            `(process ${postmasterOf(folder)}). Stop it, or choose another directory.`,
        )
      }
      throw error
    }
    const postmaster = postmasterOf(folder)
    return {
      port,
      url: (database) => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`,
      pids: () => [postmaster, ...childrenOf(postmaster)],
      stop: () => stop(server, postmaster),
    }
  }
}

function supervise({ native, folder, account, options, scratch }: Launch, port: number) {
  const settings = { ...SETTINGS, ...(options.durable ? DURABLE : FAST), ...options.settings }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const command = [join(native, 'bin', 'postgres'), '-D', join(folder, 'data'), '-p', `${port}`]
  return spawn('sh', ['-c', SUPERVISOR, 'sh', scratch ?? '', ...command, ...flags], {
    ...account,
    cwd: '/',
    env: ENVIRONMENT,
    // A session of its own: Ctrl-C in the terminal must reach the service first, then the server.
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
}

/** Resolves when the server accepts connections; rejects with its last words when it ends before. */
function ready(server: ChildProcess): Promise<void> {
  return new Promise((done, failed) => {
    let words = ''
    const log = server.stderr as Socket
    const ended = () => failed(new Error(`PostgreSQL did not start: ${words.trim()}`))
    const listen = (text: string) => {
      words = (words + text).slice(-8192)
      if (!words.includes('ready to accept connections')) return
      server.off('exit', ended)
      log.off('data', listen)
      // Read on, unheard: a full pipe would stop the server.
      log.resume()
      // From here on the server alone keeps nobody's process alive.
      for (const handle of [server, log, server.stdin as Socket]) handle.unref()
      done()
    }
    log.setEncoding('utf8')
    log.on('data', listen)
    server.once('error', failed)
    server.once('exit', ended)
  })
}

function stop(server: ChildProcess, postmaster: number): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve()
  return new Promise((done) => {
    server.ref()
    const force = setTimeout(() => {
      try {
        process.kill(postmaster, 'SIGKILL')
      } catch {
        // It has ended, and a folder of many gigabytes is still being removed.
      }
    }, STOP_MILLISECONDS)
    server.once('exit', () => {
      clearTimeout(force)
      done()
    })
    server.stdin?.end()
  })
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer().once('error', failed)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => done(port))
    })
  })
}

const postmasterOf = (folder: string) =>
  Number.parseInt(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8'), 10)
