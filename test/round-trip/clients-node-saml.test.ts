/**
 * A service provider on `@node-saml/node-saml` logs in through the emulated tenant: signed assertion, signed
 * response, encrypted assertion, signed requests, started by either side, with what Actions set.
 */
import { type CacheProvider, SAML, type SamlConfig } from '@node-saml/node-saml'
import { generate } from 'selfsigned'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  type Browser,
  createBrowser,
  createTenant,
  type Tenant,
  type TenantOptions,
} from '../../src/emulator/index.ts'
import { EMAIL, onLogin, PASSWORD } from '../support/login-world.ts'

const CLIENT_ID = 'SamlApplication00000000000000000'
const ACS = 'https://sp.example/acs'
const SP = 'urn:example:sp'

interface KeyPair {
  readonly private: string
  readonly public: string
  readonly cert: string
}
let spKeys: KeyPair
let otherKeys: KeyPair
beforeAll(async () => {
  const make = (value: string) => generate([{ name: 'commonName', value }], { algorithm: 'sha256' })
  ;[spKeys, otherKeys] = await Promise.all([make('sp.example'), make('other.example')])
})

const open: Tenant[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((tenant) => tenant.close()))
})

type Settings = NonNullable<
  NonNullable<NonNullable<TenantOptions['clients']>[number]['addons']>['samlp']
>

/** What the service provider's page was sent, and the browser that sent it. */
interface Arrived {
  readonly tenant: Tenant
  readonly browser: Browser
  readonly posted: () => Record<string, string>
  readonly sp: (config?: Partial<SamlConfig>) => Promise<SAML>
}

function start(action = '', settings: Settings = {}): Arrived {
  const tenant = createTenant({
    users: [{ email: EMAIL, password: PASSWORD, given_name: 'Ada', user_id: 'auth0|ada' }],
    clients: [{ client_id: CLIENT_ID, name: 'SP', callbacks: [ACS], addons: { samlp: settings } }],
    actions: { 'post-login': [{ name: 'saml', code: onLogin(action) }] },
  })
  open.push(tenant)
  let last: Record<string, string> = {}
  const browser = createBrowser({
    routes: {
      [tenant.origin]: tenant.fetch,
      'https://sp.example': async (request) => {
        last = Object.fromEntries(new URLSearchParams(await request.text()))
        return new Response('<title>SP</title>', { headers: { 'content-type': 'text/html' } })
      },
    },
  })
  // What a provider remembers of its own requests, so that an answer to none of them is refused.
  const requests = new Map<string, string>()
  const cacheProvider: CacheProvider = {
    saveAsync: async (key, value) => {
      requests.set(key, value)
      return { value, createdAt: Date.now() }
    },
    getAsync: async (key) => requests.get(key) ?? null,
    removeAsync: async (key) => {
      if (key !== null) requests.delete(key)
      return key
    },
  }
  const sp = async (config: Partial<SamlConfig> = {}) => {
    const metadata = await tenant.fetch(new Request(`${tenant.origin}/samlp/metadata/${CLIENT_ID}`))
    const idpCert = /X509Certificate[^>]*>([^<]+)</.exec(await metadata.text())?.[1] ?? ''
    return new SAML({
      callbackUrl: ACS,
      entryPoint: `${tenant.origin}/samlp/${CLIENT_ID}`,
      issuer: SP,
      audience: SP,
      idpIssuer: 'urn:emulated',
      idpCert,
      identifierFormat: null,
      wantAuthnResponseSigned: false,
      wantAssertionsSigned: true,
      disableRequestedAuthnContext: true,
      validateInResponseTo: 'always' as NonNullable<SamlConfig['validateInResponseTo']>,
      cacheProvider,
      ...config,
    } as SamlConfig)
  }
  return { tenant, browser, posted: () => last, sp }
}

