/** Every method of the post-challenge `api` but the tokens and the cache (seeds 000, 001, 002; contract 2.3). */
import { afterAll, describe, expect, it } from 'vitest'
import { createProbe } from './support/action-probe.ts'

const probe = createProbe('password-reset-post-challenge')
afterAll(() => probe.close())

/** Snippet → the one command it records; the method returns nothing. */
const recording: readonly [name: string, snippet: string, command: object][] = [
  [
    'api.access.deny: records the reason',
    "return api.access.deny('Not today')",
    { type: 'access.deny', reason: 'Not today' },
  ],
  [
    "api.access.deny: takes one argument: of two, as in seed 000's example, the first is the reason",
    "return api.access.deny('policy_violation', 'Password reset is not allowed at this time.')",
    { type: 'access.deny', reason: 'policy_violation' },
  ],
  [
    'api.access.deny: without a reason shows nothing',
    'return api.access.deny()',
    { type: 'access.deny', reason: '' },
  ],
  [
    'api.authentication.challengeWith: records the factor',
    "return api.authentication.challengeWith({ type: 'otp' })",
    {
      type: 'authentication.challengeWith',
      factor: { type: 'otp' },
      additionalFactors: [],
    },
  ],
  [
    'api.authentication.challengeWith: records options and additional factors',
    `return api.authentication.challengeWith(
      { type: 'phone', options: { preferredMethod: 'both' } },
      { additionalFactors: [{ type: 'push-notification', options: { otpFallback: false } }] })`,
    {
      type: 'authentication.challengeWith',
      factor: { type: 'phone', options: { preferredMethod: 'both' } },
      additionalFactors: [{ type: 'push-notification', options: { otpFallback: false } }],
    },
  ],
  [
    'api.authentication.challengeWithAny: records the factors, unknown ones as well',
    "return api.authentication.challengeWithAny([{ type: 'email' }, { type: 'sms' }])",
    {
      type: 'authentication.challengeWithAny',
      factors: [{ type: 'email' }, { type: 'sms' }],
    },
  ],
  [
    'api.redirect.sendUserTo: records the URL',
    "return api.redirect.sendUserTo('https://verify.example/start')",
    { type: 'redirect.sendUserTo', url: 'https://verify.example/start' },
  ],
  [
    'api.redirect.sendUserTo: a bare host gets the path /',
    "return api.redirect.sendUserTo('https://my-app.example.com')",
    { type: 'redirect.sendUserTo', url: 'https://my-app.example.com/' },
  ],
  [
    'api.redirect.sendUserTo: query replaces every parameter of the same name',
    "return api.redirect.sendUserTo('https://x.example/?a=1&a=2&b=3', { query: { a: 'new' } })",
    { type: 'redirect.sendUserTo', url: 'https://x.example/?a=new&b=3' },
  ],
  [
    'api.redirect.sendUserTo: query values become text, encoded as a form',
    `return api.redirect.sendUserTo('https://x.example', {
      query: { space: 'a b', none: undefined, number: 5, sign: '+&=' } })`,
    {
      type: 'redirect.sendUserTo',
      url: 'https://x.example/?space=a+b&none=undefined&number=5&sign=%2B%26%3D',
    },
  ],
  [
    'api.redirect.sendUserTo: no scheme and no host is refused',
    "return api.redirect.sendUserTo('javascript:alert(1)')",
    { type: 'redirect.sendUserTo', url: 'javascript:alert(1)' },
  ],
  [
    'api.transaction.setResultUrl: follows the same URL rules',
    "return api.transaction.setResultUrl('https://app.example/done?a=1', { query: { a: 'z' } })",
    { type: 'transaction.setResultUrl', url: 'https://app.example/done?a=z' },
  ],
  [
    'api.prompt.render: records fields and vars',
    "return api.prompt.render('ap_1', { fields: { pet: 'cat' }, vars: { 'any key': [1] } })",
    {
      type: 'prompt.render',
      promptId: 'ap_1',
      fields: { pet: 'cat' },
      vars: { 'any key': [1] },
    },
  ],
  [
    'api.prompt.render: works without options',
    "return api.prompt.render('ap_1')",
    { type: 'prompt.render', promptId: 'ap_1', fields: {}, vars: {} },
  ],
]

