/**
 * The demo's database: DATABASE_URL when there is one, else an embedded PostgreSQL that keeps its
 * records in `.demo/` from one start to the next, so that `why` can explain yesterday's code. Whoever
 * comes second shares the running server.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join, resolve } from 'node:path'
import { type EmbeddedPostgres, startPostgres } from '../../db/embedded.ts'
import { migrate } from '../../db/migrate.ts'

export interface DemoDatabase {
  readonly url: string
  /** For people: which one it is. Holds no password. */
  readonly described: string
  stop(): Promise<void>
}

const FOLDER = '.demo'
/** Where a running demo says how to reach its server. Holds a password, hence mode 0600. */
const ADDRESS = 'database-url'

/** Whether a demo ever ran here. */
export const hasDemoDatabase = () => existsSync(join(FOLDER, 'postgres'))

export async function openDemoDatabase(given: string | undefined): Promise<DemoDatabase> {
  const database = given === undefined ? await embedded(resolve(FOLDER)) : external(given)
  try {
    await migrate(database.url)
    return database
  } catch (error) {
    await database.stop()
    throw error
  }
}

function external(url: string): DemoDatabase {
  const { host, pathname } = new URL(url)
  return { url, described: `DATABASE_URL (${host}${pathname})`, stop: async () => {} }
}

async function embedded(folder: string): Promise<DemoDatabase> {
  mkdirSync(folder, { recursive: true })
  const note = join(folder, ADDRESS)
  const shared = await runningUrl(note)
  if (shared !== undefined) {
    const described = `the embedded PostgreSQL of a demo that runs already (${FOLDER}/)`
    return { url: shared, described, stop: async () => {} }
  }
  const { server, kept } = await start(join(folder, 'postgres'))
  const url = server.url('postgres')
  if (kept) writeFileSync(note, url, { mode: 0o600 })
  return {
    url,
    described: kept
      ? `embedded PostgreSQL, kept in ${FOLDER}/`
      : `embedded PostgreSQL, gone when this ends (its own account cannot enter ${folder})`,
    stop: async () => {
      if (kept) rmSync(note, { force: true })
      await server.stop()
    },
  }
}

/** Root runs PostgreSQL as `nobody`, who may not be let into a project below a private folder. */
async function start(directory: string): Promise<{ server: EmbeddedPostgres; kept: boolean }> {
  const password = randomBytes(24).toString('hex')
  try {
    return { server: await startPostgres({ password, directory, durable: true }), kept: true }
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('cannot reach')) throw error
    return { server: await startPostgres({ password, durable: true }), kept: false }
  }
}

/** The URL of a server that answers; a note that a killed demo left behind names none. */
async function runningUrl(note: string): Promise<string | undefined> {
  if (!existsSync(note)) return undefined
  const url = readFileSync(note, 'utf8')
  const { hostname, port } = new URL(url)
  const answers = await new Promise<boolean>((answered) => {
    const socket = connect({ host: hostname, port: Number(port) })
    socket.once('connect', () => {
      socket.destroy()
      answered(true)
    })
    socket.once('error', () => answered(false))
  })
  return answers ? url : undefined
}
