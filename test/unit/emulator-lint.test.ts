/**
 * Every rule of `lint` with a sample that breaks it and one, a change away, that does not; then the
 * documentation's own samples and the reference Actions.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { lintAction, RULES } from '../../src/emulator/lint/lint.ts'

const rulesIn = (code: string) => lintAction(code).map(({ rule }) => rule)

const CONTINUE = `
exports.onContinuePostChallenge = async (event, api) => {
  try {
    const { sub, decision } = api.redirect.validateToken({ secret: event.secrets.BACK })
    if (sub === event.user.user_id && decision === 'allow') return
  } catch {}
  api.access.deny('no')
}`
const REDIRECT = "api.redirect.sendUserTo('https://verify.example')"
const post = (body: string, rest = CONTINUE) =>
  `exports.onExecutePostChallenge = async (event, api) => {\n${body}\n}\n${rest}`
const back = (body: string) =>
  post(REDIRECT, `exports.onContinuePostChallenge = async (event, api) => {\n${body}\n}`)
const token = (payload: string) =>
  post(`const token = api.redirect.encodeToken({ secret: event.secrets.OUT, payload: ${payload} })
  api.redirect.sendUserTo('https://verify.example', { query: { session_token: token } })`)
const login = (body: string) =>
  `exports.onExecutePostLogin = async (event, api) => {\n${body}\n}
exports.onContinuePostLogin = async (event, api) => {
  const { sub, ok } = api.redirect.validateToken({ secret: event.secrets.BACK })
  if (sub !== event.user.user_id || ok !== true) return api.access.deny('no')
}`

/** Rule → samples that break it, and the same without the mistake. */
const SAMPLES: Record<string, readonly (readonly [what: string, bad: string, good: string])[]> = {
  'wrong-handler-name': [
    [
      'a handler without Execute',
      'exports.onPostChallenge = async (event, api) => {}',
      'exports.onExecutePostChallenge = async (event, api) => {}',
    ],
    [
      'another case',
      'exports.onExecutePostlogin = async (event, api) => {}',
      'exports.onExecutePostLogin = async (event, api) => {}',
    ],
    [
      'in module.exports',
      'module.exports = { onContinuePostReset: async () => {} }',
      'module.exports = { onContinuePostChallenge: async () => {} }',
    ],
    ['no handler at all', 'const a = 1', 'exports.onExecutePostLogin = async () => {}'],
  ],
  'sync-handler': [
    [
      'an arrow function',
      'exports.onExecutePostLogin = (event, api) => {}',
      'exports.onExecutePostLogin = async (event, api) => {}',
    ],
    [
      'a function that returns a promise',
      'exports.onExecutePostLogin = function (event, api) { return Promise.resolve() }',
      'exports.onExecutePostLogin = async function (event, api) {}',
    ],
    [
      'a declared function',
      'function handle() {}\nexports.onExecutePostLogin = handle',
      'async function handle() {}\nexports.onExecutePostLogin = handle',
    ],
    [
      'a wrapped one',
      'exports.onExecutePostLogin = wrap(async (event, api) => {})',
      'exports.onExecutePostLogin = async (event, api) => wrap(event, api)',
    ],
    [
      'an async generator',
      'exports.onExecutePostLogin = async function* () {}',
      'exports.onExecutePostLogin = async function () {}',
    ],
  ],
  'missing-continue-handler': [
    ['after a redirect', post(REDIRECT, ''), post(REDIRECT)],
    [
      'after a redirect in a helper',
      post('go(api)', `const go = (api) => ${REDIRECT}`),
      post('go(api)', `const go = (api) => ${REDIRECT}\n${CONTINUE}`),
    ],
    ['after a form', post("api.prompt.render('ap_1')", ''), post("api.prompt.render('ap_1')")],
  ],
  'no-can-redirect': [
    [
      'in a login',
      login(REDIRECT),
      login(`if (!api.redirect.canRedirect()) return api.access.deny('no')\n${REDIRECT}`),
    ],
    [
      'in a login, protocol asked by hand',
      login(REDIRECT),
      login(`if (event.transaction?.protocol === 'oauth2-refresh-token') return\n${REDIRECT}`),
    ],
  ],
  'token-not-required': [
    ['an empty continue handler', back(''), post(REDIRECT)],
    [
      'only when one was sent',
      back(`if (event.request.query.session_token) {
        const { sub, ok } = api.redirect.validateToken({ secret: event.secrets.BACK })
        if (sub !== event.user.user_id || ok !== 1) return api.access.deny('no')
      }`),
      back(`if (event.request.query.session_token) {
        const { sub, ok } = api.redirect.validateToken({ secret: event.secrets.BACK })
        if (sub !== event.user.user_id || ok !== 1) return api.access.deny('no')
      } else return api.access.deny('no')`),
    ],
    [
      'a catch block that only logs',
      back(`try {
        const { sub, ok } = api.redirect.validateToken({ secret: event.secrets.BACK })
        if (sub !== event.user.user_id || ok !== 1) return api.access.deny('no')
      } catch (error) { console.log(error.message) }`),
      back(`try {
        const { sub, ok } = api.redirect.validateToken({ secret: event.secrets.BACK })
        if (sub !== event.user.user_id || ok !== 1) return api.access.deny('no')
      } catch (error) { console.log(error.message); return api.access.deny('no') }`),
    ],
  ],
  'answer-not-read': [
    [
      'thrown away',
      back('api.redirect.validateToken({ secret: event.secrets.BACK })'),
      post(REDIRECT),
    ],
    [
      'a variable nobody reads',
      back('const answer = api.redirect.validateToken({ secret: event.secrets.BACK })'),
      back(`const answer = api.redirect.validateToken({ secret: event.secrets.BACK })
      if (answer.sub !== event.user.user_id || answer.ok !== 1) return api.access.deny('no')`),
    ],
  ],
  'sub-not-compared': [
    [
      'only the decision',
      back(`const answer = api.redirect.validateToken({ secret: event.secrets.BACK })
      if (answer.decision !== 'allow') return api.access.deny('no')`),
      back(`const answer = api.redirect.validateToken({ secret: event.secrets.BACK })
      if (answer.sub !== event.user.user_id || answer.decision !== 'allow') return api.access.deny('no')`),
    ],
  ],
  'secret-in-payload': [
    ['by its path', token('{ key: event.secrets.API_KEY }'), token("{ key: 'public' }")],
    [
      'by another name',
      post(`const { API_KEY: key } = event.secrets
      const payload = { key }
      const token = api.redirect.encodeToken({ secret: event.secrets.OUT, payload })
      ${REDIRECT}`),
      post(`const { API_KEY: key } = event.secrets
      const payload = { kind: 'reset' }
      const token = api.redirect.encodeToken({ secret: key, payload })
      ${REDIRECT}`),
    ],
    [
      'not as a comparison',
      token("{ mode: event.secrets.MODE ?? 'off' }"),
      token("{ off: event.secrets.MODE === 'off', set: !event.secrets.MODE }"),
    ],
    [
      'in the query',
      post(
        "api.redirect.sendUserTo('https://x.example', { query: { key: event.secrets['API_KEY'] } })",
      ),
      post("api.redirect.sendUserTo(event.secrets.URL, { query: { kind: 'reset' } })"),
    ],
    [
      'in a token made inside the query, unlike the secret that signs it',
      post(`api.redirect.sendUserTo('https://x.example', { query: {
        t: api.redirect.encodeToken({ secret: event.secrets.OUT, payload: { key: event.secrets.KEY } }),
      } })`),
      post(`api.redirect.sendUserTo('https://x.example', { query: {
        t: api.redirect.encodeToken({ secret: event.secrets.OUT, payload: { kind: 'reset' } }),
      } })`),
    ],
  ],
  'personal-data-in-payload': [
    ['the address', token('{ email: event.user.email }'), token('{ id: event.user.user_id }')],
    ['the whole user', token('{ user: event.user }'), token('{ user: event.user.user_id }')],
    ['spread', token('{ ...event.user }'), token('{ ...facts(event) }')],
    [
      'by another name',
      post(`const { email } = event.user
      ${REDIRECT}
      const token = api.redirect.encodeToken({ secret: event.secrets.OUT, payload: { email } })`),
      post(`const { email_verified } = event.user
      ${REDIRECT}
      const token = api.redirect.encodeToken({ secret: event.secrets.OUT, payload: { email_verified } })`),
    ],
    [
      'in what a function returns',
      `${token('factsOf(event)')}\nconst factsOf = ({ user }) => ({ who: user.name })`,
      `${token('factsOf(event)')}\nconst factsOf = ({ user }) => ({ since: user.created_at })`,
    ],
    [
      'not as a hash',
      token('{ who: String(event.user.email) }'),
      token("{ who: createHmac('sha256', key).update(event.user.email).digest('hex') }"),
    ],
    [
      'in the query',
      post("api.redirect.sendUserTo('https://x.example', { query: { e: event.user.email } })"),
      post("api.redirect.sendUserTo('https://x.example', { query: { e: event.user.user_id } })"),
    ],
  ],
  'payload-overrides-claims': [
    ['iss', token("{ iss: 'https://me.example/' }"), token("{ issuer: 'https://me.example/' }")],
    ['exp', token("{ 'exp': 99 }"), token('{ expires: 99 }')],
    ['state', token('{ state: 1 }'), token('{ step: 1 }')],
    [
      'in a constant',
      post(`const payload = { sub: 1 }
      const t = api.redirect.encodeToken({ secret: event.secrets.OUT, payload })\n${REDIRECT}`),
      post(`const payload = { subject: 1 }
      const t = api.redirect.encodeToken({ secret: event.secrets.OUT, payload })\n${REDIRECT}`),
    ],
  ],
  'deny-two-arguments': [
    ['a code and a text', post("api.access.deny('code', 'text')"), post("api.access.deny('text')")],
    [
      'where it takes two',
      "exports.onExecutePostLogin = async (event, api) => api.access.deny('a', 'b')",
      "exports.onExecutePreUserRegistration = async (event, api) => api.access.deny('a', 'b')",
    ],
  ],
  'work-after-deny': [
    [
      'in an if without return',
      post(`if (event.user.blocked) { api.access.deny('no') }\n${REDIRECT}`),
      post(`if (event.user.blocked) { return api.access.deny('no') }\n${REDIRECT}`),
    ],
    [
      'in the same block',
      post(`api.access.deny('no')\n${REDIRECT}`),
      post(`${REDIRECT}\napi.access.deny('no')`),
    ],
    [
      'return of another call',
      post(`if (event.user.blocked) api.access.deny('no')\nreturn ${REDIRECT}`),
      post(`if (event.user.blocked) api.access.deny('no')\nelse return ${REDIRECT}`),
    ],
    [
      'a log line is harmless',
      post("api.access.deny('no')\napi.cache.set('a', 'b')"),
      post("api.access.deny('no')\nconsole.log('denied')"),
    ],
    [
      'in a case that ends',
      post(`switch (1) { case 1: api.access.deny('no'); ${REDIRECT}; default: return }`),
      post(`switch (1) { case 1: api.access.deny('no'); break; default: ${REDIRECT} }`),
    ],
  ],
  'unenrolled-factor': [
    [
      'one type for everybody',
      post("api.authentication.challengeWith({ type: 'otp' })"),
      post(`if (event.user.enrolledFactors?.some(({ type }) => type === 'otp'))
        api.authentication.challengeWith({ type: 'otp' })`),
    ],
    [
      'several for everybody',
      post("api.authentication.challengeWithAny([{ type: 'otp' }, { type: 'phone' }])"),
      post(`api.authentication.challengeWithAny(
        (event.user.enrolledFactors ?? []).map(({ type }) => ({ type })))`),
    ],
  ],
  'enrolled-factors-unknown': [
    [
      'map at once',
      post('console.log(event.user.enrolledFactors.map((x) => x.type))'),
      post('console.log(event.user.enrolledFactors?.map((x) => x.type))'),
    ],
    [
      'asked before',
      post('console.log(event.user.enrolledFactors.length)'),
      post(
        'if (!event.user.enrolledFactors) return\nconsole.log(event.user.enrolledFactors.length)',
      ),
    ],
  ],
  'challenge-with-sms': [
    [
      'sms',
      post(
        "if (event.user.enrolledFactors) api.authentication.challengeWithAny([{ type: 'sms' }])",
      ),
      post(`if (event.user.enrolledFactors) api.authentication.challengeWithAny(
        [{ type: 'phone', options: { preferredMethod: 'sms' } }])`),
    ],
    [
      'among the additional factors',
      post(`if (event.user.enrolledFactors) api.authentication.challengeWith(
        { type: 'otp' }, { additionalFactors: [{ type: 'duo' }] })`),
      post(`if (event.user.enrolledFactors) api.authentication.challengeWith(
        { type: 'otp' }, { additionalFactors: [{ type: 'push-notification' }] })`),
    ],
  ],
  'cache-as-nonce-store': [
    [
      'a nonce kept for the way back',
      `${post(`api.cache.set('nonce', '1'); ${REDIRECT}`, '')}
      exports.onContinuePostChallenge = async (event, api) => {
        const { sub, nonce } = api.redirect.validateToken({ secret: event.secrets.BACK })
        if (sub !== event.user.user_id || nonce !== api.cache.get('nonce')?.value) return api.access.deny('no')
      }`,
      `${post(`api.cache.set('up', '1'); ${REDIRECT}`, '')}
      exports.onContinuePostChallenge = async (event, api) => {
        const { sub, ok } = api.redirect.validateToken({ secret: event.secrets.BACK })
        if (sub !== event.user.user_id || ok !== api.cache.get('config')?.value) return api.access.deny('no')
      }`,
    ],
  ],
  'module-level-state': [
    [
      'an assignment',
      `let last\n${post('last = event.user.user_id')}`,
      `let client\n${post('client ??= make(event.secrets.KEY)')}`,
    ],
    [
      'a map',
      `const seen = new Map()\n${post('seen.set(event.user.user_id, 1)')}`,
      `const seen = new Map()\n${post("seen.set('up', Date.now())")}`,
    ],
    [
      'a list, by another name',
      `const seen = []\n${post('const { user_id: id } = event.user\nseen.push(id)')}`,
      `const seen = []\n${post('const { user_id: id } = event.user\nconst own = []\nown.push(id)')}`,
    ],
    [
      'a key',
      `const seen = {}\n${post('seen[event.user.user_id] = true')}`,
      `const seen = {}\n${post('const seen = {}\nseen[event.user.user_id] = true')}`,
    ],
  ],
}

