/**
 * Finds a Chromium that starts here: `CHROMIUM_PATH`, else a system browser, else the one inside the
 * npm package `@sparticuz/chromium`, unpacked. Never a download.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, chmodSync, constants, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'

export interface Binary {
  readonly path: string
  readonly version: string
  /** Beside `browserEnv`. */
  readonly env: Readonly<Record<string, string>>
}

/** Throws with what was tried and what to do. `home` takes what has to be unpacked. */
export const findChromium = (env: NodeJS.ProcessEnv, home: string): Binary =>
  systemBinary(env, home) ?? packagedBinary(env, home)

/** The browser's whole environment: nothing of the person's own profile, caches and settings. */
export function browserEnv(env: NodeJS.ProcessEnv, home: string): Record<string, string> {
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
 * one, so it runs in a process and a temporary directory of its own. Believing itself on that service
 * it unpacks the NSS and expat libraries as well, for hosts that have none.
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
