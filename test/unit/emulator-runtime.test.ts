/** The runtime around an Action: loading, instances, logs, the clock. Failures and `api` have their own files. */
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { afterAll, describe, expect, it } from 'vitest'
import type { LegInput } from '../../src/emulator/runtime/execution.ts'
import { createRuntime, type RuntimeNotice } from '../../src/emulator/runtime/runtime.ts'
import { ACTION, handler, legOf, NOW_MS } from './support/action-probe.ts'

const notices: RuntimeNotice[] = []
const runtime = createRuntime({ frozenClock: true, onNotice: (notice) => notices.push(notice) })
afterAll(() => runtime.close())

const logOf = async (code: string, change: Partial<LegInput> = {}) => {
  const { log, error } = await runtime.run(legOf(code, change))
  expect(error).toBeUndefined()
  return log
}
const errorOf = async (code: string, change: Partial<LegInput> = {}) => {
  const { error } = await runtime.run(legOf(code, change))
  return error === undefined ? undefined : `${error.class} ${error.name}: ${error.message}`
}
const NOT_ASYNC = (name: string) =>
  `action_error Error: Invalid function signature for the "${name}" handler. Use "exports.${name} = async function(event, api) { }" as the signature.`

describe('loading an Action', () => {
  it.each([
    ['exports.x', "exports.onExecutePostChallenge = async () => console.log('ran')"],
    [
      'module.exports',
      "module.exports = { onExecutePostChallenge: async () => console.log('ran') }",
    ],
    [
      'module.exports.x, as in seed 003',
      "module.exports.onExecutePostChallenge = async (event, api) => { console.log('ran') };",
    ],
    [
      'a named async function',
      "async function f() { console.log('ran') }; exports.onExecutePostChallenge = f",
    ],
    [
      'an async method',
      "module.exports = { async onExecutePostChallenge() { console.log('ran') } }",
    ],
  ])('takes handlers by %s', async (_, code) => {
    expect(await logOf(code)).toBe('ran\n')
  })

  it.each([
    ['no handler', 'exports.onPostChallenge = async () => {}'],
    ['a plain function', 'exports.onExecutePostChallenge = () => {}'],
    [
      'a function that returns a promise',
      'exports.onExecutePostChallenge = () => Promise.resolve()',
    ],
    ['an async generator', 'exports.onExecutePostChallenge = async function* () {}'],
    ['an object', 'exports.onExecutePostChallenge = {}'],
    ['null', 'exports.onExecutePostChallenge = null'],
  ])('refuses %s with the text of Auth0', async (_, code) => {
    expect(await errorOf(code)).toBe(NOT_ASYNC('onExecutePostChallenge'))
  })

  it.each([
    ['password-reset-post-challenge', 'onContinuePostChallenge'],
    ['post-login', 'onExecutePostLogin'],
    ['post-login', 'onContinuePostLogin'],
  ] as const)('needs the %s handler %s to exist', async (trigger, entrypoint) => {
    const code = 'exports.onExecutePostChallenge = async () => {}'
    expect(await errorOf(code, { trigger, entrypoint })).toBe(NOT_ASYNC(entrypoint))
  })

  it.each(['null', '() => {}', "'text'", 'undefined'])(
    'refuses module.exports = %s',
    async (value) => {
      expect(await errorOf(`module.exports = ${value}`)).toBe(
        'action_error Error: The Action must export an object.',
      )
    },
  )

  it('has module, exports, require and console, and neither __dirname nor __filename', async () => {
    const names = ['module', 'exports', 'require', 'console', '__dirname', '__filename', 'fetch']
    const code = handler(`console.log(${names.map((name) => `typeof ${name}`).join(', ')})`)
    expect(await logOf(code)).toBe('object object function object undefined undefined function\n')
  })

  it('ignores what the handler returns', async () => {
    const { commands, error } = await runtime.run(legOf(handler("return { deny: 'me' }")))
    expect(commands).toEqual([])
    expect(error).toBeUndefined()
  })

  it('adds the secrets of the Action to the event, and no others', async () => {
    const code = handler('console.log(JSON.stringify(event.secrets), typeof event.secrets.NOPE)')
    expect(await logOf(code)).toBe('{"MY_SECRET":"my_secret_password"} undefined\n')
  })

  it('gives each leg its own event and secrets', async () => {
    const leg = legOf(
      handler(`
        console.log(event.user.user_id, event.secrets.MY_SECRET.length)
        event.user.user_id = 'changed'
        event.secrets.MY_SECRET = ''`),
    )
    expect((await runtime.run(leg)).log).toBe('auth0|1 18\n')
    expect((await runtime.run(leg)).log).toBe('auth0|1 18\n')
  })
})

const COUNTING = 'let count = 0; exports.onExecutePostChallenge = async () => console.log(++count)'

