/** `npm run bench -- <name> [options]`: runs `bench/<name>/run.ts`. Without a name it lists them. */
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const names = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(`${here}${entry.name}/run.ts`))
  .map(({ name }) => name)
  .sort()

const [name, ...args] = process.argv.slice(2)
if (name === undefined || !names.includes(name)) {
  console.error(`npm run bench -- <name>, one of: ${names.join(', ')}`)
  process.exitCode = name === undefined ? 0 : 1
} else {
  const { run } = (await import(`./${name}/run.ts`)) as {
    readonly run: (args: readonly string[]) => unknown
  }
  await run(args)
}