async function logIn({ browser }: Arrived, provider: SAML, relayState = 'relayed') {
  await browser.visit(await provider.getAuthorizeUrlAsync(relayState, undefined, {}))
  if (new URL(browser.page.url).pathname === '/u/login')
    await browser.submit(undefined, { username: EMAIL, password: PASSWORD })
  await browser.autoSubmit()
}

const profileOf = async ({ posted }: Arrived, provider: SAML) =>
  (await provider.validatePostResponseAsync(posted())).profile

const xmlOf = ({ posted }: Arrived) =>
  Buffer.from(posted().SAMLResponse ?? '', 'base64').toString('utf8')

const CLAIMS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims'

describe('node-saml', () => {
  it('logs in by the redirect binding with a signed assertion', async () => {
    const world = start()
    const provider = await world.sp()
    await logIn(world, provider)
    expect(world.browser.page.url).toBe(ACS)
    expect(world.posted().RelayState).toBe('relayed')
    expect(await profileOf(world, provider)).toMatchObject({
      issuer: 'urn:emulated',
      nameID: 'auth0|ada',
      nameIDFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
      [`${CLAIMS}/emailaddress`]: EMAIL,
      [`${CLAIMS}/givenname`]: 'Ada',
      [`${CLAIMS}/upn`]: EMAIL,
      'http://schemas.auth0.com/clientID': CLIENT_ID,
      'http://schemas.auth0.com/identities/default/provider': 'auth0',
    })
    expect(world.tenant.logs().map(({ type }) => type)).toEqual(['s'])
  })

  it('logs in by the POST binding', async () => {
    const world = start()
    const provider = await world.sp({
      authnRequestBinding: 'HTTP-POST',
      skipRequestCompression: true,
    })
    const form = await provider.getAuthorizeFormAsync('relayed')
    const fields = [...form.matchAll(/name="(\w+)" value="([^"]*)"/g)]
    await world.browser.visit(`${world.tenant.origin}/`)
    await world.browser.post(
      `${world.tenant.origin}/samlp/${CLIENT_ID}`,
      Object.fromEntries(fields.map(([, name = '', value = '']) => [name, value])),
    )
    await world.browser.submit(undefined, { username: EMAIL, password: PASSWORD })
    await world.browser.autoSubmit()
    expect((await profileOf(world, provider))?.nameID).toBe('auth0|ada')
  })

  it('refuses a response that was changed in one place', async () => {
    const world = start()
    const provider = await world.sp()
    await logIn(world, provider)
    const changed = xmlOf(world).replace('auth0|ada', 'auth0|eve')
    await expect(
      provider.validatePostResponseAsync({
        SAMLResponse: Buffer.from(changed).toString('base64'),
      }),
    ).rejects.toThrow(/signature/i)
  })

  it('takes a signed response in place of a signed assertion, when the Action asks for it', async () => {
    const world = start('api.samlResponse.setSignResponse(true)')
    const provider = await world.sp({ wantAuthnResponseSigned: true, wantAssertionsSigned: false })
    await logIn(world, provider)
    expect((await profileOf(world, provider))?.nameID).toBe('auth0|ada')
    expect(xmlOf(world)).toMatch(
      /<samlp:Response[^>]*><saml:Issuer[^>]*>[^<]*<\/saml:Issuer><ds:Sig/,
    )
  })

  it.each(['aes256-gcm', 'aes256-cbc'])(
    'reads an assertion encrypted with %s',
    async (algorithm) => {
      const world = start(
        `api.samlResponse.setEncryptionCert(event.user.app_metadata.cert)
       api.samlResponse.setEncryptionPublicKey(event.user.app_metadata.key)
       api.samlResponse.setEncryptionAlgorithm('${algorithm}')`,
      )
      world.tenant.users.update('auth0|ada', {
        app_metadata: { cert: spKeys.cert, key: spKeys.public },
      })
      const provider = await world.sp({ decryptionPvk: spKeys.private })
      await logIn(world, provider)
      expect(xmlOf(world)).not.toContain(EMAIL)
      expect(xmlOf(world)).toContain('EncryptedAssertion')
      expect((await profileOf(world, provider))?.nameID).toBe('auth0|ada')
      const stranger = await world.sp({ decryptionPvk: otherKeys.private })
      await expect(profileOf(world, stranger)).rejects.toThrow()
    },
  )

  it('sees what the Action set in the response', async () => {
    const world = start(`
      api.samlResponse.setAttribute('role', ['admin', 'editor'])
      api.samlResponse.setAttribute('level', 3)
      api.samlResponse.setAttribute('${CLAIMS}/upn', null)
      api.samlResponse.setAudience('urn:example:other')
      api.samlResponse.setIssuer('urn:example:idp')
      api.samlResponse.setRecipient('https://sp.example/recipient')
      api.samlResponse.setDestination('https://sp.example/destination')
      api.samlResponse.setRelayState('changed')
      api.samlResponse.setNameIdentifierFormat('urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress')
      api.samlResponse.setNameIdentifierProbes(['${CLAIMS}/emailaddress'])
      api.samlResponse.setAuthnContextClassRef('urn:oasis:names:tc:SAML:2.0:ac:classes:Password')
      api.samlResponse.setLifetimeInSeconds(60)
      api.samlResponse.setMapIdentities(false)
      api.samlResponse.setPassthroughClaimsWithNoMapping(false)`)
    const provider = await world.sp({ audience: 'urn:example:other', idpIssuer: 'urn:example:idp' })
    await logIn(world, provider)
    expect(world.browser.page.url).toBe('https://sp.example/destination')
    expect(world.posted().RelayState).toBe('changed')
    const profile = await profileOf(world, provider)
    expect(profile).toMatchObject({ nameID: EMAIL, role: ['admin', 'editor'], level: '3' })
    expect(profile).not.toHaveProperty([`${CLAIMS}/upn`])
    expect(profile).not.toHaveProperty(['http://schemas.auth0.com/clientID'])
    const xml = xmlOf(world)
    expect(xml).toContain('Recipient="https://sp.example/recipient"')
    expect(xml).toContain('ac:classes:Password')
    expect(xml).toMatch(/Name="role" NameFormat="[^"]*:basic"/)
    expect(xml).toContain('xsi:type="xs:double"')
    expect(xml).not.toContain('schemas.auth0.com')
    const [, from = '', until = ''] = /NotBefore="([^"]+)" NotOnOrAfter="([^"]+)"/.exec(xml) ?? []
    expect(Date.parse(until) - Date.parse(from)).toBe(60_000)
  })

  it('sees untyped attributes without a name format, and names as they are', async () => {
    const world = start(`
      api.samlResponse.setTypedAttributes(false)
      api.samlResponse.setIncludeAttributeNameFormat(false)
      api.samlResponse.setMapUnknownClaimsAsIs(true)
      api.samlResponse.setCreateUpnClaim(false)`)
    const provider = await world.sp()
    await logIn(world, provider)
    expect(await profileOf(world, provider)).toMatchObject({ clientID: CLIENT_ID })
    expect(xmlOf(world)).not.toContain('NameFormat=')
    expect(xmlOf(world)).not.toContain('xs:string"')
    expect(xmlOf(world)).not.toContain(`${CLAIMS}/upn`)
  })

  it('verifies with the key the Action brought, and with the older algorithms it chose', async () => {
    const world = start(`
      api.samlResponse.setCert(event.user.app_metadata.cert)
      api.samlResponse.setKey(event.user.app_metadata.key)
      api.samlResponse.setSignatureAlgorithm('rsa-sha1')
      api.samlResponse.setDigestAlgorithm('sha1')`)
    world.tenant.users.update('auth0|ada', {
      app_metadata: { cert: otherKeys.cert, key: otherKeys.private },
    })
    const provider = await world.sp({ idpCert: otherKeys.cert })
    await logIn(world, provider)
    expect((await profileOf(world, provider))?.nameID).toBe('auth0|ada')
    expect(xmlOf(world)).toContain('xmldsig#rsa-sha1')
    const tenantsOwn = await world.sp({ validateInResponseTo: 'never' as never })
    await expect(profileOf(world, tenantsOwn)).rejects.toThrow(/signature/i)
  })

  it('logs in where the identity provider starts', async () => {
    const world = start('', { audience: SP })
    const { browser, tenant } = world
    await browser.visit(`${tenant.origin}/samlp/${CLIENT_ID}?RelayState=home`)
    await browser.submit(undefined, { username: EMAIL, password: PASSWORD })
    await browser.autoSubmit()
    expect(world.posted().RelayState).toBe('home')
    const provider = await world.sp({ validateInResponseTo: 'never' as never })
    expect((await profileOf(world, provider))?.nameID).toBe('auth0|ada')
  })

  it('escapes what an attribute holds', async () => {
    const world = start(`api.samlResponse.setAttribute('a"<b>', '<saml:x a="1">&amp;</saml:x>')`)
    const provider = await world.sp()
    await logIn(world, provider)
    expect(await profileOf(world, provider)).toMatchObject({
      'a"<b>': '<saml:x a="1">&amp;</saml:x>',
    })
  })

  it('is told of a denial by a signed response that lets nobody in', async () => {
    const world = start(`api.access.deny('not from here')`)
    const provider = await world.sp()
    await logIn(world, provider)
    await expect(profileOf(world, provider)).rejects.toThrow('not from here')
    expect(xmlOf(world)).not.toContain('Assertion')
  })

  it('with IsPassive is told that nobody is signed in, and with ForceAuthn asks again', async () => {
    const world = start()
    const passive = await world.sp({ passive: true })
    await logIn(world, passive)
    expect(xmlOf(world)).toContain('status:NoPassive')
    const provider = await world.sp()
    await logIn(world, provider)
    await world.browser.visit(await provider.getAuthorizeUrlAsync('', undefined, {}))
    expect(new URL(world.browser.page.url).pathname).toBe(`/samlp/${CLIENT_ID}`)
    const forced = await world.sp({ forceAuthn: true })
    await world.browser.visit(await forced.getAuthorizeUrlAsync('', undefined, {}))
    expect(new URL(world.browser.page.url).pathname).toBe('/u/login')
  })
})