describe('a warm instance', () => {
  it('keeps module-level state from one execution to the next', async () => {
    const leg = legOf(COUNTING)
    expect((await runtime.run(leg)).log).toBe('1\n')
    expect((await runtime.run(leg)).log).toBe('2\n')
  })

  it('runs top-level code once, at the first execution, and logs it there', async () => {
    const leg = legOf(`console.log('top'); ${handler("console.log('handler')")}`)
    expect((await runtime.run(leg)).log).toBe('top\nhandler\n')
    expect((await runtime.run(leg)).log).toBe('handler\n')
  })

  it('throws a top-level error again at every execution, without running it again', async () => {
    const leg = legOf(`console.log('top'); throw new RangeError('at load'); ${COUNTING}`)
    const first = await runtime.run(leg)
    const second = await runtime.run(leg)
    expect([first.error, second.error]).toEqual([
      expect.objectContaining({ name: 'RangeError', message: 'at load', class: 'action_error' }),
      expect.objectContaining({ name: 'RangeError', message: 'at load', class: 'action_error' }),
    ])
    expect([first.log, second.log]).toEqual(['top\n', ''])
  })

  it('belongs to one version of one Action', async () => {
    const leg = legOf(COUNTING)
    await runtime.run(leg)
    const next = { ...leg, action: { ...leg.action, version: 2 } }
    expect((await runtime.run(next)).log).toBe('1\n')
  })

  it('runs one leg at a time: legs side by side meet different instances', async () => {
    const leg = legOf(
      `let busy = false; ${handler(`
      if (busy) throw new Error('two legs in one instance')
      busy = true
      await new Promise((resolve) => setTimeout(resolve, 20))
      busy = false`)}`,
    )
    const results = await Promise.all(Array.from({ length: 8 }, () => runtime.run(leg)))
    expect(results.map(({ error }) => error)).toEqual(Array(8).fill(undefined))
  })

  it('is cold after a reset', async () => {
    const own = createRuntime()
    const leg = legOf(COUNTING)
    await own.run(leg)
    await own.reset()
    expect((await own.run(leg)).log).toBe('1\n')
    await own.close()
  })

  it('instances: cold_after_redirect gives a continue handler a new one, warm does not', async () => {
    const code = `let count = 0
      exports.onExecutePostChallenge = exports.onContinuePostChallenge = async () => console.log(++count)`
    const run = async (instances: 'warm' | 'cold_after_redirect' | 'always_cold') => {
      const own = createRuntime({ switches: { instances } })
      const leg = legOf(code)
      const logs: string[] = []
      for (const entrypoint of [
        'onExecutePostChallenge',
        'onExecutePostChallenge',
        'onContinuePostChallenge',
      ] as const) {
        logs.push((await own.run({ ...leg, entrypoint })).log.trim())
      }
      await own.close()
      return logs.join(' ')
    }
    expect(await run('warm')).toBe('1 2 3')
    expect(await run('cold_after_redirect')).toBe('1 2 1')
    expect(await run('always_cold')).toBe('1 1 1')
  })

  it('reads its switches anew for each leg, and takes an object that holds more', async () => {
    const switches = { instances: 'warm' as 'warm' | 'always_cold', ofTheTenant: () => true }
    const own = createRuntime({ switches })
    const leg = legOf(COUNTING)
    await own.run(leg)
    expect((await own.run(leg)).log).toBe('2\n')
    switches.instances = 'always_cold'
    expect((await own.run(leg)).log).toBe('1\n')
    await own.close()
  })

  it('a closed runtime runs nothing and says so', async () => {
    const own = createRuntime()
    await own.close()
    const { error, commands } = await own.run(legOf(handler("api.access.deny('x')")))
    expect(error).toEqual({
      class: 'platform_error',
      name: 'Error',
      message: 'The runtime is closed.',
    })
    expect(commands).toEqual([])
  })

  it('a reset in the middle of a leg ends it as a platform error', async () => {
    const own = createRuntime()
    const running = own.run(legOf(handler('await new Promise(() => setInterval(() => {}, 1000))')))
    await new Promise((resolve) => setImmediate(resolve))
    await own.reset()
    expect((await running).error?.class).toBe('platform_error')
    await own.close()
  })
})

