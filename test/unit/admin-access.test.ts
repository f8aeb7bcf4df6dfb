/** The token of Cloudflare Access: each check one change away, its keys over real HTTP, and the roles. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAccessCheck } from '../../src/verifier/admin/access.ts'
import type { AccessSettings } from '../../src/verifier/config-admin.ts'
import { createAccessTokens } from '../../src/verifier/token/access-token.ts'
import { adminWorld } from '../support/admin-world.ts'

type Key = Awaited<ReturnType<typeof generateKeyPair>>

const NOW = 1_800_000_000
const AUDIENCE = 'a'.repeat(64)

let server: Server
let issuer: string
let published: { readonly kid: string; readonly key: Key }[]
let asked: string[]
let own: Key
let foreign: Key

beforeAll(async () => {
  own = await generateKeyPair('RS256', { extractable: true })
  foreign = await generateKeyPair('RS256', { extractable: true })
  server = createServer(async (request, response) => {
    asked.push(request.url ?? '')
    const keys = await Promise.all(
      published.map(async ({ kid, key }) => ({
        ...(await exportJWK(key.publicKey)),
        kid,
        alg: 'RS256',
        use: 'sig',
      })),
    )
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ keys }))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise<void>((closed) => server.close(() => closed())))
beforeEach(() => {
  asked = []
  published = [{ kid: 'k1', key: own }]
})

const CLAIMS = {
  sub: 'f2d9c1',
  email: 'ada@example.com',
  type: 'app',
  custom: { groups: ['security', 'all'] },
}

interface Changes {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly issuer?: string
  readonly audience?: string | string[]
  readonly from?: number
  readonly until?: number
  readonly key?: Key
  readonly kid?: string
}

async function token(changes: Changes = {}): Promise<string> {
  return await new SignJWT({ ...CLAIMS, ...changes.claims })
    .setProtectedHeader({ alg: 'RS256', kid: changes.kid ?? 'k1', typ: 'JWT' })
    .setIssuer(changes.issuer ?? issuer)
    .setAudience(changes.audience ?? [AUDIENCE])
    .setIssuedAt(changes.from ?? NOW - 60)
    .setNotBefore(changes.from ?? NOW - 60)
    .setExpirationTime(changes.until ?? NOW + 3600)
    .sign((changes.key ?? own).privateKey)
}

function verifier(failures: string[] = []) {
  return createAccessTokens({
    issuer,
    audience: AUDIENCE,
    clock: () => NOW,
    fetch,
    onFailure: (errorClass, code) => failures.push(`${errorClass} ${code}`),
  })
}

describe('a token of Access', () => {
  it('names its person when everything holds', async () => {
    const found = await verifier()(await token())
    expect(found).toMatchObject({ subject: 'f2d9c1', email: 'ada@example.com' })
    expect(asked).toEqual(['/cdn-cgi/access/certs'])
  })

  it.each<[string, () => Changes]>([
    ['of another team', () => ({ issuer: 'https://other.cloudflareaccess.com' })],
    ['for another application', () => ({ audience: ['b'.repeat(64)] })],
    ['for nobody', () => ({ audience: [] })],
    ['signed by a key that is not published', () => ({ key: foreign })],
    ['that names no published key', () => ({ kid: 'k2' })],
    ['that is over', () => ({ until: NOW - 6 })],
    ['that is not valid yet', () => ({ from: NOW + 60 })],
    ['without a subject, as service tokens are', () => ({ claims: { sub: '' } })],
    ['with a subject that breaks lines', () => ({ claims: { sub: 'a\nb' } })],
  ])('%s is nobody', async (_what, changes) => {
    expect(await verifier()(await token(changes()))).toBeUndefined()
  })

  it.each<[string, (text: string) => string]>([
    ['with one letter of its claims different', (text) => swap(text, 1)],
    ['with one letter of its signature different', (text) => swap(text, 2)],
    ['without its signature', (text) => text.replace(/[^.]*$/, '')],
    [
      'that claims no algorithm',
      (text) => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${text.split('.')[1]}.`,
    ],
    ['that is nothing of the kind', () => 'x'],
    ['that is empty', () => ''],
    ['that is endless', (text) => `${text}${'A'.repeat(9000)}`],
  ])('%s is nobody', async (_what, change) => {
    expect(await verifier()(change(await token()))).toBeUndefined()
  })

  it('signed with the public key as a secret is nobody', async () => {
    const { n = '' } = await exportJWK(own.publicKey)
    const forged = await new SignJWT(CLAIMS)
      .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
      .setIssuer(issuer)
      .setAudience(AUDIENCE)
      .setIssuedAt(NOW)
      .setExpirationTime(NOW + 60)
      .sign(Buffer.from(n))
    expect(await verifier()(forged)).toBeUndefined()
  })

  it('asks for keys once, and unknown keys cause no flood of questions', async () => {
    const verify = verifier()
    await verify(await token())
    for (let count = 0; count < 5; count += 1) await verify(await token({ kid: `x${count}` }))
    expect(asked.length).toBeLessThanOrEqual(2)
  })

  it('says of a failure its class and code, and nothing of the token', async () => {
    const failures: string[] = []
    await verifier(failures)(await token({ audience: ['b'.repeat(64)] }))
    expect(failures).toEqual(['JWTClaimValidationFailed ERR_JWT_CLAIM_VALIDATION_FAILED'])
  })
})

const swap = (text: string, part: number): string =>
  text
    .split('.')
    .map((own, index) =>
      index === part ? `${own.slice(0, 20)}${own[20] === 'A' ? 'B' : 'A'}${own.slice(21)}` : own,
    )
    .join('.')

describe('the role of whom Access lets through', () => {
  const settings = (changes: Partial<AccessSettings>): AccessSettings => ({
    issuer,
    audience: AUDIENCE,
    emails: new Map(),
    groups: new Map(),
    groupsClaim: 'groups',
    ...changes,
  })

  async function roleWith(changes: Partial<AccessSettings>, claims = {}) {
    const check = createAccessCheck(settings(changes), verifier())
    const headers = { 'cf-access-jwt-assertion': await token({ claims }) }
    return (await check.identify(new Request('https://verify.example.com/admin', { headers })))
      ?.role
  }

  it('is none without a rule that fits', async () => {
    expect(await roleWith({})).toBeUndefined()
    expect(await roleWith({ emails: new Map([['ben@example.com', 'admin']]) })).toBeUndefined()
    expect(await roleWith({ groups: new Map([['Security', 'admin']]) })).toBeUndefined()
  })

  it('comes from the e-mail address in any case, from a group, or from letting through', async () => {
    const emails = new Map([['ada@example.com', 'operator']] as const)
    expect(await roleWith({ emails }, { email: 'Ada@Example.com' })).toBe('operator')
    const groups = new Map([['security', 'admin']] as const)
    expect(await roleWith({ groups })).toBe('admin')
    expect(await roleWith({ groups, groupsClaim: 'teams' }, { teams: 'security' })).toBe('admin')
    expect(await roleWith({ defaultRole: 'viewer' })).toBe('viewer')
  })

  it('is the highest of those that fit', async () => {
    const groups = new Map([
      ['all', 'viewer'],
      ['security', 'operator'],
    ] as const)
    expect(await roleWith({ groups, defaultRole: 'viewer' })).toBe('operator')
  })

  it('reaches the service by the header alone, and is nobody without', async () => {
    const check = createAccessCheck(settings({ defaultRole: 'viewer' }), verifier())
    const world = adminWorld({ access: check })
    const text = await token()
    const headers = { 'cf-access-jwt-assertion': text }
    const answer = await world.request('/admin/api/me', { headers })
    expect(await answer.json()).toEqual({
      name: 'access:f2d9c1',
      display_name: 'ada@example.com',
      role: 'viewer',
    })
    const cookie = { cookie: `CF_Authorization=${text}` }
    expect((await world.request('/admin/api/me', { headers: cookie })).status).toBe(401)
    expect((await world.request('/admin/api/me')).status).toBe(401)
  })
})