describe('a method of the post-challenge api', () => {
  it.each(recording)('%s', async (_name, snippet, command) => {
    const { commands, shown, error } = await probe.run(snippet)
    expect(error).toBeUndefined()
    expect(commands).toEqual([command])
    expect(shown).toBe('undefined')
  })
})

const REDIRECT_AND_RENDER = 'Error: Redirect and render commands cannot be used in the same action.'
const letters = (count: number) => `'${'x'.repeat(count)}'`
const members = (count: number) =>
  JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 1])))

/** Snippet → what it throws; the commands before it stand. */
const refusing: readonly [name: string, snippet: string, error: string | RegExp][] = [
  [
    'api.redirect.sendUserTo: a relative URL throws TypeError',
    "api.redirect.sendUserTo('/verify')",
    /^TypeError: Invalid URL/,
  ],
  [
    'api.redirect.sendUserTo: a malformed URL throws TypeError',
    "api.redirect.sendUserTo('https://')",
    /^TypeError: Invalid URL/,
  ],
  [
    'api.transaction.setResultUrl: a relative URL throws TypeError',
    "api.transaction.setResultUrl('done')",
    /^TypeError: Invalid URL/,
  ],
  [
    'api.prompt.render: after sendUserTo the call aborts',
    "api.redirect.sendUserTo('https://x.example'); api.prompt.render('ap_1')",
    REDIRECT_AND_RENDER,
  ],
  [
    'api.redirect.sendUserTo: after render the call aborts',
    "api.prompt.render('ap_1'); api.redirect.sendUserTo('https://x.example')",
    REDIRECT_AND_RENDER,
  ],
  [
    'api.prompt.render: an abort that the Action catches fails it all the same',
    "api.prompt.render('ap_1'); try { api.redirect.sendUserTo('https://x.example') } catch {}",
    REDIRECT_AND_RENDER,
  ],
  [
    'api.prompt.render: a second one in the same Action aborts',
    "api.prompt.render('ap_1'); api.prompt.render('ap_2')",
    'Error: Only 1 render command per action is allowed.',
  ],
  [
    'api.prompt.render: a prompt id of 49 characters is refused',
    `api.prompt.render(${letters(49)})`,
    'Error: promptId must NOT have more than 48 characters',
  ],
  [
    'api.prompt.render: a prompt id that is no text is refused',
    'api.prompt.render(5)',
    'Error: promptId must be string',
  ],
  [
    'api.prompt.render: a missing prompt id is refused',
    'api.prompt.render()',
    "Error:  must have required property 'promptId'",
  ],
  [
    'api.prompt.render: an unknown option is refused',
    "api.prompt.render('ap_1', { colour: 'red' })",
    'Error: promptOptions must NOT have additional properties',
  ],
  [
    'api.prompt.render: 25 fields are refused',
    `api.prompt.render('ap_1', { fields: ${members(25)} })`,
    'Error: fields must NOT have more than 24 properties',
  ],
  [
    'api.prompt.render: a field name that starts with a digit is refused',
    "api.prompt.render('ap_1', { fields: { '1st': 1 } })",
    'Error: fields must NOT have additional properties',
  ],
  [
    'api.prompt.render: 25 vars are refused',
    `api.prompt.render('ap_1', { vars: ${members(25)} })`,
    'Error: vars must NOT have more than 24 properties',
  ],
  [
    'api.prompt.render: several faults are told together',
    `api.prompt.render(${letters(49)}, { vars: 1, fields: [] })`,
    'Error: promptId must NOT have more than 48 characters; fields must be object; vars must be object',
  ],
  [
    'api.prompt.render: options of more than 24 KiB are refused',
    `api.prompt.render('ap_1', { vars: { long: ${letters(24_576)} } })`,
    'Error: The total size of the prompt options exceeds the limit of 24576 bytes.',
  ],
  [
    'api.access.deny: does not throw and does not return from the handler',
    "api.access.deny('no'); throw new Error('still running')",
    'Error: still running',
  ],
]

