/**
 * `npm run bench` runs what the README's figures come from; `npm run bench -- <name> [options]` runs
 * `bench/<name>/run.ts` alone. With `--json` each prints one JSON object instead of tables.
 */
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Each beside its baseline in the same run; about five minutes altogether. */
const MAIN = ['requests', 'flood', 'memory', 'growth', 'workers', 'emulator']

const here = fileURLToPath(new URL('.', import.meta.url))
const names = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(`${here}${entry.name}/run.ts`))
  .map(({ name }) => name)
  .sort()

const given = process.argv.slice(2)
const name = given[0]?.startsWith('--') ? undefined : given[0]
const args = name === undefined ? given : given.slice(1)

if (name !== undefined && !names.includes(name)) {
  console.error(
    `npm run bench -- <name>, one of: ${names.join(', ')}; without a name the main ones`,
  )
  process.exitCode = 2
} else {
  for (const each of name === undefined ? MAIN : [name]) {
    const { run } = (await import(`./${each}/run.ts`)) as {
      readonly run: (args: readonly string[]) => unknown
    }
    if (!args.includes('--json')) console.log(`\n## ${each}\n`)
    const result = await run(args)
    if (missed(result)) process.exitCode = 1
  }
}

/** Whether a bench that has targets missed one of them. */
function missed(result: unknown): boolean {
  if (typeof result !== 'object' || result === null || !('targets' in result)) return false
  const { targets } = result as { readonly targets: readonly { readonly met: boolean }[] }
  return targets.some(({ met }) => !met)
}
