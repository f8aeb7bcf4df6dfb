/** `encodeToken` and `validateToken`, row by row of contract 1.1 and 1.5. */
import { createHmac } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { afterAll, describe, expect, it } from 'vitest'
import { DEFAULT_SWITCHES } from '../../src/emulator/runtime/switches.ts'
import { createProbe, EVENT, NOW_MS, NOW_SECONDS, SECRET } from './support/action-probe.ts'

const probe = createProbe('password-reset-post-challenge')
afterAll(() => probe.close())

const encode = async (options: string, event = {}) => {
  const { value, error, tokens } = await probe.run(`return api.redirect.encodeToken(${options})`, {
    event,
  })
  if (error !== undefined) throw new Error(error)
  const [header = '', payload = ''] = String(value).split('.')
  const read = (part: string) => Buffer.from(part, 'base64url').toString('utf8')
  return { token: String(value), header: read(header), payload: read(payload), tokens }
}
const secret = 'secret: event.secrets.MY_SECRET'

describe('api.redirect.encodeToken', () => {
  it('api.redirect.encodeToken: header is exactly alg HS256 and typ JWT, without kid', async () => {
    const { header } = await encode(`{ ${secret}, payload: {} }`)
    expect(header).toBe('{"alg":"HS256","typ":"JWT"}')
  })

  it('api.redirect.encodeToken: claims are iat, iss, sub, exp, ip and then the payload', async () => {
    const { payload } = await encode(`{ ${secret}, payload: { externalId: 'abc-100' } }`)
    expect(payload).toBe(
      JSON.stringify({
        iat: NOW_SECONDS,
        iss: 'tenant.localhost',
        sub: 'auth0|1',
        exp: NOW_SECONDS + 900,
        ip: '2001:db8::7',
        externalId: 'abc-100',
      }),
    )
  })

  it('api.redirect.encodeToken: is signed with the UTF-8 bytes of the secret', async () => {
    const { token } = await encode("{ secret: 'pässwörd=', payload: { a: 1 } }")
    const [header, payload, signature] = token.split('.')
    expect(signature).toBe(
      createHmac('sha256', Buffer.from('pässwörd=', 'utf8'))
        .update(`${header}.${payload}`)
        .digest('base64url'),
    )
  })

  it('api.redirect.encodeToken: another implementation makes the same token and accepts it', async () => {
    const { token, payload } = await encode(`{ ${secret}, payload: { a: ['é', 1, null] } }`)
    const key = new TextEncoder().encode(SECRET)
    const other = await new SignJWT(JSON.parse(payload))
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .sign(key)
    expect(token).toBe(other)
    const verified = await jwtVerify(token, key, {
      issuer: 'tenant.localhost',
      currentDate: new Date(NOW_MS),
    })
    expect(verified.payload.sub).toBe('auth0|1')
  })

  it.each([
    ['600', 600],
    ['0', 0],
    ['null', 900],
    ['undefined', 900],
  ])('api.redirect.encodeToken: expiresInSeconds %s gives a life of %i s', async (given, life) => {
    const { payload } = await encode(`{ ${secret}, payload: {}, expiresInSeconds: ${given} }`)
    const { exp, iat } = JSON.parse(payload)
    expect(exp - iat).toBe(life)
  })

  it('api.redirect.encodeToken: payload overrides standard claims', async () => {
    const { payload } = await encode(
      `{ ${secret}, payload: { iss: 'https://x/', sub: 'other', exp: 1, iat: 2, ip: 'z' } }`,
    )
    expect(JSON.parse(payload)).toEqual({
      iss: 'https://x/',
      sub: 'other',
      exp: 1,
      iat: 2,
      ip: 'z',
    })
  })

  it('api.redirect.encodeToken: adds no state, aud, jti or nbf', async () => {
    const { payload } = await encode(`{ ${secret}, payload: {} }`)
    expect(Object.keys(JSON.parse(payload))).toEqual(['iat', 'iss', 'sub', 'exp', 'ip'])
  })

  it('api.redirect.encodeToken: an event the Action changed does not change the token', async () => {
    const { value } = await probe.run(`
      event.user.user_id = 'auth0|someone-else'
      return api.redirect.encodeToken({ ${secret}, payload: {} })`)
    const payload = Buffer.from(String(value).split('.')[1] ?? '', 'base64url').toString()
    expect(JSON.parse(payload).sub).toBe('auth0|1')
  })

  it.each([
    ['undefined', 'event.secrets.NO_SUCH_SECRET'],
    ['empty', "''"],
    ['a number', '5'],
    ['null', 'null'],
  ])(
    'api.redirect.encodeToken: a secret that is %s throws and makes no token',
    async (_, given) => {
      const { error, tokens, value } = await probe.run(
        `return api.redirect.encodeToken({ secret: ${given}, payload: {} })`,
      )
      expect(error).toMatch(/^Error: api\.redirect\.encodeToken needs a non-empty `secret`/)
      expect(tokens).toEqual([])
      expect(value).toBeUndefined()
    },
  )

  it('api.redirect.encodeToken: what is not JSON in the payload is left out', async () => {
    const { payload, tokens } = await encode(
      `{ ${secret}, payload: { f() {}, u: undefined, a: 1 } }`,
    )
    expect(Object.keys(JSON.parse(payload))).toEqual(['iat', 'iss', 'sub', 'exp', 'ip', 'a'])
    expect(tokens[0]?.payload).toEqual(JSON.parse(payload))
  })

  it('api.redirect.encodeToken: without options it throws a TypeError', async () => {
    const { error } = await probe.run('return api.redirect.encodeToken()')
    expect(error).toMatch(/^TypeError: /)
  })

  it('api.redirect.encodeToken: the trace holds the payload and never the secret', async () => {
    const { tokens } = await encode(`{ ${secret}, payload: { a: 1 } }`)
    expect(tokens).toEqual([
      { method: 'encodeToken', payload: expect.objectContaining({ a: 1, sub: 'auth0|1' }) },
    ])
    expect(JSON.stringify(tokens)).not.toContain(SECRET)
  })
})

