/**
 * Where a thread's code comes from. Built, it is the file beside this one. From source it is TypeScript,
 * which Node 20 cannot run: it is bundled once per process, by the compiler that tsx (which every way to
 * run from source brings) has inside. Loading it file by file in each thread takes three times as long.
 */
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

type BuildSync = (options: Readonly<Record<string, unknown>>) => {
  readonly outputFiles: readonly { readonly text: string }[]
}

let bundled: URL | undefined

/** What `new Worker` takes. */
export function threadCode(): URL {
  if (!import.meta.url.endsWith('.ts')) return new URL('./thread/entry.js', import.meta.url)
  bundled ??= bundle(new URL('./thread/entry.ts', import.meta.url))
  return bundled
}

function bundle(entry: URL): URL {
  const tsx = createRequire(import.meta.url).resolve('tsx')
  const { buildSync }: { readonly buildSync: BuildSync } = createRequire(tsx)('esbuild')
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
    // Stack traces would else repeat the whole code as the name of its file.
    footer: { js: `//# sourceURL=${entry.href}` },
  })
  const code = outputFiles.map(({ text }) => text).join('\n')
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`)
}