describe('the log', () => {
  it('holds log, info, warn and error in order, from both streams', async () => {
    const body =
      "console.log('a'); console.error('b'); console.info('%d%%', 5); process.stderr.write('c\\n'); console.warn({ d: 1 }); process.stdout.write('e\\n')"
    expect(await logOf(handler(body))).toBe('a\nb\n5%\nc\n{ d: 1 }\ne\n')
  })

  it('holds a trace with its stack', async () => {
    expect(await logOf(handler("console.trace('here')"))).toMatch(/^Trace: here\n {4}at /)
  })

  it('is cut at 256 KiB, to the byte', async () => {
    const log = await logOf(
      handler("for (let i = 0; i < 300; i += 1) console.log('x'.repeat(1023))"),
    )
    expect(Buffer.byteLength(log)).toBe(256 * 1024)
  })

  it('drops what is written after the handler settled, and tells of it', async () => {
    const leg = legOf(
      `let late; ${handler(`
        console.log('before')
        const write = (done) => setTimeout(() => { console.log('after'); done() }, 0)
        if (event.late) late = new Promise(write)
        else await late`)}`,
    )
    const first = await runtime.run({ ...leg, event: { late: true } })
    const second = await runtime.run({ ...leg, event: { late: false } })
    expect(first.log).toBe('before\n')
    expect(second.log).toBe('before\n')
    expect(notices).toContainEqual({ kind: 'late_output', action: 'probe', detail: 'after\n' })
  })

  it('a command after the handler settled has no effect, and is told of', async () => {
    const leg = legOf(
      `let late; ${handler(`
        const deny = (done) => setTimeout(() => { api.access.deny('too late'); done() }, 0)
        if (event.late) late = new Promise(deny)
        else await late`)}`,
    )
    expect((await runtime.run({ ...leg, event: { late: true } })).commands).toEqual([])
    expect((await runtime.run({ ...leg, event: { late: false } })).commands).toEqual([])
    expect(notices).toContainEqual({
      kind: 'late_command',
      action: 'probe',
      detail: 'access.deny',
    })
  })
})

describe('the clock', () => {
  it("is the tenant's, in every way to ask for it", async () => {
    const body = `
      const at = ${NOW_MS}
      console.log(Date.now() === at, new Date().getTime() === at, Date() === new Date(at).toString(),
        new Date() instanceof Date, new (new Date().constructor)().getTime() === at,
        new Date(0).toISOString(), Date.UTC(1970, 0), typeof Date.parse)`
    expect(await logOf(handler(body))).toBe(
      'true true true true true 1970-01-01T00:00:00.000Z 0 function\n',
    )
  })

  it('moves on during a leg, unless it is frozen', async () => {
    const own = createRuntime()
    const body = `
      const start = Date.now()
      while (Date.now() - start < 5) await new Promise((resolve) => setTimeout(resolve, 1))
      console.log(start >= ${NOW_MS})`
    expect((await own.run(legOf(handler(body)))).log).toBe('true\n')
    await own.close()
  })

  it('follows the tenant from leg to leg, backwards as well', async () => {
    const leg = legOf(handler('console.log(Date.now())'))
    expect((await runtime.run({ ...leg, nowMs: 5000 })).log).toBe('5000\n')
    expect((await runtime.run({ ...leg, nowMs: 4000 })).log).toBe('4000\n')
  })
})

describe('require', () => {
  const requiring = (what: string) =>
    handler(`console.log(typeof require(${JSON.stringify(what)}))`)

  it('gives what is built into Node', async () => {
    const names = ['crypto', 'node:crypto', 'fs/promises', 'util', 'node:test']
    const log = await logOf(
      handler(`for (const name of ${JSON.stringify(names)}) console.log(typeof require(name))`),
    )
    expect(log).toBe('object\nobject\nobject\nobject\nfunction\n')
  })

  it.each([
    [
      'an installed but undeclared module',
      'jose',
      "Cannot find module 'jose'\nRequire stack:\n- probe.js",
    ],
    ['a relative file', './helper', "Cannot find module './helper'\nRequire stack:\n- probe.js"],
    [
      'an unknown Action Module',
      'actions:x',
      "Cannot find module 'actions:x'\nRequire stack:\n- probe.js",
    ],
    ['an unknown built-in', 'node:nothing', 'No such built-in module: node:nothing'],
  ])('refuses %s', async (_, name, message) => {
    expect(await errorOf(requiring(name))).toBe(`action_error Error: ${message}`)
  })

  const declaring = (version: string) => ({
    action: {
      ...ACTION,
      id: `act_declaring_${version}`,
      code: requiring('jose'),
      dependencies: [{ name: 'jose', version }],
      resolveFrom: import.meta.dirname,
    },
  })

  it('gives a declared npm module from where the Action says', async () => {
    expect(await logOf('', declaring('latest'))).toBe('object\n')
    expect(notices.filter(({ kind }) => kind === 'dependency_version')).toEqual([])
  })

  it('tells when the installed version is another than the declared one', async () => {
    expect(await logOf('', declaring('1.2.3'))).toBe('object\n')
    expect(notices).toContainEqual({
      kind: 'dependency_version',
      action: 'probe',
      detail: expect.stringMatching(/^probe declares jose@1\.2\.3, installed is \d/),
    })
  })

  it('gives an Action Module its own secrets, compiled once', async () => {
    const code = `const mine = require('actions:mine'); ${handler(
      "console.log(mine.secret(), require('actions:mine') === mine, typeof actions)",
    )}`
    const action = {
      ...ACTION,
      id: 'act_with_module',
      code,
      modules: [
        {
          name: 'mine',
          code: "console.log('compiled'); exports.secret = () => actions.secrets.KEY",
          secrets: { KEY: 'of the module' },
        },
      ],
    }
    expect(await logOf('', { action })).toBe('compiled\nof the module true undefined\n')
  })

  it('throws the same error of a broken Action Module each time', async () => {
    const code = handler(`
      const seen = []
      for (const _ of [1, 2]) try { require('actions:broken') } catch (error) { seen.push(error) }
      console.log(seen[0].message, seen[0] === seen[1])`)
    const modules = [{ name: 'broken', code: "throw new Error('broken module')", secrets: {} }]
    const action = { ...ACTION, id: 'act_with_broken_module', code, modules }
    expect(await logOf('', { action })).toBe('broken module true\n')
  })
})

