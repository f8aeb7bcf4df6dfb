/** The embedded server: kept directories, one server each, and no server without its owner. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { afterAll, expect, it } from 'vitest'
import { startPostgres } from '../../db/embedded.ts'

const parent = mkdtempSync(join(tmpdir(), 'rv-embedded-'))
const directory = join(parent, 'kept')
afterAll(() => rmSync(parent, { recursive: true, force: true }))

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} })
  try {
    return [...(await sql.unsafe(text))]
  } finally {
    await sql.end()
  }
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

it('keeps its data and password in a directory, durably if asked, one server at a time', async () => {
  // Root's own folders are closed to the account that runs the server.
  chmodSync(parent, 0o711)
  const first = await startPostgres({ password: 'first', directory, durable: true })
  await query(first.url('postgres'), 'create table kept as select 42 as value')
  expect(
    await query(
      first.url('postgres'),
      `select current_setting('fsync') as fsync, current_setting('full_page_writes') as pages,
        current_setting('synchronous_commit') as commit`,
    ),
  ).toEqual([{ fsync: 'on', pages: 'on', commit: 'on' }])
  await expect(startPostgres({ password: 'x', directory })).rejects.toThrow(
    `already running on ${directory} (process ${first.pids()[0]})`,
  )
  await first.stop()
  await first.stop()

  const second = await startPostgres({
    password: 'second',
    directory,
    settings: { work_mem: '7MB' },
  })
  expect(second.url('postgres')).toContain(':first@127.0.0.1:')
  expect(
    await query(
      second.url('postgres'),
      `select value, current_setting('fsync') as fsync, current_setting('work_mem') as mem from kept`,
    ),
  ).toEqual([{ value: 42, fsync: 'off', mem: '7MB' }])
  await second.stop()
})

it('asks for the password', async () => {
  const server = await startPostgres({ password: 'right' })
  try {
    const url = server.url('postgres').replace('right', 'wrong')
    await expect(query(url, 'select')).rejects.toMatchObject({ code: '28P01' })
  } finally {
    await server.stop()
  }
})

it('ends with the process that started it, even when that one is killed, and cleans up', async () => {
  const launcher = fileURLToPath(new URL('../../db/embedded.ts', import.meta.url))
  const script = `
    const { startPostgres } = await import(${JSON.stringify(launcher)})
    const server = await startPostgres({ password: 'x' })
    const { default: postgres } = await import('postgres')
    const sql = postgres(server.url('postgres'), { max: 1 })
    const [{ folder }] = await sql\`select current_setting('data_directory') as folder\`
    console.log(JSON.stringify({ pids: server.pids(), folder }))
    setInterval(() => {}, 60_000)`
  const owner = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', script],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string]
  const { pids, folder } = JSON.parse(line) as { pids: number[]; folder: string }
  expect(pids.length).toBeGreaterThan(1)
  expect(pids.every(isAlive)).toBe(true)
  expect(existsSync(folder)).toBe(true)
  owner.kill('SIGKILL')
  // The test's time limit ends the wait.
  while (pids.some(isAlive) || existsSync(join(folder, '..'))) {
    await new Promise((next) => setImmediate(next))
  }
})
