/**
 * Starts a Chromium and leaves nothing behind. Each caller gets a browser and a directory of its own,
 * so test files may run beside each other. Which Chromium that is says `chromium-binary.ts`.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { browserEnv, findChromium } from './chromium-binary.ts'

export interface StartedChromium {
  readonly ok: true
  readonly browser: Browser
  /** As the binary prints it, with where it came from. */
  readonly version: string
  /** Ends the browser and removes every file that it or the unpacking made. */
  stop(): Promise<void>
}

/** `reason` says what was tried and what to do, for the person who runs the suite. */
export interface NoChromium {
  readonly ok: false
  readonly reason: string
}

/** Anything but these names must not leave the machine, nor even be looked up. */
const LOOPBACK_ONLY =
  'MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE *.localhost , EXCLUDE 127.0.0.1'

const FLAGS = [
  `--host-resolver-rules=${LOOPBACK_ONLY}`,
  '--no-proxy-server',
  '--no-pings',
  '--disable-domain-reliability',
  '--dns-prefetch-disable',
  '--disable-webgl',
  '--font-render-hinting=none',
]

export async function startChromium(
  env: NodeJS.ProcessEnv = process.env,
): Promise<StartedChromium | NoChromium> {
  const home = makeHome()
  const abandon = () => rmSync(home, { recursive: true, force: true })
  // The last line: a run that is cut short must not leave 200 MB in the temporary directory.
  process.once('exit', abandon)
  try {
    const binary = findChromium(env, home)
    const browser = await chromium.launch({
      executablePath: binary.path,
      args: FLAGS,
      env: { ...browserEnv(env, home), ...binary.env },
    })
    return {
      ok: true,
      browser,
      version: binary.version,
      stop: async () => {
        await browser.close()
        abandon()
        process.off('exit', abandon)
      },
    }
  } catch (error) {
    abandon()
    process.off('exit', abandon)
    return { ok: false, reason: error instanceof Error ? error.message : String(error) }
  }
}

const PREFIX = 'redirect-verifier-chromium-'

/** A private directory for the unpacked binary, fonts, home and temporary files of one browser. */
function makeHome(): string {
  for (const entry of readdirSync(tmpdir())) {
    if (!entry.startsWith(PREFIX)) continue
    const folder = join(tmpdir(), entry)
    try {
      if (isAbandoned(entry, folder)) rmSync(folder, { recursive: true, force: true })
    } catch {
      // Another user's, or gone in the meantime: not ours to remove.
    }
  }
  return mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`))
}

/** Left by a run that was killed. An hour's grace: a process in another container looks dead here. */
function isAbandoned(entry: string, folder: string): boolean {
  const owner = Number(entry.slice(PREFIX.length).split('-')[0])
  const ageMs = Date.now() - statSync(folder).mtimeMs
  return ageMs > 3_600_000 && !isAlive(owner)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
