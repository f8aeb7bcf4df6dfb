/**
 * The licences of everything that is installed. `npm run licences` lists them and fails on one that may
 * not be there.
 */
import { fileURLToPath } from 'node:url'
import { type LockedPackage, readLockfile } from './lockfile.ts'

/** What production may carry: no condition beyond naming the authors. */
const PERMISSIVE = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
  'WTFPL',
  'Zlib',
])

/** What tools may be under besides: they are neither linked with nor passed on. */
const TOOLS = new Set(['MPL-2.0', 'Python-2.0'])

/**
 * Image code for other people's Workers, which the local Workers runtime brings as optional binaries.
 * Neither loaded nor passed on by anything here.
 */
const EXCEPTIONS = /^@img\/sharp-/

/** True for an expression of which one alternative is free, or every part of one. */
export function isAllowed({ name, licence, development }: LockedPackage): boolean {
  if (development && EXCEPTIONS.test(name)) return true
  const known = (id: string) => PERMISSIVE.has(id) || (development && TOOLS.has(id))
  const plain = licence.replace(/[()]/g, '')
  return plain.split(' OR ').some((choice) => choice.split(' AND ').every(known))
}

export function countByLicence(packages: readonly LockedPackage[]): readonly [string, number][] {
  const counts = new Map<string, number>()
  for (const { licence } of packages) counts.set(licence, (counts.get(licence) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)
}

function main(): void {
  const packages = readLockfile()
  for (const [what, chosen] of [
    ['production', packages.filter(({ development }) => !development)],
    ['development', packages.filter(({ development }) => development)],
  ] as const) {
    console.log(`${what}: ${chosen.length} packages`)
    for (const [licence, count] of countByLicence(chosen)) console.log(`  ${count} ${licence}`)
  }
  const refused = packages.filter((each) => !isAllowed(each))
  for (const { name, version, licence } of refused) {
    console.error(`not allowed: ${name} ${version}: ${licence}`)
  }
  process.exitCode = refused.length > 0 ? 1 : 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
