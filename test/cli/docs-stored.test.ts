/**
 * The commands of the documentation that work on a database: the blocks marked `sh stored` of each
 * document run as one script, in their order, against a database of its own in which somebody waits.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { freshDatabase } from '../support/database.ts'
import { seedTenant } from '../support/environment.ts'
import { decisionOf, openingOf, PATIENT } from '../support/openings.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const IDENTIFIER_SECRET = 'an identifier secret for documents'

/** What the documents call them. */
const RECORD = '3e6d8cb6-fd00-4000-8000-000000000001'
const CODE = '7SPR-SDQX'
const SUBJECT = 'auth0|6510a1b2'
const FEEDS = {
  'exits.txt': '185.220.101.1\n',
  'ranges.txt': '104.16.0.0/13\n',
  'asns.txt': 'AS13335\n',
  'domains.txt': 'trash-mail.com\n',
}

const documents = readdirSync(join(ROOT, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => {
    const text = readFileSync(join(ROOT, 'docs', name), 'utf8')
    const blocks = [...text.matchAll(/^```sh stored\n([\s\S]*?)^```$/gm)]
    return { name, script: blocks.map(([, block = '']) => block).join('\n') }
  })
  .filter(({ script }) => script !== '')

/** What each has to have done, beyond ending well. */
const LEFT: Readonly<Record<string, readonly string[]>> = {
  'deploy-node.md': ['policy.activate'],
  'deploy-workers.md': ['policy.activate'],
  'operations.md': ['assessment.release', 'token.create', 'token.revoke'],
  'policy.md': ['policy.shadow', 'policy.activate', 'list.import'],
  'privacy.md': ['user.export', 'user.erase'],
}

it('there are documents to run, and each is expected to do something', () => {
  expect(documents.map(({ name }) => name)).toEqual(Object.keys(LEFT))
})

describe.each(documents)('the commands of docs/$name on a database', ({ name, script }) => {
  it('run in their order', { timeout: 240_000 }, async () => {
    const { url, sql } = await freshDatabase()
    if (!name.startsWith('deploy-')) await somebodyWaits(url)
    const { code, said } = await run(script, url)
    expect(code, said).toBe(0)
    const rows = await sql<{ action: string }[]>`select action from audit order by id`
    const done = rows.map(({ action }) => action)
    expect(done).toEqual(expect.arrayContaining([...(LEFT[name] ?? [])]))
  })
})

async function somebodyWaits(url: string): Promise<void> {
  await seedTenant(url)
  const user = createIdentifiers(IDENTIFIER_SECRET).pseudonym('acme', 'user', SUBJECT)
  const store = createPoolStore(url, PATIENT)
  const opened = await store.open(openingOf('waiting', { user, assessmentId: RECORD }))
  if (opened.kind !== 'opened') throw new Error(opened.kind)
  expect(opened.assessment.reference).toBe(CODE)
  const held = { outcome: 'deny', assessed: 'step_up', needs_review: true } as const
  await store.settle({ ...opened.assessment, decision: decisionOf(held) })
  await store.close()
}

/** As bash that ends at its first failure, with this checkout's commands. */
async function run(script: string, url: string) {
  const folder = mkdtempSync(join(tmpdir(), 'redirect-verifier-docs-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [file, text] of Object.entries(FEEDS)) writeFileSync(join(folder, file), text)
  const main = `'${process.execPath}' --import '${import.meta.resolve('tsx')}' '${join(ROOT, 'src/cli/main.ts')}'`
  const lines = script.replace(/npm run (?:--silent )?cli --|npx redirect-verifier/g, main)
  // No package of npm brings psql; what the file grants is tried out in test/store.
  const psql = `psql() { test -n "$1" -a "$2" = -f -a -f "${ROOT}/$3"; }`
  writeFileSync(join(folder, 'script.sh'), `set -euo pipefail\n${psql}\n${lines}`)
  const { PATH = '', HOME = '' } = process.env
  const env = {
    ...{ PATH, HOME, DATABASE_URL: url, OWNER_URL: url },
    RV_IDENTIFIER_SECRET: IDENTIFIER_SECRET,
    TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.json'),
  }
  return new Promise<{ readonly code: number; readonly said: string }>((done) => {
    execFile('bash', ['script.sh'], { cwd: folder, env, timeout: 220_000 }, (error, out, err) =>
      done({ code: error === null ? 0 : Number(error.code ?? 1), said: `${out}\n${err}` }),
    )
  })
}
