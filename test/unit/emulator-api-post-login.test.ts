/** Every method of the post-login `api` but tokens and cache (seed 004; contract 1.7 and 3.2). */
import { afterAll, describe, expect, it } from 'vitest'
import type { LegInput } from '../../src/emulator/runtime/execution.ts'
import { createProbe, EVENT } from './support/action-probe.ts'

const probe = createProbe('post-login')
afterAll(() => probe.close())

const CONTINUE: Partial<LegInput> = { entrypoint: 'onContinuePostLogin' }
const event = (members: object): Partial<LegInput> => ({ event: { ...EVENT, ...members } })
const SESSION = event({ session: { id: 'sess_1', metadata: { a: '1' } } })
const TOKEN = event({ refresh_token: { id: 'rt_1', created_at: 'x', metadata: { a: '1' } } })

type Row = readonly [
  name: string,
  snippet: string,
  command: object,
  returns: 'api' | 'undefined',
  change?: Partial<LegInput>,
]

const shared: readonly Row[] = [
  [
    'api.access.deny: records the reason and returns api',
    "return api.access.deny('no')",
    { type: 'access.deny', reason: 'no' },
    'api',
  ],
  [
    'api.redirect.sendUserTo: records the URL and returns api',
    "return api.redirect.sendUserTo('https://x.example/?a=1', { query: { a: '2' } })",
    { type: 'redirect.sendUserTo', url: 'https://x.example/?a=2' },
    'api',
  ],
  [
    'api.prompt.render: records and returns nothing',
    "return api.prompt.render('ap_1', { vars: { a: 1 } })",
    { type: 'prompt.render', promptId: 'ap_1', fields: {}, vars: { a: 1 } },
    'undefined',
  ],
]

const tokens: readonly Row[] = [
  [
    'api.accessToken.setCustomClaim: records name and value and returns api',
    "return api.accessToken.setCustomClaim('https://x.example/roles', ['a', { b: 1 }])",
    {
      type: 'accessToken.setCustomClaim',
      name: 'https://x.example/roles',
      value: ['a', { b: 1 }],
    },
    'api',
  ],
  [
    'api.idToken.setCustomClaim: records name and value and returns api',
    "return api.idToken.setCustomClaim('aud', null)",
    { type: 'idToken.setCustomClaim', name: 'aud', value: null },
    'api',
  ],
  [
    'api.accessToken.addScope: trims, and returns nothing although seed 004 says api',
    "return api.accessToken.addScope('  read:all ')",
    { type: 'accessToken.addScope', scope: 'read:all' },
    'undefined',
  ],
  [
    'api.accessToken.removeScope: records the scope',
    "return api.accessToken.removeScope('read:all')",
    { type: 'accessToken.removeScope', scope: 'read:all' },
    'undefined',
  ],
  [
    'api.accessToken.addScope: 280 characters are taken',
    "return api.accessToken.addScope('x'.repeat(280))",
    { type: 'accessToken.addScope', scope: 'x'.repeat(280) },
    'undefined',
  ],
]

