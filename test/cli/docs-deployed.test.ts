/**
 * The commands with which one deploys, blocks marked `sh deployed`: they run as they stand, against an
 * emulated tenant under the documented names, and wrangler itself against a stand-in of Cloudflare's API.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import postgres from 'postgres'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startPostgres } from '../../db/embedded.ts'
import { migrate } from '../../db/migrate.ts'
import { startNode } from '../../src/node.ts'
import { freshDatabase } from '../support/database.ts'
import { HOSTS, openNamedTenant } from '../support/docs-auth0.ts'
import {
  blocksFor,
  blocksOf,
  commandsOf,
  documentsFor,
  readDocument,
} from '../support/docs-blocks.ts'
import { openCloudflareApi, VERSIONS } from '../support/docs-cloudflare.ts'
import { openShell } from '../support/docs-shell.ts'
import { seedTenant, serviceEnvironment, TENANT } from '../support/environment.ts'
import { CONTINUE_SECRET, IDENTIFIER_SECRET, SESSION_SECRET } from '../support/tokens.ts'

const NODE = 'docs/deploy-node.md'
const WORKERS = 'docs/deploy-workers.md'

const database = await freshDatabase()
beforeAll(() => seedTenant(database.url))

it('each document and each block of it is run here', () => {
  expect(documentsFor('deployed')).toEqual([NODE, WORKERS])
  expect([NODE, WORKERS].map((path) => blocksFor('deployed', path).length)).toEqual([2, 5])
})

/** `text` with each of these words replaced, which must be there. */
const instead = (text: string, words: Readonly<Record<string, string>>) =>
  Object.entries(words).reduce((before, [word, by]) => {
    expect(before).toContain(word)
    return before.replaceAll(word, by)
  }, text)

describe(NODE, () => {
  const [doctor = '', action = ''] = blocksFor('deployed', NODE)

  it('doctor --online, with the settings as they stand there, finds nothing wrong', {
    timeout: 120_000,
  }, async () => {
    const { env } = await openNamedTenant({})
    const shell = openShell()
    const etc = join(shell.folder, 'etc')
    mkdirSync(etc)
    const settings = blocksOf(readDocument(NODE)).find(({ text }) => text.includes('RV_TENANTS='))
    const files = {
      env: instead(settings?.text ?? '', { '/etc/redirect-verifier': etc }),
      'database-url': await durableDatabase(),
      'secrets.json': JSON.stringify({
        [TENANT]: { session: [SESSION_SECRET], continue: [CONTINUE_SECRET] },
      }),
      'identifier-secret': IDENTIFIER_SECRET,
    }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(etc, name), text)
    const { code, said } = await shell.run(instead(doctor, { '/etc/redirect-verifier': etc }), env)
    expect(code, said).toBe(0)
    for (const host of HOSTS) expect(said).toContain(`${host} is an Auth0 tenant`)
    expect(said).toContain('is at version')
  })

  it('the Action is deployed, bound and seen to work', { timeout: 120_000 }, async () => {
    const client = 'Application000000000000000000000'
    const deployer = 'Deployment0000000000000000000000'
    const { tenant, env } = await openNamedTenant({
      users: [{ email: 'ada@example.com', password: 'Old-password-1' }],
      clients: [
        { client_id: client, name: 'Application' },
        {
          client_id: deployer,
          name: 'Deployment',
          app_type: 'non_interactive',
          client_secret: 'the secret of the deployment',
        },
      ],
      clientGrants: [{ client_id: deployer, audience: 'management' }],
    })
    const shell = openShell()
    for (const [name, secret] of Object.entries({ session: SESSION_SECRET, back: CONTINUE_SECRET }))
      writeFileSync(join(shell.folder, name), secret)
    const script = instead(action, {
      'AUTH0_CLIENT_ID=…': `AUTH0_CLIENT_ID=${deployer}`,
      'AUTH0_CLIENT_SECRET=…': "AUTH0_CLIENT_SECRET='the secret of the deployment'",
      'https://verify.acme.com': await readyVerifier(),
      'SESSION_SECRET_FILE=…': 'SESSION_SECRET_FILE=session',
      'CONTINUE_SECRET_FILE=…': 'CONTINUE_SECRET_FILE=back',
      'auth0|…': tenant.users.get('ada@example.com')?.user_id ?? '',
      YOUR_CLIENT_ID: client,
    })
    expect(script).not.toContain('…')
    const { code, said } = await shell.run(script, env)
    expect(code, said).toBe(0)
    expect(said).toMatch(/would\n[\s\S]*done\n[\s\S]*is sent to http:\/\/verify\.localhost/)
  })
})

