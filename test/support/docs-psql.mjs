/** What the documents ask of psql, which no package of npm brings: a URL, and a file to run there. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import postgres from 'postgres'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { file: { type: 'string', short: 'f' } },
})
const sql = postgres(positionals[0] ?? '', { max: 1, onnotice: () => {} })
try {
  await sql.unsafe(readFileSync(values.file ?? '', 'utf8')).simple()
} finally {
  await sql.end()
}
