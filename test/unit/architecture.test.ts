/**
 * The import arrows and the absences of the architecture, read off the sources themselves.
 * A file that stands in no room, or a rule that matches no file, fails: a check nobody meets is none.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const ROOMS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['entries', /^src\/((node|worker)(-[a-z]+)?\.ts|cli\/)/],
  ['http', /^src\/verifier\/http\//],
  ['admin', /^src\/verifier\/admin\//],
  ['telemetry', /^src\/verifier\/telemetry\//],
  [
    'assess',
    /^src\/verifier\/(assess|judge|policies|sweep|request-facts|readiness|confirm|(learn|lists|subjects)(-[a-z]+)?)\.ts$/,
  ],
  ['token', /^src\/verifier\/token\//],
  [
    'edge',
    /^src\/verifier\/(config|log|address|identifiers|remember|user-agent|human-check)(-[a-z-]+)?\.ts$/,
  ],
  ['ports', /^src\/verifier\/ports(-[a-z-]+)?\.ts$/],
  ['schema', /^src\/verifier\/schema\//],
  ['domain', /^src\/verifier\/domain\//],
  ['store', /^src\/verifier\/store\//],
  ['db', /^db\//],
  ['emulator-http', /^src\/emulator\/(http\/|index\.ts$|listen[a-z-]*\.ts$)/],
  ['emulator', /^src\/emulator\//],
]

/** Room → rooms it may import from, besides itself. Entries may know everything. */
const ARROWS: Record<string, readonly string[]> = {
  http: ['assess', 'edge', 'ports', 'domain'],
  admin: ['assess', 'edge', 'ports', 'schema', 'domain'],
  telemetry: ['edge', 'ports', 'domain'],
  assess: ['token', 'edge', 'ports', 'schema', 'domain'],
  token: ['edge', 'ports', 'domain'],
  edge: ['ports', 'domain'],
  ports: ['domain'],
  schema: ['domain'],
  domain: [],
  store: ['ports', 'domain', 'db'],
  db: ['domain'],
  'emulator-http': ['emulator'],
  emulator: [],
}

/** Package → rooms that may import it. */
const PACKAGES: Record<string, readonly string[]> = {
  jose: ['token', 'emulator', 'emulator-http'],
  'drizzle-orm': ['store', 'db'],
  'drizzle-kit': ['db'],
  postgres: ['store', 'db'],
  hono: ['http', 'admin', 'emulator-http', 'entries'],
  '@hono/node-server': ['entries', 'emulator-http'],
  commander: ['entries'],
  'prom-client': ['telemetry'],
  '@opentelemetry/api': ['telemetry'],
  '@opentelemetry/exporter-trace-otlp-http': ['telemetry'],
  '@opentelemetry/resources': ['telemetry'],
  '@opentelemetry/sdk-trace': ['telemetry'],
}

const AMBIENT =
  /\b(Date\.now\(|new Date\(\)|performance\.now\(|Math\.random\(|randomUUID\b|randomBytes\b|randomInt\b|getRandomValues\b|process\.env\b|process\.hrtime\b)/

/**
 * Public entries may give defaults; everything else is told the time and handed its randomness.
 * The stopwatch measures what Action code takes of its 20 seconds; it cannot tell the time.
 */
const MAY_BE_AMBIENT = /^src\/(node\.ts|worker\.ts|cli\/|emulator\/(index|runtime\/stopwatch)\.ts$)/

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))
    .map((file) => join(folder, file))
}

const files = [...sources('src'), ...sources('db')].sort()
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const roomOf = (file: string) => ROOMS.find(([, pattern]) => pattern.test(file))?.[0]

/** Code without comments: a rule must not fire on a sentence about it. */
const code = (file: string) =>
  read(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '$1')

function importsOf(file: string): string[] {
  const found = code(file).matchAll(/(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)['"]([^'"]+)['"]/g)
  return [...found].map(([, specifier]) => specifier as string)
}

const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

describe('the architecture', () => {
  it('has a room for every source file', () => {
    expect(files.filter((file) => roomOf(file) === undefined)).toEqual([])
    expect(files.length).toBeGreaterThan(10)
  })

  it.each(files)('%s imports only downwards', (file) => {
    const room = roomOf(file) as string
    const wrong: string[] = []
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith('.')) {
        const target = relative(ROOT, join(ROOT, dirname(file), specifier))
        const targetRoom = roomOf(target)
        if (room === 'entries' || targetRoom === room) continue
        if (!targetRoom || !ARROWS[room]?.includes(targetRoom))
          wrong.push(`${specifier} (${targetRoom})`)
      } else {
        const allowed = PACKAGES[packageOf(specifier)]
        if (allowed && !allowed.includes(room)) wrong.push(specifier)
        if (room === 'domain') wrong.push(specifier)
      }
    }
    expect(wrong).toEqual([])
  })

  it.each(files.filter((file) => !MAY_BE_AMBIENT.test(file)))(
    '%s reads no clock, randomness or environment',
    (file) => {
      expect(code(file).match(AMBIENT)?.[0]).toBeUndefined()
    },
  )

  it('keeps explicit transactions and unchecked SQL out of the verifier', () => {
    const wrong = files
      .filter((file) => file.startsWith('src/verifier/'))
      .filter((file) => /\.begin\(|\.transaction\(|sql\.raw\(|\.unsafe\(/.test(code(file)))
    expect(wrong).toEqual([])
  })

  // The named import `z` drags every locale of the library into a Worker's bundle: 454 KB for 75.
  it('imports zod as a namespace, so that bundles drop what is unused', () => {
    expect(files.filter((file) => /import \{[^}]*\} from 'zod'/.test(code(file)))).toEqual([])
    expect(files.some((file) => /import \* as z from 'zod'/.test(code(file)))).toBe(true)
  })

  it('casts to Session in one place only, after the signature check', () => {
    const casts = files.filter((file) => /\bas (unknown as )?Session\b/.test(code(file)))
    expect(casts).toEqual(['src/verifier/token/session-token.ts'])
  })

  it('never asks which runtime it is on', () => {
    const sniffing =
      /navigator\.userAgent|WebSocketPair|process\.versions|typeof (Deno|Bun|EdgeRuntime)/
    const wrong = files
      .filter((file) => file.startsWith('src/verifier/'))
      // The arrival page's script runs in a browser, where the navigator is the thing asked about.
      .filter((file) => !file.startsWith('src/verifier/http/pages'))
      .filter((file) => sniffing.test(code(file)))
    expect(wrong).toEqual([])
  })

  it('lets the reference Actions import nothing but what Node gives them', () => {
    const actions = readdirSync(join(ROOT, 'actions')).filter((file) => file.endsWith('.js'))
    expect(actions.length).toBeGreaterThan(0)
    for (const file of actions) {
      const required = [...code(join('actions', file)).matchAll(/\brequire\(['"]([^'"]+)['"]\)/g)]
      expect(
        required
          .map(([, name]) => name)
          .filter((name) => !name?.startsWith('node:') && name !== 'crypto'),
      ).toEqual([])
    }
  })
})
