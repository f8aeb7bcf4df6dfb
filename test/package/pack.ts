/** The package as it would be published, made in a folder of its own: nothing of the checkout is touched. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface PackageManifest {
  readonly name: string
  readonly version: string
  readonly bin: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly files: readonly string[]
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

export interface Packed {
  readonly manifest: PackageManifest
  readonly tarball: string
  /** Paths inside the package. */
  readonly files: readonly string[]
  /** Where they lie unpacked. */
  readonly folder: string
}

export const readManifest = (): PackageManifest =>
  JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as PackageManifest

/** Compiles, copies what the manifest names, and packs. `folder` must exist and be empty. */
export function packInto(folder: string): Packed {
  const manifest = readManifest()
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  run(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist')], ROOT)
  for (const path of ['package.json', ...manifest.files]) {
    if (path === 'dist') continue
    if (existsSync(join(ROOT, path))) copy(path, folder)
  }
  const output = run('npm', ['pack', '--json', '--ignore-scripts'], folder)
  const [packed] = JSON.parse(output) as { filename: string; files: { path: string }[] }[]
  if (packed === undefined) throw new Error('npm packed nothing')
  return {
    manifest,
    tarball: join(folder, packed.filename),
    files: packed.files.map(({ path }) => path),
    folder,
  }
}

function copy(path: string, folder: string): void {
  const target = join(folder, path)
  cpSync(join(ROOT, path), target, { recursive: true })
  if (!existsSync(dirname(target))) throw new Error(`${path} was not copied`)
}

/** Answers standard output; throws with what was said on standard error. */
export function run(command: string, args: readonly string[], cwd: string, env = {}): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}${stdout}`)
  return stdout
}