const CLAIMS = {
  iss: 'verifier',
  sub: 'auth0|1',
  iat: NOW_SECONDS,
  exp: NOW_SECONDS + 60,
  state: 'the-state',
  decision: 'allow',
}

function sign(
  claims: object,
  { header = { alg: 'HS256', typ: 'JWT' } as object, key = SECRET } = {},
): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${part(header)}.${part(claims)}`
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
}

const continued = (token: unknown, request: object = {}) => ({
  entrypoint: 'onContinuePostChallenge' as const,
  event: {
    request: {
      ...EVENT.request,
      query: { state: 'the-state' },
      body: { session_token: token },
      ...request,
    },
  },
})
const validate = (token: unknown, request?: object) =>
  probe.run(`return api.redirect.validateToken({ ${secret} })`, continued(token, request))

const without = (claim: keyof typeof CLAIMS) => {
  const { [claim]: _, ...rest } = CLAIMS
  return rest
}
const SIGNATURE = 'Failed signature validation'
const STANDARD = 'Missing or invalid standard claims'
const EXPIRED = 'Token has expired.'
const STATE = 'State in the token does not match the /continue state.'
const SUB = 'The sub claim does not match the user_id.'
const TYPE = 'Unexpected token payload type'

describe('api.redirect.validateToken', () => {
  it('api.redirect.validateToken: returns standard and custom claims together, flat', async () => {
    const { value, tokens } = await validate(sign(CLAIMS))
    expect(value).toEqual(CLAIMS)
    expect(tokens).toEqual([{ method: 'validateToken', payload: CLAIMS }])
  })

  it('api.redirect.validateToken: reads the query string when the body has no such parameter', async () => {
    const { value } = await validate(undefined, {
      query: { state: 'the-state', session_token: sign(CLAIMS) },
      body: {},
    })
    expect(value).toEqual(CLAIMS)
  })

  it('api.redirect.validateToken: the body wins over the query string, state included', async () => {
    const { value } = await validate(undefined, {
      query: { state: 'another', session_token: 'garbage' },
      body: { state: 'the-state', session_token: sign(CLAIMS) },
    })
    expect(value).toEqual(CLAIMS)
  })

  it('api.redirect.validateToken: reads the parameter it is told to', async () => {
    const { value } = await probe.run(
      `return api.redirect.validateToken({ ${secret}, tokenParameterName: 'proof' })`,
      continued(undefined, { body: { proof: sign(CLAIMS) } }),
    )
    expect(value).toEqual(CLAIMS)
  })

  it('api.redirect.validateToken: an empty parameter name means session_token and is written back', async () => {
    const { value } = await probe.run(
      `const options = { ${secret}, tokenParameterName: '' }
       api.redirect.validateToken(options)
       return options.tokenParameterName`,
      continued(sign(CLAIMS)),
    )
    expect(value).toBe('session_token')
  })

  it.each([
    ['missing', undefined],
    ['empty', ''],
  ])('api.redirect.validateToken: a %s parameter has its own message', async (_, token) => {
    const { error, tokens } = await validate(token)
    expect(error).toBe(
      "Error: There is no parameter called 'session_token' available in either the POST body or query string.",
    )
    expect(tokens).toEqual([])
  })

  it.each<[what: string, reason: string, token: () => unknown, request?: object]>([
    ['another secret', SIGNATURE, () => sign(CLAIMS, { key: 'other' })],
    ['a changed payload', SIGNATURE, () => sign(CLAIMS).replace(/\.[^.]+\./, `.${part(CLAIMS)}.`)],
    ['a cut signature', SIGNATURE, () => sign(CLAIMS).slice(0, -2)],
    ['no signature', SIGNATURE, () => sign(CLAIMS).replace(/[^.]+$/, '')],
    ['two parts', SIGNATURE, () => sign(CLAIMS).split('.').slice(0, 2).join('.')],
    ['four parts', SIGNATURE, () => `${sign(CLAIMS)}.x`],
    ['padding', SIGNATURE, () => `${sign(CLAIMS)}=`],
    ['alg none', SIGNATURE, () => sign(CLAIMS, { header: { alg: 'none', typ: 'JWT' } })],
    ['alg HS512', SIGNATURE, () => sign(CLAIMS, { header: { alg: 'HS512', typ: 'JWT' } })],
    ['no alg', SIGNATURE, () => sign(CLAIMS, { header: { typ: 'JWT' } })],
    ['a list instead of a token', SIGNATURE, () => [sign(CLAIMS), sign(CLAIMS)]],
    ['text that is no token', SIGNATURE, () => 'not a token'],
    ['a payload that is a list', SIGNATURE, () => sign([CLAIMS])],
    ['no iss', STANDARD, () => sign(without('iss'))],
    ['no sub', STANDARD, () => sign(without('sub'))],
    ['no iat', STANDARD, () => sign(without('iat'))],
    ['no exp', STANDARD, () => sign(without('exp'))],
    ['exp as text', STANDARD, () => sign({ ...CLAIMS, exp: String(CLAIMS.exp) })],
    ['an empty sub', STANDARD, () => sign({ ...CLAIMS, sub: '' })],
    ['typ at+jwt', TYPE, () => sign(CLAIMS, { header: { alg: 'HS256', typ: 'at+jwt' } })],
    ['no typ', TYPE, () => sign(CLAIMS, { header: { alg: 'HS256' } })],
    ['exp equal to now', EXPIRED, () => sign({ ...CLAIMS, exp: NOW_SECONDS })],
    ['exp in the past', EXPIRED, () => sign({ ...CLAIMS, exp: NOW_SECONDS - 1 })],
    ['another state', STATE, () => sign({ ...CLAIMS, state: 'other' })],
    ['no state claim', STATE, () => sign(without('state'))],
    [
      'neither a state claim nor a state parameter',
      STATE,
      () => sign(without('state')),
      { query: {} },
    ],
    ['another subject', SUB, () => sign({ ...CLAIMS, sub: 'auth0|2' })],
  ])('api.redirect.validateToken: refuses %s: %s', async (_what, reason, token, request) => {
    const { error, tokens, value } = await validate(token(), request)
    expect(error).toBe(`Error: The session token is invalid: ${reason}`)
    expect(tokens).toEqual([expect.objectContaining({ method: 'validateToken', refused: reason })])
    expect(value).toBeUndefined()
  })

  it('api.redirect.validateToken: the trace of what is no token holds no payload', async () => {
    const { tokens } = await validate('not a token')
    expect(tokens).toEqual([{ method: 'validateToken', payload: null, refused: SIGNATURE }])
  })

  it('api.redirect.validateToken: exp one second ahead is accepted', async () => {
    const { error } = await validate(sign({ ...CLAIMS, exp: NOW_SECONDS + 1 }))
    expect(error).toBeUndefined()
  })

  it.each(['jwt', 'Jwt'])(
    'api.redirect.validateToken: typ %s is JWT in another case',
    async (typ) => {
      const { error } = await validate(sign(CLAIMS, { header: { alg: 'HS256', typ } }))
      expect(error).toBeUndefined()
    },
  )

  it('api.redirect.validateToken: iss is required but need not be the host', async () => {
    const { error } = await validate(sign({ ...CLAIMS, iss: 'https://anything.example/' }))
    expect(error).toBeUndefined()
  })

  it('api.redirect.validateToken: iat in the future is not refused, because nothing says so', async () => {
    const { error } = await validate(sign({ ...CLAIMS, iat: NOW_SECONDS + 3600 }))
    expect(error).toBeUndefined()
  })

  it.each([
    ['undefined', 'event.secrets.NO_SUCH_SECRET'],
    ['empty', "''"],
  ])('api.redirect.validateToken: an %s secret refuses every token', async (_, given) => {
    const { error } = await probe.run(
      `return api.redirect.validateToken({ secret: ${given} })`,
      continued(sign(CLAIMS, { key: '' })),
    )
    expect(error).toBe(`Error: The session token is invalid: ${SIGNATURE}`)
  })

  it('api.redirect.validateToken: a session token sent back as it came is refused, it has no state', async () => {
    const { value: bounced } = await probe.run(
      `return api.redirect.encodeToken({ ${secret}, payload: {} })`,
    )
    const { error } = await validate(bounced)
    expect(error).toBe(`Error: The session token is invalid: ${STATE}`)
  })

  it('api.redirect.validateToken: a refusal can be caught, and the handler goes on', async () => {
    const { commands, error } = await probe.run(
      `try { api.redirect.validateToken({ ${secret} }) } catch { api.access.deny('no'); return }`,
      continued('garbage'),
    )
    expect(error).toBeUndefined()
    expect(commands).toEqual([{ type: 'access.deny', reason: 'no' }])
  })
})

const part = (value: object) =>
  Buffer.from(JSON.stringify({ ...value, decision: 'deny' })).toString('base64url')

describe('switches of validateToken', () => {
  const withSwitches = async (
    switches: Partial<typeof DEFAULT_SWITCHES>,
    token: string,
  ): Promise<string | undefined> => {
    const own = createProbe('password-reset-post-challenge', { switches })
    const { error } = await own.run(
      `return api.redirect.validateToken({ ${secret} })`,
      continued(token),
    )
    await own.close()
    return error
  }

  it('validateTokenIssuer: hostname refuses another iss and takes the bare host', async () => {
    const switches = { validateTokenIssuer: 'hostname' } as const
    expect(await withSwitches(switches, sign(CLAIMS))).toMatch(/The session token is invalid: /)
    expect(await withSwitches(switches, sign({ ...CLAIMS, iss: 'tenant.localhost' }))).toBe(
      undefined,
    )
  })

  it('validateTokenChecksSub: off lets another subject through', async () => {
    const token = sign({ ...CLAIMS, sub: 'auth0|2' })
    expect(await withSwitches({ validateTokenChecksSub: false }, token)).toBeUndefined()
  })

  it('validateTokenChecksType: off lets a token without typ through', async () => {
    const token = sign(CLAIMS, { header: { alg: 'HS256' } })
    expect(await withSwitches({ validateTokenChecksType: false }, token)).toBeUndefined()
  })

  it('tokenExpiryLeewaySeconds: is exclusive to the second', async () => {
    const expired = (seconds: number) => sign({ ...CLAIMS, exp: NOW_SECONDS - seconds })
    const switches = { tokenExpiryLeewaySeconds: 10 }
    expect(await withSwitches(switches, expired(9))).toBeUndefined()
    expect(await withSwitches(switches, expired(10))).toContain(EXPIRED)
  })

  it('validateTokenOrder: state_first names the state before the signature', async () => {
    const token = sign({ ...CLAIMS, state: 'other' }, { key: 'other' })
    expect(await withSwitches({}, token)).toContain(SIGNATURE)
    expect(await withSwitches({ validateTokenOrder: 'state_first' }, token)).toContain(STATE)
  })

  it('the defaults are those of the contract', () => {
    expect(DEFAULT_SWITCHES).toEqual({
      validateTokenIssuer: 'presence',
      validateTokenChecksSub: true,
      validateTokenChecksType: true,
      tokenExpiryLeewaySeconds: 0,
      validateTokenOrder: 'signature_first',
      cacheAfterRedirect: 'kept',
      instances: 'warm',
    })
  })
})
