/**
 * The examples of docs/admin-api.md against the service: its blocks marked `sh live` run as one script,
 * in their order, with a token of an admin and one record that waits for a person.
 */
import { expect, it, onTestFinished } from 'vitest'
import { startNode } from '../../src/node.ts'
import { hashApiToken } from '../../src/verifier/admin/api-token.ts'
import { createAdminStore } from '../../src/verifier/store/admin-store.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { tokenOf } from '../support/admin-world.ts'
import { freshDatabase } from '../support/database.ts'
import { blocksFor, documentsFor } from '../support/docs-blocks.ts'
import { openShell } from '../support/docs-shell.ts'
import { seedTenant, serviceEnvironment } from '../support/environment.ts'
import { decisionOf, openingOf, PATIENT } from '../support/openings.ts'

const BLOCKS = blocksFor('live', 'docs/admin-api.md')

const database = await freshDatabase()

/** A record of somebody who was stopped for want of a second factor. */
async function arrange(): Promise<void> {
  await seedTenant(database.url)
  const admin = createAdminStore(database.url)
  const hash = hashApiToken(tokenOf('admin'))
  await admin.addToken({ name: 'ci', role: 'admin', hash }, { name: 'cli:test', role: 'admin' })
  await admin.close()
  const store = createPoolStore(database.url, PATIENT)
  const opened = await store.open(openingOf('waiting'))
  if (opened.kind !== 'opened') throw new Error(opened.kind)
  const held = { outcome: 'deny', assessed: 'step_up', needs_review: true } as const
  await store.settle({ ...opened.assessment, decision: decisionOf(held) })
  await store.close()
}

it('run in their order', { timeout: 120_000 }, async () => {
  await arrange()
  const service = await startNode(
    {
      ...serviceEnvironment('http://verify.localhost:8400'),
      DATABASE_URL: database.url,
      RV_ADMIN_DATABASE_URL: database.url,
    },
    { write: () => {} },
  )
  onTestFinished(service.stop)
  expect(documentsFor('live')).toEqual(['docs/admin-api.md'])
  expect(BLOCKS.length).toBeGreaterThan(4)
  const { code, said } = await openShell().run(BLOCKS.join('\n'), {
    ORIGIN: `http://127.0.0.1:${service.port}`,
    TOKEN: tokenOf('admin'),
  })
  expect(code, said).toBe(0)
  for (const word of ['"role":"admin"', '"released":true', '"complete":true', '"replaced":1'])
    expect(said).toContain(word)
  expect(said).toMatch(/"kind":"address","action":"deny","value":"-?\d+"/)
  expect(said).toContain('"erased":{')
  const audited = await database.sql`select action from audit where tenant = 'acme' order by id`
  expect(audited.map(({ action }) => action as string)).toEqual(
    expect.arrayContaining(['assessment.release', 'policy.activate', 'list.add', 'user.erase']),
  )
})
