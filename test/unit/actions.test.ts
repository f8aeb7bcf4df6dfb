/** The reference Actions as files: what Auth0 and the deploy tool ask of them, and of what surrounds them. */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { types } from 'node:util'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { parse } from 'yaml'
import { lintAction } from '../../src/emulator/lint/lint.ts'

const folder = new URL('../../actions/', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8')

const HANDLERS = {
  'password-reset-post-challenge': ['onContinuePostChallenge', 'onExecutePostChallenge'],
  'post-login': ['onContinuePostLogin', 'onExecutePostLogin'],
} as const
const VERSIONS = { 'password-reset-post-challenge': 'v1', 'post-login': 'v3' } as const
const TRIGGERS: Readonly<Record<string, keyof typeof HANDLERS>> = {
  'login-verify': 'post-login',
  'password-reset-recovery-form': 'password-reset-post-challenge',
  'password-reset-verify': 'password-reset-post-challenge',
}
const ACTIONS = Object.entries(TRIGGERS).map(([name, trigger]) => ({
  name,
  trigger,
  code: read(`${name}.js`),
}))

/** Secrets that the code reads, wherever it takes them from. */
const secretsIn = (code: string) =>
  [...new Set([...code.matchAll(/\bRV_[A-Z_]+\b/g)].map(([name]) => name))].sort()

it('all files of the folder are known here', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.js'))
  expect(files).toEqual(ACTIONS.map(({ name }) => `${name}.js`))
})

describe.each(ACTIONS)('$name', ({ name, trigger, code }) => {
  it('exports real async functions, under the names that Auth0 calls', () => {
    const loaded = createRequire(import.meta.url)(`../../actions/${name}.js`)
    expect(Object.keys(loaded).sort()).toEqual(HANDLERS[trigger])
    for (const handler of Object.values(loaded))
      expect(types.isAsyncFunction(handler as () => void)).toBe(true)
  })

  it('needs nothing but node:crypto, and can be read in one sitting', () => {
    const required = [...code.matchAll(/require\(['"]([^'"]+)['"]\)/g)].map(([, module]) => module)
    expect(required).toEqual(['node:crypto'])
    expect(code.split('\n').length).toBeLessThan(180)
  })

  it('has none of the known mistakes', () => {
    expect(lintAction(code)).toEqual([])
  })

  it('holds nothing that the deploy tool would take for a keyword', () => {
    expect(code).not.toMatch(/##|@@/)
  })

  it('keeps nothing of a user at module level', () => {
    expect(code).not.toMatch(/^(let|var)\b/m)
  })
})

describe.each(ACTIONS)('what $name logs of a failure', ({ name, trigger }) => {
  const PARTS = ['{"alg":"HS256","typ":"JWT"}', '{"sub":"auth0|0123456789abcdef"}', 'x'.repeat(32)]
  const TOKEN = PARTS.map((part) => Buffer.from(part).toString('base64url')).join('.')
  const SECRETS = { RV_SESSION_SECRET: 's'.repeat(32), RV_CONTINUE_SECRET: 'c'.repeat(32) }
  const event = {
    secrets: { RV_URL: 'https://verify.example.com', ...SECRETS },
    client: { client_id: 'app' },
    user: { user_id: 'auth0|0123456789abcdef' },
    request: { query: {}, body: {} },
  }

  it('names no token and no secret, shows nothing of it, and denies', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    onTestFinished(() => log.mockRestore())
    const denied: unknown[] = []
    const api = {
      access: { deny: (...reasons: unknown[]) => denied.push(reasons) },
      redirect: {
        validateToken({ secret }: { readonly secret: string }) {
          throw new Error(`cannot read ${TOKEN} with ${secret}`)
        },
      },
    }
    const loaded = createRequire(import.meta.url)(`../../actions/${name}.js`)
    await loaded[HANDLERS[trigger][0]](event, api)
    const lines = log.mock.calls.flat().map(String)
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ outcome: 'failed' }])
    for (const part of [...TOKEN.split('.'), ...Object.values(SECRETS)]) {
      expect(part.length).toBeGreaterThan(30)
      expect(`${lines} ${denied}`).not.toContain(part)
    }
    expect(lines[0]).toContain('cannot read')
    expect(denied).toEqual([[expect.any(String)]])
    expect(String(denied)).not.toContain('cannot read')
  })
})

