/**
 * `/samlp/{client}`: a service provider asks for a login by redirect or POST, or a person starts it here.
 * `/samlp/metadata/{client}` tells the provider what to trust.
 */
import type { Context, Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import { checkSamlRequest } from '../tenant/saml-request.ts'
import { writeXml } from '../tenant/saml-xml.ts'
import { loginErrorPage } from './login-error.tsx'
import { browserOf, factsOf, formOf, goTo, originOf } from './surface.ts'

const BINDINGS = 'urn:oasis:names:tc:SAML:2.0:bindings'

export function mountSaml(app: Hono, core: TenantCore) {
  const refuse = (c: Context, description: string) =>
    loginErrorPage(core, c, { error: 'invalid_request', description })

  const start = async (c: Context, form: Readonly<Record<string, string>> | undefined) => {
    const client = core.clients.get(c.req.param('client') ?? '')
    if (!client) return refuse(c, `Unknown client: ${c.req.param('client')}`)
    if (!client.addons.samlp)
      return refuse(c, 'The SAML2 add-on is not enabled for the application.')
    const query = new URL(c.req.url).search.slice(1)
    const parameters = form ?? c.req.query()
    const request = await checkSamlRequest(
      client,
      {
        binding: form ? 'post' : 'redirect',
        samlRequest: parameters.SAMLRequest,
        relayState: parameters.RelayState,
        query,
      },
      originOf(c),
    )
    if ('fault' in request) return refuse(c, request.fault)
    return goTo(c, await core.loginSide.login.begin(request, browserOf(core, c), factsOf(core, c)))
  }

  app.get('/samlp/metadata/:client', async (c) => {
    const client = core.clients.get(c.req.param('client'))
    if (!client?.addons.samlp) return c.text('Not found', 404)
    const { certificate } = await core.loginSide.keys.certified()
    const location = `${originOf(c)}/samlp/${client.client_id}`
    const xml = await writeXml({
      name: 'md:EntityDescriptor',
      attributes: { entityID: client.addons.samlp.issuer ?? `urn:${core.name}` },
      children: [
        {
          name: 'md:IDPSSODescriptor',
          attributes: { protocolSupportEnumeration: 'urn:oasis:names:tc:SAML:2.0:protocol' },
          children: [
            {
              name: 'md:KeyDescriptor',
              attributes: { use: 'signing' },
              children: [
                {
                  name: 'ds:KeyInfo',
                  children: [
                    {
                      name: 'ds:X509Data',
                      children: [
                        {
                          name: 'ds:X509Certificate',
                          text: certificate.replaceAll(/-----[^-]+-----|\s/g, ''),
                        },
                      ],
                    },
                  ],
                },
              ],
            },
            ...['HTTP-Redirect', 'HTTP-POST'].map((binding) => ({
              name: 'md:SingleSignOnService' as const,
              attributes: { Binding: `${BINDINGS}:${binding}`, Location: location },
            })),
          ],
        },
      ],
    })
    return c.body(xml, 200, { 'content-type': 'application/xml' })
  })
  app.get('/samlp/:client', (c) => start(c, undefined))
  app.post('/samlp/:client', async (c) => {
    const form = await formOf(c)
    return form ? start(c, form) : refuse(c, 'Send an urlencoded form.')
  })
}
