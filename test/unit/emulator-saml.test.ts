/**
 * The emulated tenant as a SAML identity provider, below what a service provider's library sees: metadata,
 * requests that are too large, and settings that are half there.
 */
import { deflateRawSync } from 'node:zlib'
import { generate } from 'selfsigned'
import { afterEach, describe, expect, it } from 'vitest'
import {
  createBrowser,
  createTenant,
  drive,
  type Tenant,
  type TenantOptions,
} from '../../src/emulator/index.ts'
import { EMAIL, onLogin, PASSWORD } from '../support/login-world.ts'

const CLIENT_ID = 'SamlApplication00000000000000000'
const ACS = 'https://sp.example/acs'

const open: Tenant[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((tenant) => tenant.close()))
})

function start(action = '', options: TenantOptions = {}) {
  const tenant = createTenant({
    users: [{ email: EMAIL, password: PASSWORD, user_id: 'auth0|ada' }],
    clients: [{ client_id: CLIENT_ID, name: 'SP', callbacks: [ACS], addons: { samlp: {} } }],
    actions: { 'post-login': [{ name: 'saml', code: onLogin(action) }] },
    ...options,
  })
  open.push(tenant)
  const browser = createBrowser({ routes: { [tenant.origin]: tenant.fetch } })
  return { tenant, browser }
}

const ask = (tenant: Tenant, path: string) =>
  tenant.fetch(new Request(`${tenant.origin}/samlp/${path}`))

/** The XML of the response on the page that would send it on. */
async function responseOf({ tenant, browser }: ReturnType<typeof start>) {
  await browser.visit(`${tenant.origin}/samlp/${CLIENT_ID}`)
  await browser.submit(undefined, { username: EMAIL, password: PASSWORD })
  const [, value = ''] =
    browser.page.forms[0]?.fields.find(([name]) => name === 'SAMLResponse') ?? []
  return Buffer.from(value, 'base64').toString('utf8')
}

const requestFor = (xml: string) => encodeURIComponent(deflateRawSync(xml).toString('base64'))
const AUTHN =
  '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" Version="2.0"/>'

describe('the metadata', () => {
  it('names the issuer, both bindings and one certificate', async () => {
    const { tenant } = start()
    const answer = await ask(tenant, `metadata/${CLIENT_ID}`)
    const xml = await answer.text()
    expect(answer.headers.get('content-type')).toBe('application/xml')
    expect(xml).toContain('entityID="urn:emulated"')
    expect(xml.match(/SingleSignOnService /g)).toHaveLength(2)
    expect(xml).toMatch(/X509Certificate[^>]*>MII[A-Za-z0-9+/=]+</)
  })

  it('is there for applications with the add-on alone', async () => {
    const { tenant } = start('', { clients: [{ client_id: CLIENT_ID, name: 'SP' }] })
    expect((await ask(tenant, `metadata/${CLIENT_ID}`)).status).toBe(404)
    expect((await ask(tenant, 'metadata/unknown')).status).toBe(404)
  })
})

describe('a request', () => {
  it('is read from deflated XML, and leads to the login page', async () => {
    const { tenant } = start()
    const answer = await ask(tenant, `${CLIENT_ID}?SAMLRequest=${requestFor(AUTHN)}`)
    expect(answer.headers.get('location')).toContain('/u/login?state=')
  })

  it.each([
    [
      'inflates to more than 64 kB',
      AUTHN.replace('/>', `>${' '.repeat(70_000)}</samlp:AuthnRequest>`),
    ],
    [
      'wants to be shown and not shown',
      AUTHN.replace('ID=', 'ForceAuthn="true" IsPassive="1" ID='),
    ],
    ['is a logout', AUTHN.replaceAll('AuthnRequest', 'LogoutRequest')],
    ['is cut off', AUTHN.slice(0, -2)],
  ])('that %s is refused', async (_what, xml) => {
    const { tenant } = start()
    const answer = await ask(tenant, `${CLIENT_ID}?SAMLRequest=${requestFor(xml)}`)
    expect(answer.status).toBe(400)
    expect(tenant.trace.of('login.requested')).toEqual([])
  })

  it('for an unknown application, or one without an address, is refused', async () => {
    const { tenant } = start('', {
      clients: [{ client_id: CLIENT_ID, name: 'SP', addons: { samlp: {} } }],
    })
    expect((await ask(tenant, 'unknown')).status).toBe(400)
    expect((await ask(tenant, CLIENT_ID)).status).toBe(400)
  })
})

describe('the response', () => {
  it('is in the clear when only one half of the encryption is set', async () => {
    const { cert } = await generate([{ name: 'commonName', value: 'sp' }], { algorithm: 'sha256' })
    const world = start(`api.samlResponse.setEncryptionCert(${JSON.stringify(cert)})`)
    const xml = await responseOf(world)
    expect(xml).not.toContain('EncryptedAssertion')
    expect(xml).toContain('auth0|ada')
  })

  it('is signed by the tenant when only one half of another key is set', async () => {
    const { cert } = await generate([{ name: 'commonName', value: 'x' }], { algorithm: 'sha256' })
    const world = start(`api.samlResponse.setCert(${JSON.stringify(cert)})`)
    const xml = await responseOf(world)
    const own = await (await ask(world.tenant, `metadata/${CLIENT_ID}`)).text()
    const certificate = />(MII[^<]+)</.exec(own)?.[1] ?? 'none'
    expect(xml).toContain(certificate)
  })

  it('of the application is changed by the Action for one login only', async () => {
    const world = start(
      `if (event.stats.logins_count === 1) api.samlResponse.setAudience('urn:once')`,
      {
        clients: [
          {
            client_id: CLIENT_ID,
            name: 'SP',
            callbacks: [ACS],
            addons: { samlp: { audience: 'urn:always' } },
          },
        ],
      },
    )
    expect(await responseOf(world)).toContain('>urn:once<')
    await world.browser.clearCookies()
    expect(await responseOf(world)).toContain('>urn:always<')
  })

  it('waits for what Actions put between: a challenge, then the assertion', async () => {
    const world = start(`api.authentication.challengeWith({ type: 'push-notification' })`, {
      users: [
        {
          email: EMAIL,
          password: PASSWORD,
          user_id: 'auth0|ada',
          factors: ['push-notification'],
        },
      ],
    })
    expect(await responseOf(world)).toBe('')
    await drive.passChallenge(world.browser, world.tenant, EMAIL)
    expect(world.browser.page.forms[0]?.fields.map(([name]) => name)).toContain('SAMLResponse')
  })
})