const authentication: readonly Row[] = [
  [
    'api.authentication.challengeWith: records and returns nothing',
    "return api.authentication.challengeWith({ type: 'otp' }, { additionalFactors: [{ type: 'phone' }] })",
    {
      type: 'authentication.challengeWith',
      factor: { type: 'otp' },
      additionalFactors: [{ type: 'phone' }],
    },
    'undefined',
  ],
  [
    'api.authentication.challengeWithAny: records and returns nothing',
    "return api.authentication.challengeWithAny([{ type: 'otp' }])",
    { type: 'authentication.challengeWithAny', factors: [{ type: 'otp' }] },
    'undefined',
  ],
  [
    'api.authentication.enrollWith: records factor and additional factors',
    "return api.authentication.enrollWith({ type: 'otp' }, { additionalFactors: [{ type: 'phone' }] })",
    {
      type: 'authentication.enrollWith',
      factor: { type: 'otp' },
      additionalFactors: [{ type: 'phone' }],
    },
    'undefined',
  ],
  [
    'api.authentication.enrollWithAny: records the factors',
    "return api.authentication.enrollWithAny([{ type: 'otp' }, { type: 'phone' }])",
    {
      type: 'authentication.enrollWithAny',
      factors: [{ type: 'otp' }, { type: 'phone' }],
    },
    'undefined',
  ],
  [
    'api.authentication.recordMethod: in onContinuePostLogin records the URL and returns api',
    "return api.authentication.recordMethod('https://verify.example/idv')",
    { type: 'authentication.recordMethod', providerUrl: 'https://verify.example/idv' },
    'api',
    CONTINUE,
  ],
  [
    'api.authentication.setPrimaryUser: records the user and returns nothing',
    "return api.authentication.setPrimaryUser('auth0|2')",
    { type: 'authentication.setPrimaryUser', userId: 'auth0|2' },
    'undefined',
  ],
  [
    'api.multifactor.enable: records the provider and returns api',
    "return api.multifactor.enable('any')",
    { type: 'multifactor.enable', provider: 'any' },
    'api',
  ],
  [
    'api.multifactor.enable: records the two options and no other',
    "return api.multifactor.enable('duo', { allowRememberBrowser: false, providerOptions: { host: 'h' }, x: 1 })",
    {
      type: 'multifactor.enable',
      provider: 'duo',
      allowRememberBrowser: false,
      providerOptions: { host: 'h' },
    },
    'api',
  ],
  [
    'api.validation.error: records code and message and returns api',
    "return api.validation.error('bad_birthday', 'Please correct your birthday')",
    { type: 'validation.error', code: 'bad_birthday', message: 'Please correct your birthday' },
    'api',
  ],
]

const user: readonly Row[] = [
  [
    'api.user.setAppMetadata: records name and value and returns api',
    "return api.user.setAppMetadata('plan', { level: 2 })",
    { type: 'user.setAppMetadata', name: 'plan', value: { level: 2 } },
    'api',
  ],
  [
    'api.user.setUserMetadata: null removes the property',
    "return api.user.setUserMetadata('plan', null)",
    { type: 'user.setUserMetadata', name: 'plan', value: null },
    'api',
  ],
]

const sessions: readonly Row[] = [
  [
    'api.session.revoke: records the reason and keeps no refresh tokens',
    "return api.session.revoke('stolen')",
    { type: 'session.revoke', reason: 'stolen', preserveRefreshTokens: false },
    'undefined',
  ],
  [
    'api.session.revoke: preserveRefreshTokens',
    "return api.session.revoke('stolen', { preserveRefreshTokens: true })",
    { type: 'session.revoke', reason: 'stolen', preserveRefreshTokens: true },
    'undefined',
  ],
  [
    'api.session.setExpiresAt: epoch milliseconds',
    'return api.session.setExpiresAt(1700000000000)',
    { type: 'session.setExpiresAt', absolute: 1700000000000 },
    'undefined',
  ],
  [
    'api.session.setIdleExpiresAt: epoch milliseconds',
    'return api.session.setIdleExpiresAt(1700000000000)',
    { type: 'session.setIdleExpiresAt', idle: 1700000000000 },
    'undefined',
  ],
  [
    'api.session.setCookieMode: records the mode',
    "return api.session.setCookieMode('non-persistent')",
    { type: 'session.setCookieMode', mode: 'non-persistent' },
    'undefined',
  ],
  [
    'api.session.setMetadata: adds to what the session has',
    "return api.session.setMetadata('b', '2')",
    { type: 'session.setMetadata', metadata: { a: '1', b: '2' } },
    'undefined',
    SESSION,
  ],
  [
    'api.session.setMetadata: null removes the key',
    "return api.session.setMetadata('a', null)",
    { type: 'session.setMetadata', metadata: {} },
    'undefined',
    SESSION,
  ],
  [
    'api.session.deleteMetadata: removes the key',
    "return api.session.deleteMetadata('a')",
    { type: 'session.setMetadata', metadata: {} },
    'undefined',
    SESSION,
  ],
  [
    'api.session.evictMetadata: removes everything',
    'return api.session.evictMetadata()',
    { type: 'session.setMetadata', metadata: {} },
    'undefined',
    SESSION,
  ],
]

