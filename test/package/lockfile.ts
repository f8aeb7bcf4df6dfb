/** What the lockfile says of every package: its licence, its scripts, and whether production gets it. */
import { readFileSync } from 'node:fs'

export interface LockedPackage {
  readonly name: string
  readonly version: string
  readonly licence: string
  /** Only the tools and tests of this repository need it. */
  readonly development: boolean
  readonly installScript: boolean
  readonly integrity: string | undefined
  /** Where it was downloaded from; the lockfile of this repository names no registry. */
  readonly resolved: string | undefined
}

interface Entry {
  readonly version?: string
  readonly license?: string
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
  readonly integrity?: string
  readonly resolved?: string
}

const LOCKFILE = new URL('../../package-lock.json', import.meta.url)

export function readLockfile(): readonly LockedPackage[] {
  const { packages } = JSON.parse(readFileSync(LOCKFILE, 'utf8')) as {
    packages: Record<string, Entry>
  }
  return Object.entries(packages)
    .filter(([path]) => path !== '')
    .map(([path, entry]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version: entry.version ?? '',
      licence: entry.license ?? 'UNKNOWN',
      development: entry.dev === true,
      installScript: entry.hasInstallScript === true,
      integrity: entry.integrity,
      resolved: entry.resolved,
    }))
}
