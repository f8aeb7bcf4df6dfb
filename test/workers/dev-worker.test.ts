/** `npm run dev:worker` as people run it: starts, takes somebody through a reset, leaves nothing behind. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { childrenOf } from '../../db/process-children.ts'
import { createBrowser } from '../../src/emulator/index.ts'
import { freshDatabase } from '../support/database.ts'
import { placeOf } from '../support/world.ts'

const database = await freshDatabase()
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const STARTED = 'Ctrl-C ends it.'

it('serves through the Hyperdrive binding, and Ctrl-C ends all of it', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/support/dev-worker.ts'], {
    cwd: ROOT,
    env: { ...process.env, DATABASE_URL: database.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  const ended = new Promise<number | null>((end) => child.once('exit', (code) => end(code)))
  onTestFinished(async () => {
    child.kill('SIGINT')
    await ended
  })
  await new Promise<void>((started, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (piece: string) => {
        text += piece
        if (text.includes(STARTED)) started()
      })
    }
    child.once('exit', () => failed(new Error(text)))
  })
  const [link = ''] = /http:\/\/tenant\.localhost\S+login_hint=ada\S+/.exec(text) ?? []
  const [, tenant = ''] = /The tenant +(\S+)/.exec(text) ?? []
  const browser = createBrowser()
  await browser.visit(link)
  await browser.submit()
  await browser.visit(`${tenant}/emulator/mailbox`)
  await browser.click('Open the link')
  expect(placeOf(browser.page)).toBe('arrival')
  expect(placeOf(await browser.autoSubmit())).toBe('leaving')
  expect(placeOf(await browser.autoSubmit())).toBe('new password')
  const records = await database.sql`
    select facts #>> '{request,visit_network,address}' as address from assessment`
  expect(records).toEqual([{ address: expect.any(String) }])

  const own = childrenOf(child.pid ?? 0)
  expect(own.length).toBeGreaterThan(0)
  child.kill('SIGINT')
  expect(await ended).toBe(0)
  const alive = () => own.filter((pid) => isAlive(pid))
  await expect.poll(alive, { timeout: 10_000 }).toEqual([])
}, 120_000)

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
