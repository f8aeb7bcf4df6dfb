/**
 * The built Worker on the real runtime (workerd), against a real database. Of the Hyperdrive binding
 * it has what it reads, the connection string, and so it connects to Postgres itself: Miniflare's own
 * stand-in passes bytes on and pools nothing either, but a connection that is reset in it ends the
 * process it runs in. `npm run dev:worker` uses that one.
 */
import { readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { Miniflare } from 'miniflare'
import { COMPATIBILITY_DATE } from './worker-bundle.ts'

export interface WorkerdOptions {
  /** The module to run: `WorkerBundle.file`. */
  readonly file: string
  readonly databaseUrl: string
  /** Variables and secrets. */
  readonly env: Readonly<Record<string, string>>
  /** Gets each line that the Worker logs. */
  readonly write?: (line: string) => void
}

/** Its own end, `dispose`, is the caller's to await. */
export function startWorkerd({ file, databaseUrl, env, write }: WorkerdOptions): Miniflare {
  return new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.js', contents: readFileSync(file, 'utf8') }],
    modulesRoot: '/',
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags: ['nodejs_compat'],
    bindings: { ...env, HYPERDRIVE: { connectionString: databaseUrl } },
    cf: false,
    handleRuntimeStdio(output: Readable, errors: Readable) {
      for (const stream of [output, errors]) readLines(stream, write)
    },
  })
}

function readLines(stream: Readable, write: (line: string) => void = () => {}): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (piece: string) => {
    const lines = `${rest}${piece}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) write(line)
  })
}
