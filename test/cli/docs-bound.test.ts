/**
 * The commands of actions/README.md that import and bind, blocks marked `sh bound`: they run as they stand
 * against an emulated tenant in which somebody else's Action is bound already.
 */
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openNamedTenant } from '../support/docs-auth0.ts'
import { blocksFor, commandsOf, documentsFor, ROOT } from '../support/docs-blocks.ts'
import { openShell } from '../support/docs-shell.ts'
import { CONTINUE_SECRET, SESSION_SECRET } from '../support/tokens.ts'

const README = 'actions/README.md'
const OURS = 'password-reset-verify'
const TRIGGER = 'password-reset-post-challenge'
const BINDINGS = `actions/triggers/${TRIGGER}/bindings`
const DEPLOYER = 'Deployment0000000000000000000000'
const CREDENTIAL = 'the secret of the deployment'

interface Binding {
  readonly id: string
  readonly display_name: string
  readonly created_at: string
  readonly action: { readonly name: string; readonly code: string }
}

async function open() {
  const { tenant, env } = await openNamedTenant({
    clients: [
      {
        client_id: DEPLOYER,
        name: 'Deployment',
        app_type: 'non_interactive',
        client_secret: CREDENTIAL,
      },
    ],
    clientGrants: [{ client_id: DEPLOYER, audience: 'management' }],
  })
  async function manage(path: string, method = 'GET', body?: unknown) {
    const answer = await tenant.fetch(
      new Request(`${tenant.origin}/api/v2/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${tenant.managementToken}`,
          'content-type': 'application/json',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    )
    const said = await answer.text()
    expect(answer.ok, said).toBe(true)
    return JSON.parse(said) as Record<string, unknown>
  }
  for (const name of ['first', 'second']) {
    const { id } = await manage('actions/actions', 'POST', {
      name,
      supported_triggers: [{ id: TRIGGER, version: 'v1' }],
      code: `exports.onExecutePostChallenge = async () => console.log('${name}')`,
    })
    tenant.clock.advanceSeconds(1)
    await manage(`actions/actions/${id}/deploy`, 'POST')
  }
  // Under names of their own, and not in the order in which they were made.
  const bindings = ['second', 'first'].map((value) => ({
    ref: { type: 'action_name', value },
    display_name: `Somebody's ${value}`,
  }))
  await manage(BINDINGS, 'PATCH', { bindings })

  const shell = openShell()
  cpSync(join(ROOT, 'actions'), join(shell.folder, 'actions'), { recursive: true })
  const config = {
    AUTH0_DOMAIN: 'acme.eu.auth0.com',
    AUTH0_CLIENT_ID: DEPLOYER,
    AUTH0_CLIENT_SECRET: CREDENTIAL,
    AUTH0_KEYWORD_REPLACE_MAPPINGS: {
      RV_URL: 'https://verify.acme.com',
      RV_SESSION_SECRET: SESSION_SECRET,
      RV_CONTINUE_SECRET: CONTINUE_SECRET,
      RV_FORM_ID: 'ap_1',
    },
  }
  writeFileSync(join(shell.folder, 'config.json'), JSON.stringify(config))
  const commands = commandsOf(blocksFor('bound', README).join('\n')).map((command) =>
    command
      .replace('AUTH0_CLIENT_ID=…', `AUTH0_CLIENT_ID=${DEPLOYER}`)
      .replace('AUTH0_CLIENT_SECRET=…', `AUTH0_CLIENT_SECRET='${CREDENTIAL}'`),
  )
  expect(commands.join('\n')).not.toContain('…')
  return {
    commands,
    run: (...some: readonly string[]) => shell.run(some.join('\n'), env),
    bound: async () => (await manage(BINDINGS)).bindings as readonly Binding[],
    action: async (name: string) => {
      const { actions } = await manage(`actions/actions?actionName=${name}`)
      const [found] = actions as readonly Record<string, unknown>[]
      return found
    },
  }
}

it('they stand in one document', () => {
  expect(documentsFor('bound')).toEqual([README])
})

it("after them ours is bound last, and somebody else's stay as they were", {
  timeout: 240_000,
}, async () => {
  const { commands, run, bound, action } = await open()
  const before = await bound()
  expect(before.map(({ display_name }) => display_name)).toEqual([
    "Somebody's second",
    "Somebody's first",
  ])
  const [brought = '', named = '', dry = '', real = '', ...more] = commands
  expect(more).toEqual([])

  const imported = await run(brought)
  expect(imported.code, imported.said).toBe(0)
  expect(imported.said).toContain('Import Successful')
  expect(await bound()).toEqual(before)
  const fresh = await action(OURS)
  expect(fresh).toMatchObject({ all_changes_deployed: true })

  const told = await run(named, dry)
  expect(told.code, told.said).toBe(0)
  expect(told.said).toContain("bind it, after Somebody's second, Somebody's first")
  expect(await bound()).toEqual(before)

  const done = await run(named, real)
  expect(done.code, done.said).toBe(0)
  const after = await bound()
  expect(after.slice(0, -1)).toEqual(before)
  expect(after.at(-1)).toMatchObject({ display_name: OURS, action: { name: OURS } })
  // Nothing was left to do but that: the import's Action is the one that runs.
  expect(await action(OURS)).toEqual(fresh)

  const again = await run(named, real)
  expect(again.code, again.said).toBe(0)
  expect(await bound()).toEqual(after)
})

it('without the right to, nothing is bound', { timeout: 120_000 }, async () => {
  const { commands, run, bound } = await open()
  const before = await bound()
  const [, named = '', , real = ''] = commands
  const { code, said } = await run(named.replace(CREDENTIAL, 'another secret'), real)
  expect(code, said).toBe(1)
  expect(said).not.toContain('another secret')
  expect(await bound()).toEqual(before)
})