/** A function of the module, from its first line to the next blank one. */
const functionOf = (code: string, name: string) =>
  code.match(
    new RegExp(`^const ${name} = [\\s\\S]*?(?=\\n\\n|\\nconst |\\n/\\*\\*|$(?![\\s\\S]))`, 'm'),
  )?.[0]

describe('what every Action does, every Action does alike', () => {
  // An Action can require no file beside it, so these stand in each of them.
  it.each(['guard', 'answerOf', 'isUp', 'stop', 'log'])('%s', (name) => {
    const [first, ...others] = ACTIONS.map(({ code }) => functionOf(code, name))
    expect(first).toMatch(/^const \w+ = [\s\S]+/)
    for (const other of others) expect(other).toBe(first)
  })

  it('the two for a reset know the same facts and ask for the same factors', () => {
    const [form, verify] = ['password-reset-recovery-form', 'password-reset-verify'].map((name) =>
      read(`${name}.js`),
    )
    for (const name of ['factsOf', 'stepUp']) {
      const own = functionOf(form ?? '', name)
      expect(own?.length).toBeGreaterThan(100)
      expect(own).toBe(functionOf(verify ?? '', name))
    }
  })
})

interface Deployed {
  readonly name: string
  readonly code: string
  readonly runtime: string
  readonly deployed: boolean
  readonly supported_triggers: readonly { readonly id: string; readonly version: string }[]
  readonly secrets: readonly { readonly name: string; readonly value: unknown }[]
}

describe('tenant.yaml', () => {
  const document = parse(read('tenant.yaml')) as { readonly actions: readonly Deployed[] }

  it('holds the Actions and no trigger binding, which would replace those there are', () => {
    expect(Object.keys(document)).toEqual(['actions'])
    expect(document.actions.map(({ name }) => name).sort()).toEqual(ACTIONS.map(({ name }) => name))
  })

  it.each(ACTIONS)('deploys the file of $name for its trigger', ({ name, trigger }) => {
    const action = document.actions.find((one) => one.name === name)
    expect(action).toMatchObject({
      code: `./${name}.js`,
      runtime: 'node22',
      deployed: true,
      supported_triggers: [{ id: trigger, version: VERSIONS[trigger] }],
    })
  })

  it.each(ACTIONS)(
    'starts $name by watching, holds no secret, and names only what it reads',
    (one) => {
      const { secrets = [] } = document.actions.find(({ name }) => name === one.name) ?? {}
      const values = Object.fromEntries(secrets.map(({ name, value }) => [name, value]))
      expect(values).toMatchObject({
        RV_URL: '##RV_URL##',
        RV_SESSION_SECRET: '##RV_SESSION_SECRET##',
        RV_CONTINUE_SECRET: '##RV_CONTINUE_SECRET##',
        RV_MODE: 'observe',
        RV_WHEN_DOWN: 'deny',
      })
      expect(secrets.every(({ value }) => typeof value === 'string')).toBe(true)
      expect(
        secrets.map(({ name }) => name).filter((name) => !secretsIn(one.code).includes(name)),
      ).toEqual([])
    },
  )

  it('starts the login closed: no login without a person, no session ended', () => {
    const { secrets = [] } = document.actions.find(({ name }) => name === 'login-verify') ?? {}
    expect(secrets).toContainEqual({ name: 'RV_SILENT', value: 'deny' })
    expect(secrets).toContainEqual({ name: 'RV_REVOKE', value: 'off' })
    expect(secrets.map(({ name }) => name)).not.toContain('RV_ENROL')
  })
})

it.each(ACTIONS)('README.md explains every secret that $name reads', ({ code }) => {
  const readme = read('README.md')
  expect(secretsIn(code).length).toBeGreaterThan(5)
  // Those beginning with RV- are codes shown to people; secrets are written as code.
  expect(secretsIn(code).filter((name) => !readme.includes(`| \`${name}\``))).toEqual([])
})
