/** The human check: an answer is good once, for its own session token, and everything else is not passed. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createContext, runInContext } from 'node:vm'
import { solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/web/sha'
import type { Challenge } from 'altcha-lib/types'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseTenants } from '../../src/verifier/config-tenants.ts'
import type { Session } from '../../src/verifier/domain/session.ts'
import { HUMAN_WORKER } from '../../src/verifier/http/human-worker.ts'
import { bindingOf, type HumanCheck } from '../../src/verifier/human-check.ts'
import { createHumanChecks } from '../../src/verifier/human-check-tenants.ts'
import { createTurnstileCheck } from '../../src/verifier/human-check-turnstile.ts'
import { createWorkCheck } from '../../src/verifier/human-check-work.ts'
import { ACME, sessionOf, TOKEN, testApp } from '../support/app.ts'

const SECRET = 'a secret of the service for tests, long enough'
const session = sessionOf()
const another = { ...session, tokenId: 'jti-2' } as Session
let draws = 0
const random = (bytes: number) => {
  draws += 1
  return new Uint8Array(bytes).fill(draws)
}
const work = (secret = SECRET) => createWorkCheck({ work: 300, secret, random })

async function challengeOf(check: HumanCheck, of = session): Promise<Challenge> {
  const question = await check.ask(of)
  if (question.kind !== 'proof_of_work') throw new Error(question.kind)
  return JSON.parse(question.challenge) as Challenge
}

async function solved(challenge: Challenge) {
  const solution = await solveChallenge({ challenge, deriveKey })
  if (solution === null) throw new Error('not solved')
  return solution
}

describe('proof of work', () => {
  it('passes once it is done', async () => {
    const check = work()
    const challenge = await challengeOf(check)
    const answer = JSON.stringify({ challenge, solution: await solved(challenge) })
    expect(await check.verify(session, answer)).toBe('passed')
  })

  it('is bounded: the hidden number is below what was configured', async () => {
    for (let tries = 0; tries < 20; tries += 1) {
      const { counter } = await solved(await challengeOf(work()))
      expect(counter).toBeLessThan(300)
    }
  })

  it('is done by the page’s own program as the library does it', async () => {
    const challenge = await challengeOf(work())
    const told = new Promise<unknown>((resolve) => {
      const self: { onmessage?: (event: object) => void; postMessage: typeof resolve } = {
        postMessage: resolve,
      }
      runInContext(HUMAN_WORKER, createContext({ self, crypto: globalThis.crypto, Uint8Array }))
      self.onmessage?.({ data: challenge.parameters })
    })
    const { counter, derivedKey } = await solved(challenge)
    expect(await told).toEqual({ counter, derivedKey })
  })

  it('fails for another session token: an answer cannot be used again', async () => {
    const check = work()
    const challenge = await challengeOf(check)
    const answer = JSON.stringify({ challenge, solution: await solved(challenge) })
    expect(await check.verify(another, answer)).toBe('failed')
    const elsewhere = { ...session, tenantId: 'other' } as Session
    expect(await check.verify(elsewhere, answer)).toBe('failed')
  })

  it.each([
    ['another number', { counter: 301 }],
    ['another key', { derivedKey: '00'.repeat(32) }],
    ['the right key under another number', { counter: 0.5 }],
    ['no number', { counter: undefined }],
  ])('fails with %s', async (_, change) => {
    const check = work()
    const challenge = await challengeOf(check)
    const solution = { ...(await solved(challenge)), ...change }
    expect(await check.verify(session, JSON.stringify({ challenge, solution }))).toBe('failed')
  })

  it.each([
    ['less work', (parameters: object) => ({ ...parameters, keyPrefix: '00' })],
    ['another token', (parameters: object) => ({ ...parameters, data: { token: 'x' } })],
    ['another salt', (parameters: object) => ({ ...parameters, salt: '00' })],
    ['another algorithm', (parameters: object) => ({ ...parameters, algorithm: 'PBKDF2/SHA-256' })],
  ])('is not passed with a challenge that asks for %s', async (_, change) => {
    const check = work()
    const challenge = await challengeOf(check)
    const solution = await solved(challenge)
    const forged = { ...challenge, parameters: change(challenge.parameters) }
    const answer = JSON.stringify({ challenge: forged, solution })
    expect(await check.verify(session, answer)).toBeUndefined()
  })

  it('of a secret that was replaced meanwhile is not answered, which locks nobody out', async () => {
    const challenge = await challengeOf(work('the secret before this one, as long as it'))
    const answer = JSON.stringify({ challenge, solution: await solved(challenge) })
    expect(await work().verify(session, answer)).toBeUndefined()
  })

  it.each([
    ['nothing', undefined],
    ['an empty field', ''],
    ['no JSON', '{'],
    ['null', 'null'],
    ['a number', '7'],
    ['empty parts', '{"challenge":{},"solution":{}}'],
    ['null parts', '{"challenge":{"parameters":null,"signature":"x"},"solution":null}'],
    ['an unsigned challenge', '{"challenge":{"parameters":{}},"solution":{"counter":1}}'],
    ['a megabyte', 'x'.repeat(1_000_000)],
    [
      'deep nesting',
      `{"challenge":{"parameters":${'['.repeat(900)}${']'.repeat(900)},"signature":"x"},"solution":{}}`,
    ],
  ])('is not answered by %s', async (_, answer) =>
    expect(await work().verify(session, answer)).toBeUndefined(),
  )
})

describe('Turnstile', () => {
  let server: Server
  let url: string
  let asked: URLSearchParams[]
  let reply: (form: URLSearchParams) => unknown
  const good = () => ({
    success: true,
    'error-codes': [],
    hostname: 'verify.example.com',
    action: 'verify',
    cdata: bindingOf(session),
  })

  /** Answers as siteverify does: JSON, whatever it says. */
  beforeEach(async () => {
    asked = []
    reply = good
    server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      const form = new URLSearchParams(body)
      asked.push(form)
      const answer = reply(form)
      if (answer === 'silence') return
      if (answer === 'elsewhere') response.writeHead(302, { location: '/other' }).end()
      else if (answer === 'broken') response.writeHead(502).end('<h1>Bad gateway</h1>')
      else response.end(JSON.stringify(answer))
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/turnstile/v0/siteverify`
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  const check = (deadlineMilliseconds = 5000) =>
    createTurnstileCheck({
      siteKey: '1x00000000000000000000AA',
      secret: 'turnstile-secret',
      hostname: 'verify.example.com',
      fetch,
      siteverify: url,
      deadlineMilliseconds,
    })

  it('passes what siteverify says is ours', async () => {
    expect(await check().verify(session, 'the-token')).toBe('passed')
    const [form] = asked
    expect(form?.get('secret')).toBe('turnstile-secret')
    expect(form?.get('response')).toBe('the-token')
    expect(form?.get('idempotency_key')).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    )
    expect([...(form?.keys() ?? [])]).not.toContain('remoteip')
  })

  it.each([
    ['another action', { action: 'login' }],
    ['another site', { hostname: 'verify.example.net' }],
    ['another session token', { cdata: bindingOf(another) }],
    ['no binding', { cdata: undefined }],
  ])('fails a token that was made for %s', async (_, change) => {
    reply = () => ({ ...good(), ...change })
    expect(await check().verify(session, 'the-token')).toBe('failed')
  })

  it('fails a token that Cloudflare never made', async () => {
    reply = () => ({ success: false, 'error-codes': ['invalid-input-response'] })
    expect(await check().verify(session, 'made-up')).toBe('failed')
  })

  it('takes a token once, and the same browser’s second try for the same one', async () => {
    const keys = new Map<string, string>()
    reply = (form) => {
      const [token, key] = [form.get('response') ?? '', form.get('idempotency_key') ?? '']
      const first = keys.get(token) ?? key
      keys.set(token, first)
      return first === key ? good() : { success: false, 'error-codes': ['timeout-or-duplicate'] }
    }
    expect(await check().verify(session, 'the-token')).toBe('passed')
    expect(await check().verify(session, 'the-token')).toBe('passed')
    expect(await check().verify(another, 'the-token')).toBeUndefined()
  })

  it.each([
    ['an expired or spent token', { success: false, 'error-codes': ['timeout-or-duplicate'] }],
    ['our own wrong secret', { success: false, 'error-codes': ['invalid-input-secret'] }],
    ['a failure inside', { success: false, 'error-codes': ['internal-error'] }],
    ['a word for success', { ...{ success: 'true' } }],
    ['nothing of the sort', []],
    ['null', null],
    ['a broken gateway', 'broken'],
    ['a redirect', 'elsewhere'],
  ])('neither passes nor fails on %s', async (_, answer) => {
    reply = () => answer
    expect(await check().verify(session, 'the-token')).toBeUndefined()
  })

  it('waits no longer than its deadline for one that says nothing', async () => {
    reply = () => 'silence'
    expect(await check(50).verify(session, 'the-token')).toBeUndefined()
    expect(asked).toHaveLength(1)
  })

  it('neither passes nor fails when it cannot be reached', async () => {
    const away = check()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    expect(await away.verify(session, 'the-token')).toBeUndefined()
    server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
  })

  it.each([undefined, '', 'x'.repeat(2049)])('is not asked about %s', async (answer) => {
    expect(await check().verify(session, answer)).toBeUndefined()
    expect(asked).toEqual([])
  })
})

describe('a tenant’s human check', () => {
  const deps = {
    secrets: new Map(),
    serviceSecret: SECRET,
    publicOrigin: 'https://verify.example.com',
    random,
    fetch,
  }
  const proving = { ...ACME, humanCheck: { kind: 'proof_of_work', work: 50 } } as const
  const turnstile = { ...ACME, humanCheck: { kind: 'turnstile', siteKey: 'KEY' } } as const
  const appFor = (tenant: typeof proving | typeof turnstile | typeof ACME) => {
    const tenants = new Map([[tenant.id, tenant]])
    const secrets = new Map([
      ['acme', { session: ['a'], continue: ['b'], turnstile: 'secret' } as const],
    ])
    return testApp({ tenants, humanChecks: createHumanChecks({ ...deps, tenants, secrets }) })
  }
  const policyOf = (response: Response) => response.headers.get('content-security-policy') ?? ''

  it('is off unless it is configured: no question, no worker, the page’s policy as it was', async () => {
    const app = appFor(ACME)
    const response = await app.open()
    expect(await response.text()).not.toMatch(/data-challenge=|cf-turnstile/)
    expect(policyOf(response)).not.toMatch(/worker-src|trusted-types redirect|challenges/)
    expect((await app.request('/verify/worker')).status).toBe(404)
    await app.post({ human: 'x' })
    expect(app.assessed[0]?.visit).not.toHaveProperty('humanChallenge')
  })

  it('asks for work under a policy that lets in our own worker and nothing else', async () => {
    const response = await appFor(proving).open()
    expect(await response.text()).toContain(
      'name="human" value="" data-challenge="{&quot;parameters',
    )
    const directives = policyOf(response).split('; ')
    expect(directives).toContain("worker-src 'self'")
    expect(directives).toContain('trusted-types redirect-verifier')
    expect(directives).toContain("require-trusted-types-for 'script'")
    expect(directives).toContain("default-src 'none'")
  })

  it('serves the worker as a script that can reach nothing', async () => {
    const app = appFor(proving)
    const response = await app.request('/verify/worker')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(policyOf(response)).toMatch(/^default-src 'none'/)
    expect(await response.text()).toBe(HUMAN_WORKER)
    expect((await app.request('/verify/worker', { method: 'POST' })).status).toBe(405)
  })

  it('hands a verified answer to the decision', async () => {
    const app = appFor(proving)
    const html = await (await app.open()).text()
    const [, text = ''] = /data-challenge="([^"]*)"/.exec(html) ?? []
    const challenge = JSON.parse(text.replaceAll('&quot;', '"')) as Challenge
    const solution = await solved(challenge)
    await app.post({ human: JSON.stringify({ challenge, solution }) })
    await app.post({
      human: JSON.stringify({ challenge, solution: { ...solution, counter: 0.5 } }),
    })
    await app.post()
    expect(app.assessed.map(({ visit }) => visit.humanChallenge)).toEqual([
      'passed',
      'failed',
      undefined,
    ])
  })

  it('takes a repeated answer for none, though each of them is good', async () => {
    const app = appFor(proving)
    const html = await (await app.open()).text()
    const [, text = ''] = /data-challenge="([^"]*)"/.exec(html) ?? []
    const challenge = JSON.parse(text.replaceAll('&quot;', '"')) as Challenge
    const answer = JSON.stringify({ challenge, solution: await solved(challenge) })
    const post = (times: number) =>
      app.request('/verify', {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          cookie: `__Host-rv=${'B'.repeat(43)}`,
          origin: 'https://verify.example.com',
        },
        body: new URLSearchParams([
          ['session_token', TOKEN],
          ['state', 'S1'],
          ...Array.from({ length: times }, () => ['human', answer]),
        ]),
      })
    await post(1)
    await post(2)
    expect(app.assessed.map(({ visit }) => visit.humanChallenge)).toEqual(['passed', undefined])
  })

  it('shows Turnstile’s widget, bound to the session token, under a policy that names Cloudflare', async () => {
    const response = await appFor(turnstile).open()
    const html = await response.text()
    expect(html).toContain(`data-cdata="${bindingOf(session)}"`)
    expect(html).toContain('data-sitekey="KEY" data-action="verify"')
    expect(policyOf(response)).toMatch(/script-src '[^']+' https:\/\/challenges\.cloudflare\.com;/)
    expect(policyOf(response)).toContain('frame-src https://challenges.cloudflare.com')
  })

  it.each([
    [
      'proof of work at its default',
      { kind: 'proof_of_work' },
      { kind: 'proof_of_work', work: 50_000 },
    ],
    ['proof of work', { kind: 'proof_of_work', work: 9000 }, { kind: 'proof_of_work', work: 9000 }],
    ['Turnstile', { kind: 'turnstile', site_key: 'K-1' }, { kind: 'turnstile', siteKey: 'K-1' }],
    ['nothing', undefined, undefined],
  ])('is configured as %s', (_, human_check, expected) => {
    const text = JSON.stringify([{ id: 'acme', hosts: ['acme.eu.auth0.com'], human_check }])
    const tenants = parseTenants(text, (fault) => expect.fail(fault))
    expect(tenants?.get('acme')?.humanCheck).toEqual(expected)
  })

  it.each([
    [{ kind: 'captcha' }, 'human_check'],
    [{ kind: 'proof_of_work', work: 10 }, 'human_check.work'],
    [{ kind: 'proof_of_work', work: 9_000_000 }, 'human_check.work'],
    [{ kind: 'turnstile' }, 'human_check.site_key'],
    [{ kind: 'turnstile', site_key: '"><script>' }, 'human_check.site_key'],
    [{ kind: 'proof_of_work', secret: 'x' }, 'human_check'],
  ])('is refused as %j, by name', (human_check, name) => {
    const faults: string[] = []
    const text = JSON.stringify([{ id: 'acme', hosts: ['acme.eu.auth0.com'], human_check }])
    expect(parseTenants(text, (fault) => faults.push(fault))).toBeUndefined()
    expect(faults.join()).toContain(name)
  })

  it('does not start with Turnstile and no secret for it, and says which is missing', () => {
    const tenants = new Map([['acme', turnstile]])
    expect(() => createHumanChecks({ ...deps, tenants })).toThrow(/RV_SECRETS\.acme\.turnstile/)
  })
})
