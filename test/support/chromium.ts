/**
 * Finds a Chromium, starts it, and leaves nothing behind: `CHROMIUM_PATH`, else a system browser,
 * else the one inside the npm package `@sparticuz/chromium`. Never a download. Each caller gets a
 * browser and a directory of its own, so test files may run beside each other.
 */
import { spawnSync } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  constants,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

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

interface Binary {
  readonly path: string
  readonly version: string
  readonly env: Readonly<Record<string, string>>
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
    const binary = systemBinary(env, home) ?? packagedBinary(env, home)
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
    const owner = entry.startsWith(PREFIX) ? Number(entry.slice(PREFIX.length).split('-')[0]) : 0
    if (owner > 0 && !isAlive(owner)) {
      try {
        rmSync(join(tmpdir(), entry), { recursive: true, force: true })
      } catch {
        // Left by another user's killed run: not ours to remove.
      }
    }
  }
  return mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function browserEnv(env: NodeJS.ProcessEnv, home: string): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const name of ['PATH', 'LANG', 'LD_LIBRARY_PATH']) {
    const value = env[name]
    if (value !== undefined) kept[name] = value
  }
  return {
    ...kept,
    HOME: home,
    TMPDIR: home,
    XDG_CONFIG_HOME: home,
    XDG_CACHE_HOME: home,
    // Times on pages and in client signals must not depend on whose machine it is.
    TZ: 'UTC',
  }
}

const SYSTEM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const SYSTEM_PATHS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** A named browser must work; one that merely lies about is passed over when it does not start. */
function systemBinary(env: NodeJS.ProcessEnv, home: string): Binary | undefined {
  const named = env.CHROMIUM_PATH
  if (named) {
    const { version, error } = askVersion(named, browserEnv(env, home))
    if (version === undefined) throw new Error(`CHROMIUM_PATH does not start: ${error}`)
    return { path: named, version: `${version} (CHROMIUM_PATH)`, env: {} }
  }
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean)
  const candidates = SYSTEM_NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  for (const path of [...candidates, ...SYSTEM_PATHS].filter(isExecutable)) {
    const { version } = askVersion(path, browserEnv(env, home))
    if (version !== undefined) return { path, version: `${version} (system)`, env: {} }
  }
  return undefined
}

/**
 * The package unpacks into `os.tmpdir()` under fixed names and takes a half-written file for a whole
 * one, so it runs in a process of its own with a temporary directory of its own. The two variables
 * make it unpack the NSS and expat libraries as well, for hosts that have none.
 */
function packagedBinary(env: NodeJS.ProcessEnv, home: string): Binary {
  const require = createRequire(import.meta.url)
  const unpacked = spawnSync(
    process.execPath,
    [
      '-e',
      'require(process.argv[1]).executablePath().then((path) => process.stdout.write(path))',
      require.resolve('@sparticuz/chromium'),
    ],
    {
      env: { TMPDIR: home, HOME: home, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' },
      encoding: 'utf8',
    },
  )
  if (unpacked.status !== 0) throw new Error(unavailable(`unpacking failed: ${unpacked.stderr}`))
  const path = unpacked.stdout.trim()
  chmodSync(path, 0o700)
  const fonts = fontConfiguration(home)
  const bundled = { LD_LIBRARY_PATH: join(home, 'al2023', 'lib') }
  let fault = ''
  for (const libraries of [{}, bundled]) {
    const { version, error } = askVersion(path, { ...browserEnv(env, home), ...libraries })
    if (version !== undefined) {
      return { path, version: `${version} (package)`, env: { ...libraries, ...fonts } }
    }
    fault = error
  }
  throw new Error(unavailable(fault))
}

/** The bundled configuration names fixed folders outside; this one names the host's and the bundled. */
function fontConfiguration(home: string): Record<string, string> {
  const file = join(home, 'fonts.conf')
  const folders = ['/usr/share/fonts', '/usr/local/share/fonts', join(home, 'fonts')]
  writeFileSync(
    file,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${folders
      .map((folder) => `<dir>${folder}</dir>`)
      .join('')}<cachedir>${join(home, 'fonts-cache')}</cachedir></fontconfig>\n`,
  )
  return { FONTCONFIG_FILE: file }
}

function askVersion(
  path: string,
  env: Record<string, string>,
): { version: string; error: string } | { version: undefined; error: string } {
  const asked = spawnSync(path, ['--version'], { env, encoding: 'utf8', timeout: 20_000 })
  if (asked.status === 0) return { version: asked.stdout.trim(), error: '' }
  const error = asked.error?.message ?? (asked.stderr.trim() || `exit ${asked.status}`)
  return { version: undefined, error }
}

const unavailable = (fault: string) =>
  `the packaged Chromium does not start on this ${process.platform} ${process.arch} host (${fault}); ` +
  'install Chromium or Chrome, or set CHROMIUM_PATH to its binary'

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
