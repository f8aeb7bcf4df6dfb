/**
 * The commands of the documentation that work on a database: the blocks marked `sh stored` of each
 * document run as one script, in their order, against a database of its own in which somebody waits.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { freshDatabase } from '../support/database.ts'
import { blocksFor, documentsFor } from '../support/docs-blocks.ts'
import { openShell } from '../support/docs-shell.ts'
import { seedTenant } from '../support/environment.ts'
import { decisionOf, openingOf, PATIENT } from '../support/openings.ts'

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

const documents = documentsFor('stored').map((name) => ({
  name,
  script: blocksFor('stored', name).join('\n'),
}))

/** What each has to have done, beyond ending well. */
const LEFT: Readonly<Record<string, readonly string[]>> = {
  'docs/deploy-node.md': ['policy.activate'],
  'docs/deploy-workers.md': ['policy.activate'],
  'docs/operations.md': ['assessment.release', 'token.create', 'token.revoke'],
  'docs/policy.md': ['policy.shadow', 'policy.activate', 'list.import'],
  'docs/privacy.md': ['user.export', 'user.erase'],
}

it('there are documents to run, and each is expected to do something', () => {
  expect(documents.map(({ name }) => name)).toEqual(Object.keys(LEFT))
})

describe.each(documents)('the commands of $name on a database', ({ name, script }) => {
  it('run in their order', { timeout: 240_000 }, async () => {
    const { url, sql } = await freshDatabase()
    if (!name.startsWith('docs/deploy-')) await somebodyWaits(url)
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

async function run(script: string, url: string) {
  const shell = openShell()
  for (const [file, text] of Object.entries(FEEDS)) writeFileSync(join(shell.folder, file), text)
  const env = { DATABASE_URL: url, OWNER_URL: url, RV_IDENTIFIER_SECRET: IDENTIFIER_SECRET }
  return shell.run(script, env)
}