const refreshTokens: readonly Row[] = [
  [
    'api.refreshToken.revoke: records the reason',
    "return api.refreshToken.revoke('stolen')",
    { type: 'refreshToken.revoke', reason: 'stolen' },
    'undefined',
  ],
  [
    'api.refreshToken.setExpiresAt: epoch milliseconds',
    'return api.refreshToken.setExpiresAt(5)',
    { type: 'refreshToken.setExpiresAt', absolute: 5 },
    'undefined',
  ],
  [
    'api.refreshToken.setIdleExpiresAt: epoch milliseconds',
    'return api.refreshToken.setIdleExpiresAt(5)',
    { type: 'refreshToken.setIdleExpiresAt', idle: 5 },
    'undefined',
  ],
  [
    'api.refreshToken.setMetadata: works before there is a refresh token',
    "return api.refreshToken.setMetadata('a', '1')",
    { type: 'refreshToken.setMetadata', metadata: { a: '1' } },
    'undefined',
  ],
  [
    'api.refreshToken.deleteMetadata: removes the key',
    "return api.refreshToken.deleteMetadata('a')",
    { type: 'refreshToken.setMetadata', metadata: {} },
    'undefined',
    TOKEN,
  ],
  [
    'api.refreshToken.evictMetadata: removes everything',
    'return api.refreshToken.evictMetadata()',
    { type: 'refreshToken.setMetadata', metadata: {} },
    'undefined',
    TOKEN,
  ],
]

const transaction: readonly Row[] = [
  [
    'api.transaction.setMetadata: records the whole metadata',
    "return api.transaction.setMetadata('nonce', 'n')",
    { type: 'transaction.setMetadata', metadata: { nonce: 'n' } },
    'undefined',
  ],
  [
    'api.transaction.setMetadata: null removes the key',
    "return api.transaction.setMetadata('a', null)",
    { type: 'transaction.setMetadata', metadata: { b: true } },
    'undefined',
    event({ transaction: { metadata: { a: 1, b: true } } }),
  ],
  [
    'api.transaction.setMetadata: works without a transaction in the event',
    "return api.transaction.setMetadata('a', 1)",
    { type: 'transaction.setMetadata', metadata: { a: 1 } },
    'undefined',
    event({ transaction: undefined }),
  ],
]

/** Setter, setting, a value it takes, a value it refuses and the text then. */
const SAML: readonly [setter: string, name: string, good: unknown, bad: unknown, text: string][] = [
  ...(
    [
      ['setAudience', 'audience', 2048],
      ['setRecipient', 'recipient', 2048],
      ['setDestination', 'destination', 2048],
      ['setIssuer', 'issuer', 512],
      ['setRelayState', 'RelayState', 512],
      ['setNameIdentifierFormat', 'nameIdentifierFormat', 512],
      ['setAuthnContextClassRef', 'authnContextClassRef', 512],
      ['setSigningCert', 'signingCert', 4096],
      ['setEncryptionCert', 'encryptionCert', 4096],
      ['setEncryptionPublicKey', 'encryptionPublicKey', 4096],
      ['setCert', 'cert', 4096],
      ['setKey', 'key', 4096],
    ] as const
  ).map(([setter, name, most]): [string, string, unknown, unknown, string] => [
    setter,
    name,
    'x'.repeat(most),
    'x'.repeat(most + 1),
    `${name} must NOT have more than ${most} characters`,
  ]),
  ...(
    [
      ['setCreateUpnClaim', 'createUpnClaim'],
      ['setPassthroughClaimsWithNoMapping', 'passthroughClaimsWithNoMapping'],
      ['setMapUnknownClaimsAsIs', 'mapUnknownClaimsAsIs'],
      ['setMapIdentities', 'mapIdentities'],
      ['setSignResponse', 'signResponse'],
      ['setIncludeAttributeNameFormat', 'includeAttributeNameFormat'],
      ['setTypedAttributes', 'typedAttributes'],
    ] as const
  ).map(([setter, name]): [string, string, unknown, unknown, string] => [
    setter,
    name,
    false,
    'false',
    `${name} must be boolean`,
  ]),
  ['setLifetimeInSeconds', 'lifetimeInSeconds', 60, '60', 'lifetimeInSeconds must be number'],
  ...(
    [
      ['setSignatureAlgorithm', 'signatureAlgorithm', 'rsa-sha256'],
      ['setDigestAlgorithm', 'digestAlgorithm', 'sha256'],
      ['setEncryptionAlgorithm', 'encryptionAlgorithm', 'aes256-gcm'],
    ] as const
  ).map(([setter, name, good]): [string, string, unknown, unknown, string] => [
    setter,
    name,
    good,
    'md5',
    `${name} must be equal to one of the allowed values`,
  ]),
  [
    'setNameIdentifierProbes',
    'nameIdentifierProbes',
    Array(10).fill('x'),
    Array(11).fill('x'),
    'nameIdentifierProbes must NOT have more than 10 items',
  ],
]