describe('a call that Auth0 refuses', () => {
  it.each(refusing)('%s', async (_name, snippet, error) => {
    const probed = await probe.run(snippet)
    if (typeof error === 'string') expect(probed.error).toBe(error)
    else expect(probed.error).toMatch(error)
  })

  it('api.prompt.render: 24 fields, 24 vars and 48 characters are taken', async () => {
    const { error, commands } = await probe.run(
      `api.prompt.render(${letters(48)}, { fields: ${members(24)}, vars: ${members(24)} })`,
    )
    expect(error).toBeUndefined()
    expect(commands).toHaveLength(1)
  })

  it('api.redirect.sendUserTo: a refused URL records nothing, what came before stands', async () => {
    const { commands } = await probe.run(
      "api.transaction.setResultUrl('https://a.example'); api.redirect.sendUserTo('nope')",
    )
    expect(commands.map(({ type }) => type)).toEqual(['transaction.setResultUrl'])
  })

  it('api.redirect.sendUserTo: two calls are both recorded, in order', async () => {
    const { commands } = await probe.run(`
      api.redirect.sendUserTo('https://one.example')
      api.redirect.sendUserTo('https://two.example')`)
    expect(commands).toEqual([
      { type: 'redirect.sendUserTo', url: 'https://one.example/' },
      { type: 'redirect.sendUserTo', url: 'https://two.example/' },
    ])
  })

  it('a command is what it was when it was asked for, whatever happens to the object later', async () => {
    const { commands } = await probe.run(`
      const factor = { type: 'otp' }
      api.authentication.challengeWith(factor)
      factor.type = 'email'`)
    expect(commands).toMatchObject([{ factor: { type: 'otp' } }])
  })

  it.each([
    ['a cycle', 'const vars = {}; vars.self = vars; '],
    ['a bigint', 'const vars = { n: 1n }; '],
  ])('a command that cannot be written as JSON throws: %s', async (_, declaration) => {
    const { error, commands } = await probe.run(
      `${declaration} api.authentication.challengeWith({ type: 'otp', options: vars })`,
    )
    expect(error).toMatch(/^TypeError: /)
    expect(commands).toEqual([])
  })
})

describe('members the post-challenge api does not have on Auth0', () => {
  it.each([
    ["api.user.setAppMetadata('a', 1)", "reading 'setAppMetadata'"],
    ["api.idToken.setCustomClaim('a', 1)", "reading 'setCustomClaim'"],
    ["api.accessToken.setCustomClaim('a', 1)", "reading 'setCustomClaim'"],
    ["api.multifactor.enable('any')", "reading 'enable'"],
    ["api.session.revoke('r')", "reading 'revoke'"],
    ["api.rules.wasExecuted('r')", "reading 'wasExecuted'"],
    ['api.redirect.canRedirect()', 'api.redirect.canRedirect is not a function'],
    ["api.redirect.createUrl('x')", 'api.redirect.createUrl is not a function'],
    ["api.transaction.setMetadata('a', 'b')", 'api.transaction.setMetadata is not a function'],
    ["api.authentication.enrollWith({ type: 'otp' })", 'enrollWith is not a function'],
  ])('%s throws a TypeError', async (snippet, message) => {
    const { error, commands } = await probe.run(snippet)
    expect(error).toMatch(/^TypeError: /)
    expect(error).toContain(message)
    expect(commands).toEqual([])
  })

  it('can be asked for without harm', async () => {
    const { value } = await probe.run(
      'return [typeof api.user, api.idToken?.setCustomClaim, typeof api.redirect.canRedirect]',
    )
    expect(value).toEqual(['undefined', null, 'undefined'])
  })
})

describe('members nobody knows', () => {
  it.each([
    ['api.passkeys.enroll()', 'api.passkeys'],
    ["api.redirect.postTo('x')", 'api.redirect.postTo'],
    ['api.cache.clear()', 'api.cache.clear'],
    ['const { fraud } = api', 'api.fraud'],
  ])('%s says that it is not emulated', async (snippet, path) => {
    const { error } = await probe.run(snippet)
    expect(error).toBe(`Error: not emulated: ${path}`)
  })

  it('the object itself can be returned, printed, awaited and compared', async () => {
    const { error, shown } = await probe.run(
      "console.log(api, String(api.access)); await api; JSON.stringify(api); return 'x' in api || api",
    )
    expect(error).toBeUndefined()
    expect(shown).toBe('api')
  })
})