describe('the environment of a thread', () => {
  it('refuses every way to write a file', async () => {
    const file = join(tmpdir(), 'x')
    const ways = [
      "fs.writeFileSync(file, '')",
      'fs.createWriteStream(file)',
      "fs.openSync(file, 'a')",
      'fs.openSync(file, fs.constants.O_CREAT)',
      'fs.mkdtempSync(file)',
      "fs.writeFile(file, '', () => {})",
      "await fs.promises.writeFile(file, '')",
      "await fs.promises.open(file, 'w')",
      "await require('fs/promises').rm(file)",
    ]
    const tried = ways.map(
      (way) => `try { ${way}; console.log('wrote') } catch (error) { console.log(error.code) }`,
    )
    const log = await logOf(
      handler(`const fs = require('fs'); const file = ${JSON.stringify(file)}; ${tried.join(';')}`),
    )
    expect(log).toBe('ERR_ACCESS_DENIED\n'.repeat(ways.length))
  })

  it('files can be read', async () => {
    const body = `console.log(require('fs').readFileSync(${JSON.stringify(import.meta.filename)}, 'utf8').length > 0)`
    expect(await logOf(handler(body))).toBe('true\n')
  })

  it.each(['process.kill(process.pid)', "require('child_process').spawn('true')"])(
    '%s is refused: it would reach the emulator itself',
    async (snippet) => {
      expect(await errorOf(handler(snippet))).toMatch(/^action_error Error: not emulated: /)
    },
  )

  it("sees none of the emulator's environment variables", async () => {
    expect(await logOf(handler('console.log(Object.keys(process.env).length)'))).toBe('0\n')
  })

  it('reaches *.localhost and the named hosts on 127.0.0.1, with fetch, http and dns', async () => {
    const server = createServer((request, response) => response.end(`for ${request.headers.host}`))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const own = createRuntime({ loopbackHosts: ['login.example.test'] })
    const { log, error } = await own.run(
      legOf(
        handler(`
          for (const host of ['verify.localhost', 'a.b.localhost', 'login.example.test'])
            console.log(await (await fetch('http://' + host + ':${port}/')).text())
          const { get } = require('node:http')
          const status = await new Promise((resolve, reject) =>
            get('http://verify.localhost:${port}/', (response) => resolve(response.statusCode)).on('error', reject))
          const { promisify } = require('node:util')
          const { lookup } = require('node:dns')
          console.log(status, JSON.stringify(await promisify(lookup)('x.localhost')))`),
      ),
    )
    await own.close()
    await new Promise((resolve) => server.close(resolve))
    expect(error).toBeUndefined()
    expect(log.trim().split('\n')).toEqual([
      `for verify.localhost:${port}`,
      `for a.b.localhost:${port}`,
      `for login.example.test:${port}`,
      '200 {"address":"127.0.0.1","family":4}',
    ])
  })

  it('trusts the certificates it is given, and no other of its own', async () => {
    const names = [{ type: 2 as const, value: 'verify.localhost' }]
    const { cert, private: key } = await generate(
      [{ name: 'commonName', value: 'verify.localhost' }],
      {
        extensions: [{ name: 'subjectAltName', altNames: names }],
      },
    )
    const server = createSecureServer({ cert, key }, (_, response) => response.end('secure'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const leg = legOf(
      handler(`console.log(await (await fetch('https://verify.localhost:${port}/')).text())`),
    )
    const trusting = createRuntime({ trustedCertificates: [cert] })
    expect((await trusting.run(leg)).log).toBe('secure\n')
    expect((await runtime.run(leg)).error).toMatchObject({ message: 'fetch failed' })
    await trusting.close()
    await new Promise((resolve) => server.close(resolve))
  })
})