const saml: readonly Row[] = [
  ...SAML.map(
    ([setter, name, value]): Row => [
      `api.samlResponse.${setter}: records the setting and returns api`,
      `return api.samlResponse.${setter}(${JSON.stringify(value)})`,
      { type: 'samlResponse.setConfiguration', name, value },
      'api',
    ],
  ),
  [
    'api.samlResponse.setNameIdentifierFormat: without an argument means unspecified',
    'return api.samlResponse.setNameIdentifierFormat()',
    {
      type: 'samlResponse.setConfiguration',
      name: 'nameIdentifierFormat',
      value: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
    },
    'api',
  ],
  [
    'api.samlResponse.setAttribute: records the attribute and returns api',
    "return api.samlResponse.setAttribute('groups', ['a', 1, true])",
    { type: 'samlResponse.setAttribute', attribute: 'groups', value: ['a', 1, true] },
    'api',
  ],
  [
    'api.samlResponse.setAttribute: undefined removes, as null does',
    "return api.samlResponse.setAttribute('groups', undefined)",
    { type: 'samlResponse.setAttribute', attribute: 'groups', value: null },
    'api',
  ],
]

describe('a method of the post-login api', () => {
  const rows = [shared, tokens, authentication, user, sessions, refreshTokens, transaction, saml]
  it.each(rows.flat().map((row): [string, Row] => [row[0], row]))(
    '%s',
    async (_name, [, snippet, command, returns, change]) => {
      const { commands, shown, error } = await probe.run(snippet, change)
      expect(error).toBeUndefined()
      expect(commands).toEqual([command])
      expect(shown).toBe(returns)
    },
  )

  it('methods that return api can be chained', async () => {
    const { commands } = await probe.run(
      "api.idToken.setCustomClaim('a', 1).accessToken.setCustomClaim('b', 2).access.deny('c')",
    )
    expect(commands.map(({ type }) => type)).toEqual([
      'idToken.setCustomClaim',
      'accessToken.setCustomClaim',
      'access.deny',
    ])
  })
})