describe('lint', () => {
  it('has a sample for every rule, and no other', () => {
    expect(Object.keys(SAMPLES).sort()).toEqual(RULES.map(({ id }) => id).sort())
  })

  const rows = Object.entries(SAMPLES).flatMap(([rule, samples]) =>
    samples.map(([what, bad, good]) => ({ rule, what, bad, good })),
  )
  it.each(rows)('$rule: $what', ({ rule, bad, good }) => {
    expect(rulesIn(bad)).toContain(rule)
    expect(rulesIn(good)).not.toContain(rule)
  })

  it.each(rows)('finds nothing at all in the corrected sample of $rule: $what', ({ good }) => {
    const harmless = ['wrong-handler-name', 'missing-continue-handler']
    expect(rulesIn(good).filter((rule) => !harmless.includes(rule))).toEqual([])
  })

  it('says where, why, what to do and where it is written', () => {
    const [finding] = lintAction(post("  /* é😀 */ api.access.deny('a', 'b')"))
    expect(finding).toMatchObject({
      rule: 'deny-two-arguments',
      severity: 'error',
      line: 2,
      column: 12,
    })
    for (const rule of RULES)
      for (const text of [rule.why, rule.fix, rule.source]) expect(text).toMatch(/\w{3,}/)
  })

  it.each([
    ['no JavaScript', 'exports.a = ;', 'syntax'],
    ['an ES module', 'export const onExecutePostLogin = async () => {}', 'CommonJS'],
    ['TypeScript', 'exports.a = async (event: Event) => {}', 'syntax'],
  ])('says that it cannot read %s', (_, code, said) => {
    const findings = lintAction(code)
    expect(findings).toHaveLength(1)
    expect(JSON.stringify(findings[0])).toContain(said)
  })

  it('takes a return at the top, as Auth0 does', () => {
    expect(rulesIn('exports.onExecutePostLogin = async () => {}\nreturn')).toEqual([])
  })

  it('leaves alone a line that says so, for the rule it names', () => {
    const line = "api.access.deny('a', 'b')"
    expect(rulesIn(post(`${line} // lint-ignore deny-two-arguments: a test`))).toEqual([])
    expect(rulesIn(post(`// lint-ignore deny-two-arguments\n${line}`))).toEqual([])
    expect(rulesIn(post(`// lint-ignore work-after-deny\n${line}`))).toEqual(['deny-two-arguments'])
    expect(rulesIn(post(`// lint-ignore deny-two\n${line}`))).toEqual(['deny-two-arguments'])
  })

  it('finds nothing in an empty file but that it has no handler', () => {
    expect(rulesIn('')).toEqual(['wrong-handler-name'])
  })
})

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const scripts = (folder: string) =>
  readdirSync(fileURLToPath(new URL(folder, import.meta.url))).filter((name) =>
    name.endsWith('.js'),
  )

describe('the samples of the documentation', () => {
  it.each([
    ['access-deny', ['deny-two-arguments']],
    ['challenge-with', ['unenrolled-factor']],
    ['challenge-with-any', ['unenrolled-factor']],
    ['send-user-to', ['missing-continue-handler']],
    ['redirect-then-challenge', ['token-not-required', 'enrolled-factors-unknown']],
    ['cache-set', []],
    ['set-result-url', []],
  ])('%s has the mistakes the contract names', (name, rules) => {
    expect(rulesIn(read(`../corpora/seed-actions/${name}.js`))).toEqual(rules)
  })

  it.each(scripts('../corpora/seed-actions'))('%s can be read', (name) => {
    expect(rulesIn(read(`../corpora/seed-actions/${name}`))).not.toContain('syntax')
  })
})

describe('the reference Actions', () => {
  it.each(scripts('../../actions'))('%s have no finding', (name) => {
    expect(lintAction(read(`../../actions/${name}`))).toEqual([])
  })
})