/** The suite's own server forgets on a power cut, which `doctor` calls wrong. */
async function durableDatabase(): Promise<string> {
  const server = await startPostgres({ password: randomBytes(24).toString('hex'), durable: true })
  onTestFinished(server.stop)
  const sql = postgres(server.url('postgres'), { max: 1 })
  await sql`create database verifier`
  await sql.end()
  const url = server.url('verifier')
  await migrate(url)
  await seedTenant(url)
  return url
}

/** An Action asks this before it sends anybody there. */
async function readyVerifier(): Promise<string> {
  const server = createServer((_, response) => response.end('{"status":"ok"}'))
  const port = await new Promise<number>((listening) => {
    server.listen(0, '127.0.0.1', () => listening((server.address() as { port: number }).port))
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://verify.localhost:${port}`
}

describe(WORKERS, () => {
  const [hyperdrive = '', secrets = '', deploy = '', look = '', back = ''] = blocksFor(
    'deployed',
    WORKERS,
  )

  it('Hyperdrive is made without caching, by whoever the token says', async () => {
    const { env, sent } = await openCloudflareApi()
    const { code, said } = await openShell().run(hyperdrive, env)
    expect(code, said).toBe(0)
    expect(said).toContain('Created new Hyperdrive')
    expect(sent.map(({ what }) => what)).toEqual(['POST /hyperdrive/configs'])
    expect(JSON.parse(sent[0]?.body ?? '')).toMatchObject({
      name: 'redirect-verifier',
      origin: { host: 'db.example.com', port: 5432, database: 'verifier', user: 'verifier' },
      caching: { disabled: true },
    })
    const nobody = await openShell().run(hyperdrive, { ...env, CLOUDFLARE_API_TOKEN: '' })
    expect(nobody.code, nobody.said).toBe(1)
    expect(nobody.said).toContain('CLOUDFLARE_API_TOKEN')
    expect(sent).toHaveLength(1)
  })

  it('secrets reach the Worker of wrangler.toml, from standard input', async () => {
    const { env, sent } = await openCloudflareApi()
    const shell = openShell({ checkout: true })
    for (const line of commandsOf(secrets)) {
      const { code, said } = await shell.run(line, env, `the value of ${line}`)
      expect(code, said).toBe(0)
    }
    const names = ['RV_SECRETS', 'RV_IDENTIFIER_SECRET']
    expect(sent.map(({ what }) => what)).toEqual(
      names.map(() => 'PUT /workers/scripts/redirect-verifier/secrets'),
    )
    expect(sent.map(({ body }) => JSON.parse(body))).toEqual(
      names.map((name) => expect.objectContaining({ name, text: expect.stringContaining(name) })),
    )
  })

  it('the build says its size, and is uploaded with its cron', { timeout: 120_000 }, async () => {
    const { env, sent } = await openCloudflareApi()
    const [dry = '', real = '', ...more] = commandsOf(deploy)
    expect(more).toEqual([])
    const shell = openShell({ checkout: true })
    const tried = await shell.run(dry, env)
    expect(tried.code, tried.said).toBe(0)
    expect(tried.said).toMatch(/Total Upload: [\d.]+ KiB \/ gzip: [\d.]+ KiB/)
    expect(sent).toEqual([])
    const done = await shell.run(real, env)
    expect(done.code, done.said).toBe(0)
    const what = sent.map((request) => request.what)
    expect(what).toContain('PUT /workers/scripts/redirect-verifier')
    expect(what).toContain('PUT /workers/scripts/redirect-verifier/schedules')
  })

  it('readiness is asked for', async () => {
    const service = await startNode(
      { ...serviceEnvironment('https://verify.example.com'), DATABASE_URL: database.url },
      { write: () => {} },
    )
    onTestFinished(service.stop)
    const env = { CURL_TO: `http://127.0.0.1:${service.port}` }
    const { code, said } = await openShell().run(look, env)
    expect({ code, said }).toEqual({ code: 0, said: '{"status":"ok"}' })
  })

  it('an earlier version is found and rolled back to', async () => {
    const { env, sent } = await openCloudflareApi()
    const script = instead(back, { VERSION_ID: VERSIONS.earlier })
    const { code, said } = await openShell({ checkout: true }).run(script, env)
    expect(code, said).toBe(0)
    expect(said).toContain(VERSIONS.current)
    expect(sent.map(({ what }) => what)).toEqual([
      'POST /workers/scripts/redirect-verifier/deployments',
    ])
    expect(JSON.parse(sent[0]?.body ?? '')).toMatchObject({
      versions: [{ version_id: VERSIONS.earlier, percentage: 100 }],
      annotations: { 'workers/message': 'why' },
    })
  })
})