describe('a SAML request', () => {
  it('must be signed by the key of the certificate the application names', async () => {
    const world = start('', { signingCert: spKeys.cert })
    const signed = await world.sp({ privateKey: spKeys.private, signatureAlgorithm: 'sha256' })
    await logIn(world, signed)
    expect((await profileOf(world, signed))?.nameID).toBe('auth0|ada')

    const foreign = await world.sp({ privateKey: otherKeys.private, signatureAlgorithm: 'sha256' })
    const good = await signed.getAuthorizeUrlAsync('relayed', undefined, {})
    const plain = await (await world.sp()).getAuthorizeUrlAsync('relayed', undefined, {})
    const unsigned = encodeURIComponent(new URL(plain).searchParams.get('SAMLRequest') ?? '')
    for (const url of [
      plain,
      await foreign.getAuthorizeUrlAsync('relayed', undefined, {}),
      good.replace('RelayState=relayed', 'RelayState=changed'),
      good.replace('SAMLRequest=', `SAMLRequest=${unsigned}&SAMLRequest=`),
      good.replace('SAMLRequest=', `SAML%52equest=${unsigned}&SAMLRequest=`),
    ]) {
      await world.browser.visit(url)
      expect(world.browser.page.status).toBe(400)
      expect(world.browser.page.text).toContain('signature')
    }
  })

  it('must be signed by the key of the certificate an Action names', async () => {
    const world = start('api.samlResponse.setSigningCert(event.user.app_metadata.cert)')
    const user = { app_metadata: { cert: spKeys.cert } }
    world.tenant.users.update('auth0|ada', user)
    const signed = await world.sp({ privateKey: spKeys.private, signatureAlgorithm: 'sha256' })
    await logIn(world, signed)
    expect((await profileOf(world, signed))?.nameID).toBe('auth0|ada')

    const foreign = await world.sp({ privateKey: otherKeys.private, signatureAlgorithm: 'sha256' })
    for (const provider of [await world.sp(), foreign]) {
      await logIn(world, provider)
      await expect(profileOf(world, provider)).rejects.toThrow(/signature/)
    }
    world.tenant.users.update('auth0|ada', { app_metadata: { cert: 'no certificate' } })
    await logIn(world, signed)
    await expect(profileOf(world, signed)).rejects.toThrow(/signature/)
    expect(world.tenant.logs().map(({ type }) => type)).toEqual(['s', 'f', 'f', 'f'])
  })

  it('by POST must be signed in the document, over all of it', async () => {
    const world = start('', { signingCert: spKeys.cert })
    const provider = await world.sp({
      privateKey: spKeys.private,
      signatureAlgorithm: 'sha256',
      authnRequestBinding: 'HTTP-POST',
      skipRequestCompression: true,
    })
    const form = await provider.getAuthorizeFormAsync('')
    const samlRequest = /name="SAMLRequest" value="([^"]*)"/.exec(form)?.[1] ?? ''
    const xml = Buffer.from(samlRequest, 'base64').toString('utf8')
    const post = async (document: string) => {
      const browser = createBrowser({ routes: { [world.tenant.origin]: world.tenant.fetch } })
      await browser.visit(`${world.tenant.origin}/`)
      await browser.post(`${world.tenant.origin}/samlp/${CLIENT_ID}`, {
        SAMLRequest: Buffer.from(document).toString('base64'),
      })
      return browser.page.status
    }
    expect(await post(xml)).toBe(200)
    expect(await post(xml.replace(SP, 'urn:example:xx'))).toBe(400)
    expect(await post(xml.replace(/<Signature[\s\S]*<\/Signature>/, ''))).toBe(400)
    const unsigned = xml
      .replace(/<Signature[\s\S]*<\/Signature>/, '')
      .replace(/ ID="[^"]*"/, ' ID="_x"')
    expect(
      await post(unsigned.replace('</samlp:AuthnRequest>', `${xml}</samlp:AuthnRequest>`)),
    ).toBe(400)
  })

  it.each([
    ['is no XML', () => Buffer.from('hello').toString('base64')],
    ['is another document', () => Buffer.from('<a/>').toString('base64')],
    [
      'brings entities of its own',
      () =>
        Buffer.from(
          '<!DOCTYPE a [<!ENTITY b "c">]><samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1"/>',
        ).toString('base64'),
    ],
    [
      'wants the answer elsewhere',
      () =>
        Buffer.from(
          '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" AssertionConsumerServiceURL="https://evil.example/acs"/>',
        ).toString('base64'),
    ],
  ])('that %s is refused, and nobody is sent anywhere', async (_what, request) => {
    const world = start()
    await world.browser.visit(`${world.tenant.origin}/`)
    await world.browser.post(`${world.tenant.origin}/samlp/${CLIENT_ID}`, {
      SAMLRequest: request(),
    })
    expect(world.browser.page.status).toBe(400)
    expect(new URL(world.browser.page.url).origin).toBe(world.tenant.origin)
  })

  it('is refused for an application without the add-on', async () => {
    const tenant = createTenant({
      clients: [{ client_id: CLIENT_ID, name: 'x', callbacks: [ACS] }],
    })
    open.push(tenant)
    const answer = await tenant.fetch(new Request(`${tenant.origin}/samlp/${CLIENT_ID}`))
    expect(answer.status).toBe(400)
  })
})
