/** What is published and what comes with it: contents, entries, exact versions, scripts, licences. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isAllowed } from '../package/licences.ts'
import { readLockfile } from '../package/lockfile.ts'
import { type Packed, packInto, readManifest } from '../package/pack.ts'

describe('the dependencies', () => {
  const manifest = readManifest()
  const locked = readLockfile()

  it('are pinned to one version each', () => {
    const { dependencies, optionalDependencies, devDependencies } = manifest
    const ranges = Object.entries({ ...dependencies, ...optionalDependencies, ...devDependencies })
    expect(ranges.length).toBeGreaterThan(20)
    expect(ranges.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
  })

  it('are all locked with their digest, and to no registry', () => {
    expect(locked.length).toBeGreaterThan(100)
    const loose = locked.filter(({ integrity }) => !/^sha512-/.test(integrity ?? ''))
    expect(loose).toEqual([])
    expect(locked.filter(({ resolved }) => resolved !== undefined)).toEqual([])
  })

  it('of production run no script when they are installed', () => {
    const run = locked.filter(({ development, installScript }) => !development && installScript)
    expect(run).toEqual([])
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
      expect(manifest.scripts).not.toHaveProperty(script)
    }
  })

  it('are under licences that ask for nothing in return', () => {
    expect(locked.filter((each) => !isAllowed(each))).toEqual([])
  })
})

describe('a licence', () => {
  const of = (licence: string, development = false, name = 'some-package') =>
    isAllowed({
      name,
      licence,
      development,
      version: '1.0.0',
      installScript: false,
      integrity: undefined,
      resolved: undefined,
    })

  it.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0)', true],
    ['(MIT AND Zlib)', true],
    ['MIT AND LGPL-3.0-or-later', false],
    ['AGPL-3.0-only', false],
    ['LGPL-3.0-or-later', false],
    ['MPL-2.0', false],
    ['UNKNOWN', false],
    ['SEE LICENSE IN LICENSE', false],
  ])('%s in production: %s', (licence, allowed) => {
    expect(of(licence)).toBe(allowed)
  })

  it('of a tool may be MPL, and still not LGPL but for the named exception', () => {
    expect(of('MPL-2.0', true)).toBe(true)
    expect(of('LGPL-3.0-or-later', true)).toBe(false)
    expect(of('LGPL-3.0-or-later', true, '@img/sharp-libvips-linux-x64')).toBe(true)
    expect(of('LGPL-3.0-or-later', false, '@img/sharp-libvips-linux-x64')).toBe(false)
  })
})

describe('the package', () => {
  let folder: string
  let packed: Packed
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rv-package-'))
    packed = packInto(folder)
  }, 120_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const text = (path: string) => readFileSync(join(packed.folder, path), 'utf8')

  it('holds what it needs and nothing of the workshop', () => {
    const { files } = packed
    for (const path of [
      'dist/src/cli/main.js',
      'dist/src/node.js',
      'actions/password-reset-verify.js',
      'actions/tenant.yaml',
      'db/migrations/0000_tables.sql',
      'db/migrations/meta/_journal.json',
      'db/grants.sql',
      'LICENSE',
      'SECURITY.md',
    ]) {
      expect(files).toContain(path)
    }
    const foreign =
      /^(test|bench|src)\/|^dist\/(test|bench)\/|(^|\/)(\.env|\.npmrc|\.demo|node_modules)/
    expect(files.filter((path) => foreign.test(path))).toEqual([])
  })

  it('starts and resolves where its manifest says', () => {
    const { bin, exports } = packed.manifest
    for (const path of Object.values(bin)) expect(text(path)).toMatch(/^#!\/usr\/bin\/env node\n/)
    const targets = Object.values(exports).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : Object.values(entry),
    )
    expect(targets.filter((path) => !packed.files.includes(path.replace(/^\.\//, '')))).toEqual([])
  })

  it('imports only what it depends on', () => {
    const { name, dependencies, optionalDependencies } = packed.manifest
    const known = new Set([name, ...Object.keys({ ...dependencies, ...optionalDependencies })])
    const found = new Set<string>()
    for (const path of packed.files.filter((file) => /^dist\/.*\.js$/.test(file))) {
      const code = text(path).replace(/\/\*[\s\S]*?\*\//g, '')
      for (const [, specifier = ''] of code.matchAll(
        /^\s*(?:import|export)\s[^;'"]*from\s*'([^'.][^']*)'|\bimport\('([^'.][^']*)'\)/gm,
      )) {
        if (specifier) found.add(packageOf(specifier))
      }
    }
    expect(found.size).toBeGreaterThan(5)
    const builtin = new Set(builtinModules)
    const foreign = [...found].filter(
      (each) => !each.startsWith('node:') && !builtin.has(each) && !known.has(each),
    )
    expect(foreign).toEqual([])
  })

  it('names no place of the machine that made it', () => {
    const home = process.cwd()
    const naming = packed.files
      .filter((path) => /\.(js|ts|json|md|sql|yaml)$/.test(path))
      .filter((path) => text(path).includes(home))
    expect(naming).toEqual([])
  })
})

const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