const refusing: readonly [
  name: string,
  snippet: string,
  error: string,
  change?: Partial<LegInput>,
][] = [
  [
    'api.accessToken.setCustomClaim: scope is reserved',
    "api.accessToken.setCustomClaim('scope', 'x')",
    'Error: The "scope" claim cannot be set.',
  ],
  [
    'api.idToken.setCustomClaim: scope is reserved',
    "api.idToken.setCustomClaim('scope', 'x')",
    'Error: The "scope" claim cannot be set.',
  ],
  [
    'api.accessToken.addScope: a scope that is no text',
    'api.accessToken.addScope(5)',
    'TypeError: The value for the scope must be a string.',
  ],
  [
    'api.accessToken.addScope: an empty scope',
    "api.accessToken.addScope('  ')",
    'Error: The value for the scope is required.',
  ],
  [
    'api.accessToken.addScope: 281 characters',
    "api.accessToken.addScope('x'.repeat(281))",
    'Error: The value for the scope exceeds the allowed maximum of 280 characters.',
  ],
  [
    'api.accessToken.removeScope: whitespace inside',
    "api.accessToken.removeScope('a b')",
    'Error: The value for the scope must not have whitespace.',
  ],
  [
    'api.accessToken.addScope: the 1001st scope',
    "for (let i = 0; i < 1001; i += 1) api.accessToken.addScope('s' + i)",
    'Error: The number of scopes exceeds the allowed maximum of 1000.',
  ],
  [
    'api.authentication.recordMethod: outside onContinuePostLogin',
    "api.authentication.recordMethod('https://x.example')",
    'Error: api.authentication.recordMethod is only available in onContinuePostLogin.',
  ],
  [
    'api.authentication.recordMethod: a URL that is not of the web',
    "api.authentication.recordMethod('urn:x')",
    'Error: api.authentication.recordMethod needs an http: or https: URL.',
    CONTINUE,
  ],
  [
    'api.authentication.setPrimaryUser: twice',
    "api.authentication.setPrimaryUser('a'); api.authentication.setPrimaryUser('b')",
    'Error: The primary user can only be altered once per transaction',
  ],
  [
    'api.authentication.setPrimaryUser: empty',
    "api.authentication.setPrimaryUser('')",
    'Error: The provided primary_user_id must be a non-empty string',
  ],
  [
    'api.authentication.setPrimaryUser: 129 characters',
    "api.authentication.setPrimaryUser('x'.repeat(129))",
    'Error: The provided primary_user_id exceeds the maximum length.',
  ],
  [
    'api.user.setAppMetadata: stored metadata that is no object',
    "api.user.setAppMetadata('a', 1)",
    'Error: Unexpected app_metadata format. Must be a valid JSON object',
    event({ user: { user_id: 'x', app_metadata: 'text' } }),
  ],
  [
    'api.user.setUserMetadata: stored metadata that is a list',
    "api.user.setUserMetadata('a', 1)",
    'Error: Unexpected user_metadata format. Must be a valid JSON object.',
    event({ user: { user_id: 'x', user_metadata: [] } }),
  ],
  [
    'api.validation.error: a code of 101 characters',
    "api.validation.error('x'.repeat(101), 'm')",
    'Error: errorCode must NOT have more than 100 characters',
  ],
  [
    'api.validation.error: without a message',
    "api.validation.error('c')",
    "Error:  must have required property 'errorMessage'",
  ],
  [
    'api.session.revoke: an unknown option',
    "api.session.revoke('r', { keep: true })",
    'Error: options must NOT have additional properties',
  ],
  [
    'api.session.revoke: a reason that is no text',
    'api.session.revoke(5)',
    'Error: message must be string',
  ],
  [
    'api.session.setExpiresAt: nothing',
    'api.session.setExpiresAt()',
    'Error: Either inactivity or absolute expiration time must be provided',
  ],
  [
    'api.session.setIdleExpiresAt: text',
    "api.session.setIdleExpiresAt('tomorrow')",
    'Error: inactivity must be number',
  ],
  [
    'api.session.setCookieMode: nothing',
    'api.session.setCookieMode()',
    'Error: Cookie mode must be provided',
  ],
  [
    'api.session.setCookieMode: an unknown mode',
    "api.session.setCookieMode('forever')",
    "Error: Invalid cookie mode: forever. Valid values are 'persistent' and 'non-persistent'.",
  ],
  [
    'api.session.setMetadata: without a session',
    "api.session.setMetadata('a', 'b')",
    'Error: Failed to set session metadata: Cannot set metadata on a session that does not exist.',
  ],
  [
    'api.session.setMetadata: a value that is no text',
    "api.session.setMetadata('a', 5)",
    'Error: Failed to set session metadata: Invalid metadata: Metadata value must be a string',
    SESSION,
  ],
  [
    'api.session.setMetadata: a key with a dot',
    "api.session.setMetadata('a.b', 'x')",
    'Error: Failed to set session metadata: Invalid metadata: Metadata keys may only include letters, numbers, underscores, or hyphens',
    SESSION,
  ],
  [
    'api.session.setMetadata: a value of 256 characters',
    "api.session.setMetadata('a', 'x'.repeat(256))",
    'Error: Failed to set session metadata: Invalid metadata: All metadata values must be at most 255 characters long',
    SESSION,
  ],
  [
    'api.session.setMetadata: the 26th key',
    "for (let i = 0; i < 25; i += 1) api.session.setMetadata('k' + i, 'v')",
    'Error: Failed to set session metadata: Invalid metadata: Metadata must not contain more than 25 entries',
    SESSION,
  ],
  [
    'api.refreshToken.revoke: a reason of 1025 characters',
    "api.refreshToken.revoke('x'.repeat(1025))",
    'Error: message must NOT have more than 1024 characters',
  ],
  [
    'api.refreshToken.setExpiresAt: an online refresh token',
    'api.refreshToken.setExpiresAt(5)',
    'Error: Cannot call setExpiresAt on an online refresh token.',
    event({ refresh_token: { id: 'rt_1', access: 'online' } }),
  ],
  [
    'api.refreshToken.setMetadata: a key that is no text',
    "api.refreshToken.setMetadata(5, 'x')",
    'Error: Failed to set refresh token metadata: Invalid metadata: Metadata key must be a string',
  ],
  [
    'api.transaction.setMetadata: a key of 65 characters',
    "api.transaction.setMetadata('x'.repeat(65), 'v')",
    'Error: The key of transaction metadata must not have more than 64 characters.',
  ],
  [
    'api.transaction.setMetadata: an object',
    "api.transaction.setMetadata('a', {})",
    'Error: The value of transaction metadata must be a string, number, boolean or null.',
  ],
  [
    'api.transaction.setMetadata: a fraction',
    "api.transaction.setMetadata('a', 0.5)",
    'Error: A number in transaction metadata must be a safe integer.',
  ],
  [
    'api.transaction.setMetadata: a value of 8193 bytes',
    "api.transaction.setMetadata('a', 'x'.repeat(8193))",
    'Error: The value of transaction metadata must not exceed 8192 bytes.',
  ],
  [
    'api.transaction.setMetadata: more than 16 KiB in all',
    "for (const key of ['a', 'b']) api.transaction.setMetadata(key, 'x'.repeat(8192))",
    'Error: The transaction metadata exceeds 16384 bytes in all.',
  ],
  [
    'api.transaction.setTargetScopes: is behind a flag that no tenant has',
    "api.transaction.setTargetScopes(['a'])",
    'Error: Method not implemented.',
  ],
  [
    'api.samlResponse.setAttribute: a name of 1025 characters',
    "api.samlResponse.setAttribute('x'.repeat(1025), 'v')",
    'Error: attribute must NOT have more than 1024 characters',
  ],
  [
    'api.samlResponse.setAttribute: a value of 2049 characters',
    "api.samlResponse.setAttribute('a', 'x'.repeat(2049))",
    'Error: value must NOT have more than 2048 characters',
  ],
  [
    'api.samlResponse.setAttribute: an object',
    "api.samlResponse.setAttribute('a', {})",
    'Error: value must be string,number,boolean,null,array',
  ],
  [
    'api.samlResponse.setAttribute: an object in a list',
    "api.samlResponse.setAttribute('a', ['x', {}])",
    'Error: 1 must be string,number,boolean',
  ],
  [
    'api.samlResponse.setAttribute: more than 102400 bytes together',
    "for (let i = 0; i < 60; i += 1) api.samlResponse.setAttribute('a' + i, 'x'.repeat(2048))",
    'Error: The total size of the SAML attributes exceeds the limit of 102400 bytes.',
  ],
  ...SAML.map(([setter, , , bad, text]): [string, string, string] => [
    `api.samlResponse.${setter}: a wrong value throws`,
    `api.samlResponse.${setter}(${JSON.stringify(bad)})`,
    `Error: ${text}`,
  ]),
]

