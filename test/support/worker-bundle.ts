/** The Worker as `npm run deploy` would upload it, built offline, and what wrangler.toml says of it. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, parse } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface WorkerBundle {
  /** The one module that is uploaded. */
  readonly file: string
  /** esbuild's account of it: which module came from where, which imports are left. */
  readonly metafile: string
}

/**
 * `folder` is made if need be. `main`: in place of the one that wrangler.toml names, from the root of the
 * project. Throws with wrangler's own words when it does not build.
 */
export function buildWorker(folder: string, main?: string): WorkerBundle {
  const metafile = join(folder, 'bundle-meta.json')
  const entry = main === undefined ? [] : [main]
  const flags = ['--minify', '--dry-run', '--outdir', folder, `--metafile=${metafile}`]
  const built = spawnSync(process.execPath, [WRANGLER, 'deploy', ...entry, ...flags], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, ...OFFLINE },
  })
  if (built.status !== 0) throw new Error(`the Worker was not built: ${built.stderr}`)
  return { file: join(folder, `${parse(main ?? 'worker.ts').name}.js`), metafile }
}

export const WRANGLER = createRequire(import.meta.url).resolve('wrangler/bin/wrangler.js')

/** Keeps wrangler and Miniflare from asking the internet. */
export const OFFLINE = { WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' }

/** So that a change of wrangler.toml is a change of the tests. */
export const COMPATIBILITY_DATE =
  /^compatibility_date = "([^"]+)"/m.exec(readFileSync(join(ROOT, 'wrangler.toml'), 'utf8'))?.[1] ??
  ''
