/** The sources as production runs them: compiled JavaScript, without the loader's helpers around functions. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** Below node_modules, where packages are found and nothing is packed, linted or committed. */
const OUT = join(ROOT, 'node_modules', '.cache', 'redirect-verifier-bench')

/** Compiles everything and answers the folder, which mirrors the repository. */
export function buildBench(): string {
  const { stdout } = spawnSync(
    process.execPath,
    [
      join(ROOT, 'node_modules/typescript/bin/tsc'),
      '-p',
      ROOT,
      '--noEmit',
      'false',
      '--outDir',
      OUT,
    ],
    { encoding: 'utf8' },
  )
  mkdirSync(OUT, { recursive: true })
  writeFileSync(join(OUT, 'package.json'), '{"type":"module"}')
  // Faults elsewhere in the tree stop no measurement; what is run must compile.
  const faults = stdout
    .split('\n')
    .filter((line) => /^(src\/verifier|src\/node|bench\/)/.test(line))
  if (faults.length > 0) throw new Error(faults.join('\n'))
  return OUT
}