describe('a post-login call that Auth0 refuses', () => {
  it.each(refusing)('%s', async (_name, snippet, error, change) => {
    expect((await probe.run(snippet, change)).error).toBe(error)
  })

  it('api.transaction.setResultUrl: does not exist here', async () => {
    const { error } = await probe.run("api.transaction.setResultUrl('https://x.example')")
    expect(error).toBe('TypeError: api.transaction.setResultUrl is not a function')
  })

  it('a member nobody knows says that it is not emulated', async () => {
    const { error } = await probe.run('api.session.setDevice()')
    expect(error).toBe('Error: not emulated: api.session.setDevice')
  })
})

describe('what shows in the event at once', () => {
  it('api.transaction.setMetadata: the new value', async () => {
    const { value } = await probe.run(
      "api.transaction.setMetadata('hello', 'Auth0'); return event.transaction.metadata.hello",
    )
    expect(value).toBe('Auth0')
  })

  it('api.session.setMetadata: the new value', async () => {
    const { value } = await probe.run(
      "api.session.setMetadata('b', '2'); return event.session.metadata",
      SESSION,
    )
    expect(value).toEqual({ a: '1', b: '2' })
  })

  it('api.session.setCookieMode: the mode of a session that exists, none of one that does not', async () => {
    const snippet = "api.session.setCookieMode('persistent'); return event.session ?? 'none'"
    expect((await probe.run(snippet, SESSION)).value).toMatchObject({
      cookie: { mode: 'persistent' },
    })
    expect((await probe.run(snippet)).value).toBe('none')
    expect((await probe.run(snippet, event({ session: {} }))).value).toEqual({})
  })

  it('api.refreshToken.setMetadata: never makes a refresh token', async () => {
    const { value } = await probe.run(
      "api.refreshToken.setMetadata('a', '1'); return typeof event.refresh_token",
    )
    expect(value).toBe('undefined')
  })
})

