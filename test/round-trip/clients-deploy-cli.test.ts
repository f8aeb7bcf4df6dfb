/**
 * `auth0-deploy-cli` as an operator runs it: it imports `actions/tenant.yaml` into the emulated tenant,
 * waits for the build, deploys, and exports the whole tenant with the same Action in it.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTenant, type Tenant } from '../../src/emulator/index.ts'

const require = createRequire(import.meta.url)
const CLI = require.resolve('auth0-deploy-cli')
const yaml = createRequire(CLI)('js-yaml') as { load(text: string): unknown }

const CLIENT_ID = 'DeployTool0000000000000000000000'
const TENANT_YAML = fileURLToPath(new URL('../../actions/tenant.yaml', import.meta.url))

interface ActionEntry {
  readonly name: string
  readonly code: string
  readonly runtime: string
  readonly deployed: boolean
  readonly supported_triggers: unknown
  readonly dependencies: unknown
  readonly secrets: readonly { readonly name: string; readonly value?: string }[]
}

let tenant: Tenant
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'redirect-verifier-deploy-'))
  tenant = createTenant({
    host: 'localhost',
    clients: [
      {
        client_id: CLIENT_ID,
        name: 'Deploy tool',
        app_type: 'non_interactive',
        client_secret: 'the secret of the deploy tool',
      },
    ],
    clientGrants: [{ client_id: CLIENT_ID, audience: 'management' }],
  })
  const { port, certificate = '' } = await tenant.listen({ https: true })
  writeFileSync(join(folder, 'certificate.pem'), certificate)
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({
      AUTH0_DOMAIN: `localhost:${port}`,
      AUTH0_CLIENT_ID: CLIENT_ID,
      AUTH0_CLIENT_SECRET: 'the secret of the deploy tool',
      AUTH0_KEYWORD_REPLACE_MAPPINGS: {
        RV_URL: 'http://verify.localhost:9',
        RV_SESSION_SECRET: 's'.repeat(40),
        RV_CONTINUE_SECRET: 'c'.repeat(40),
      },
    }),
  )
})
afterAll(async () => {
  await tenant.close()
  rmSync(folder, { recursive: true, force: true })
})

/** In a process of its own: certificates to trust are read at its start. */
const a0deploy = (...args: readonly string[]) =>
  promisify(execFile)(
    process.execPath,
    [CLI, ...args, '--config_file', join(folder, 'config.json')],
    {
      cwd: folder,
      env: { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: join(folder, 'certificate.pem') },
      timeout: 120_000,
    },
  )

const actionsOf = (file: string) =>
  (yaml.load(readFileSync(file, 'utf8')) as { readonly actions: readonly ActionEntry[] }).actions

const manage = (path: string, init?: RequestInit) =>
  tenant.fetch(
    new Request(`${tenant.origin}/api/v2/${path}`, {
      ...init,
      headers: {
        authorization: `Bearer ${tenant.managementToken}`,
        'content-type': 'application/json',
      },
    }),
  )

describe('auth0-deploy-cli', () => {
  it('imports the Actions of this project and exports them without a difference', async () => {
    const { stdout } = await a0deploy('import', '--input_file', TENANT_YAML)
    expect(stdout).toContain('Import Successful')

    const out = join(folder, 'out')
    await a0deploy('export', '--format', 'yaml', '--output_folder', out)
    const exported = actionsOf(join(out, 'tenant.yaml'))
    const source = actionsOf(TENANT_YAML)
    const names = (actions: readonly ActionEntry[]) => actions.map(({ name }) => name).sort()
    expect(names(exported)).toEqual(names(source))
    for (const { code, secrets, ...given } of source) {
      const action = exported.find(({ name }) => name === given.name) as ActionEntry
      expect(action).toMatchObject(given)
      const text = readFileSync(join(out, action.code), 'utf8')
      expect(text).toBe(readFileSync(join(TENANT_YAML, '..', code), 'utf8'))
      // Their values are never told.
      expect(action.secrets).toEqual(secrets.map(({ name }) => ({ name })))
    }
  }, 240_000)

  it('leaves an Action that runs once it is bound, with the secrets of the import', async () => {
    const bound = await manage('actions/triggers/password-reset-post-challenge/bindings', {
      method: 'PATCH',
      body: JSON.stringify({
        bindings: [
          {
            ref: { type: 'action_name', value: 'password-reset-verify' },
            display_name: 'password-reset-verify',
          },
        ],
      }),
    })
    expect(bound.status).toBe(200)
    tenant.users.add({ email: 'ada@example.com', password: 'Old-password-1' })
    const clientId = CLIENT_ID
    const link = tenant.createTicket({ user: 'ada@example.com', clientId })
    await tenant.fetch(new Request(link))
    const [leg] = tenant.trace.of('action.ran')
    expect(leg?.who).toBe('password-reset-verify')
    // RV_MODE is observe there: with a verifier that is not up the Action says so and goes on.
    expect(leg?.data.error).toBeUndefined()
    expect(leg?.data.log).toContain('"outcome"')
  })
})