describe('metadata calls that change nothing', () => {
  it.each([
    ["api.session.setMetadata('unknown', null)", SESSION],
    ["api.session.deleteMetadata('unknown')", SESSION],
    ["api.session.deleteMetadata('a')", {}],
    ['api.session.evictMetadata()', {}],
    ["api.refreshToken.deleteMetadata('unknown')", TOKEN],
    ['api.refreshToken.evictMetadata()', {}],
  ])('%s records nothing', async (snippet, change) => {
    const { error, commands } = await probe.run(snippet, change)
    expect(error).toBeUndefined()
    expect(commands).toEqual([])
  })
})

describe('api.redirect.canRedirect', () => {
  const ask = async (protocol: string | undefined, query: object = {}) =>
    (
      await probe.run(
        'return api.redirect.canRedirect()',
        event({
          request: { ...EVENT.request, query },
          transaction: protocol === undefined ? undefined : { protocol },
        }),
      )
    ).value

  it.each([
    ['oidc-basic-profile', true],
    ['oidc-implicit-profile', true],
    ['samlp', true],
    ['oauth2-device-code', true],
    ['oauth2-resource-owner', false],
    ['oauth2-refresh-token', false],
    ['oauth2-password', false],
    ['oauth2-webauthn', false],
    [undefined, true],
  ])('api.redirect.canRedirect: protocol %s gives %s', async (protocol, answer) => {
    expect(await ask(protocol)).toBe(answer)
  })

  it('api.redirect.canRedirect: prompt=none gives false', async () => {
    expect(await ask('oidc-basic-profile', { prompt: 'none' })).toBe(false)
    expect(await ask('oidc-basic-profile', { prompt: 'login' })).toBe(true)
  })
})

const GROUPS = [
  { id: 'grp_1', name: 'Staff' },
  { id: 'grp_2', name: 'Admins', group_type: 'connection' },
  { id: 'grp_3', name: 'Night' },
]
const ROLES = [
  { id: 'rol_1', name: 'Editor', type: 'tenant' },
  { id: 'rol_2', name: 'Admin', type: 'tenant' },
]
const LOOKUPS: Partial<LegInput> = {
  lookups: { groups: GROUPS, roles: ROLES, executedRules: ['rul_1'] },
}

describe('lookups', () => {
  it.each<[name: string, snippet: string, value: unknown]>([
    ['api.rules.wasExecuted: a rule that ran', "api.rules.wasExecuted('rul_1')", true],
    ['api.rules.wasExecuted: another rule', "api.rules.wasExecuted('rul_2')", false],
    ['api.groups.getUserGroups: all of them', 'api.groups.getUserGroups()', { groups: GROUPS }],
    [
      'api.groups.getUserGroups: a page, and where the next begins',
      'api.groups.getUserGroups({ take: 2 })',
      { groups: GROUPS.slice(0, 2), next: '2' },
    ],
    [
      'api.groups.getUserGroups: the next page',
      "api.groups.getUserGroups({ take: 2, from: '2' })",
      { groups: GROUPS.slice(2) },
    ],
    [
      'api.groups.hasGroupMembership: by id, by name and for a stranger',
      "api.groups.hasGroupMembership(['grp_1', 'Admins', 'x'])",
      {
        memberships: {
          grp_1: {
            is_member: true,
            matches: [{ id: 'grp_1', name: 'Staff', group_type: 'tenant' }],
          },
          Admins: {
            is_member: true,
            matches: [{ id: 'grp_2', name: 'Admins', group_type: 'connection' }],
          },
          x: { is_member: false },
        },
      },
    ],
    [
      'api.roles.getUserEffectiveRoles: all of them',
      'api.roles.getUserEffectiveRoles()',
      { roles: ROLES },
    ],
    [
      'api.roles.getUserEffectiveRolesByIds: those with the ids',
      "api.roles.getUserEffectiveRolesByIds(['rol_2', 'rol_9'])",
      { roles: ROLES.slice(1) },
    ],
    [
      'api.roles.getUserEffectiveRolesByNames: those with the names',
      "api.roles.getUserEffectiveRolesByNames(['Editor'])",
      { roles: ROLES.slice(0, 1) },
    ],
  ])('%s', async (_name, snippet, value) => {
    const probed = await probe.run(`return await ${snippet}`, LOOKUPS)
    expect(probed.error).toBeUndefined()
    expect(probed.value).toEqual(value)
  })

  it.each([
    ['api.groups.getUserGroups({ from: 5 })', 'The "from" parameter must be a string if provided.'],
    [
      'api.groups.getUserGroups({ take: 0 })',
      'The "take" parameter must be a positive integer if provided.',
    ],
    [
      'api.groups.hasGroupMembership([])',
      'The "groups" parameter must be a non-empty array of strings.',
    ],
    [
      'api.roles.getUserEffectiveRoles({ take: 1.5 })',
      'The "take" parameter must be a positive integer if provided.',
    ],
    [
      "api.roles.getUserEffectiveRolesByIds('rol_1')",
      'The "ids" parameter must be a non-empty array of strings.',
    ],
    [
      'api.roles.getUserEffectiveRolesByNames()',
      'The "names" parameter must be a non-empty array of strings.',
    ],
    [
      "api.roles.getUserEffectiveRolesByNames(Array(51).fill('x'))",
      'The "names" parameter must not have more than 50 entries.',
    ],
  ])('%s rejects', async (snippet, message) => {
    const { error } = await probe.run(
      `const promise = ${snippet}; if (!(promise instanceof Promise)) return 'threw'; await promise`,
      LOOKUPS,
    )
    expect(error).toBe(`Error: ${message}`)
  })

  it('a tenant that says nothing has no groups, roles or rules', async () => {
    const { value } = await probe.run(
      "return [await api.groups.getUserGroups(), await api.roles.getUserEffectiveRoles(), api.rules.wasExecuted('r')]",
    )
    expect(value).toEqual([{ groups: [] }, { roles: [] }, false])
  })
})
