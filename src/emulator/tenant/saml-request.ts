/**
 * An AuthnRequest as a service provider sends it (SAML core 3.4, bindings 3.4 and 3.5), checked against the
 * application: where the answer goes, and whether it is signed when it has to be.
 */
import { inflateRawSync } from 'node:zlib'
import { firstUrl, isAllowedUrl } from './allowed-urls.ts'
import type { Client } from './clients.ts'
import type { LoginRequest, SamlReturn } from './login-request.ts'
import { isSignedQuery, isSignedXml } from './saml-signature.ts'
import { childText, NAMESPACES, readXml } from './saml-xml.ts'

export interface SamlMessage {
  readonly binding: 'redirect' | 'post'
  /** Base64, of deflated XML in the redirect binding; absent when the identity provider starts. */
  readonly samlRequest?: string | undefined
  readonly relayState?: string | undefined
  /** The query as it was sent, without `?`: what a redirect's signature is over. */
  readonly query: string
}

export const SIGNATURE_FAULT = 'The signature of the SAMLRequest is missing or wrong.'

const MOST_BYTES = 65_536

function decode({ binding, samlRequest = '' }: SamlMessage): string | undefined {
  const bytes = Buffer.from(samlRequest, 'base64')
  if (bytes.length === 0 || bytes.length > MOST_BYTES) return undefined
  if (binding === 'post') return bytes.toString('utf8')
  try {
    return inflateRawSync(bytes, { maxOutputLength: MOST_BYTES }).toString('utf8')
  } catch {
    return undefined
  }
}

const isTrue = (text: string | null) => text === 'true' || text === '1'

/** The request to log somebody in, or what is wrong. */
export async function checkSamlRequest(
  client: Client,
  message: SamlMessage,
  origin: string,
): Promise<LoginRequest | { readonly fault: string }> {
  const requestOf = (returnTo: SamlReturn, prompt: readonly string[]): LoginRequest => ({
    protocol: 'samlp',
    clientId: client.client_id,
    origin,
    returnTo,
    scope: ['openid', 'profile', 'email'],
    prompt,
    uiLocales: [],
    acrValues: [],
    query: Object.fromEntries(new URLSearchParams(message.query)),
  })
  const { relayState } = message
  const relayed = relayState === undefined ? {} : { relayState }
  const firstCallback = firstUrl(client.callbacks)
  if (firstCallback === undefined)
    return { fault: 'The application has no callback address for a SAML response.' }
  if (message.samlRequest === undefined)
    return requestOf({ kind: 'saml', acsUrl: firstCallback, ...relayed }, [])

  const xml = decode(message)
  const root = xml === undefined ? undefined : await readXml(xml)
  if (
    xml === undefined ||
    root?.namespaceURI !== NAMESPACES.protocol ||
    root.localName !== 'AuthnRequest'
  )
    return { fault: 'SAMLRequest is not an AuthnRequest.' }
  const isSignedBy = async (certificate: string) =>
    message.binding === 'post'
      ? isSignedXml(xml, certificate)
      : isSignedQuery(message.query, certificate)
  const certificate = client.addons.samlp?.signingCert
  if (certificate !== undefined && !(await isSignedBy(certificate)))
    return { fault: SIGNATURE_FAULT }
  const acsUrl = root.getAttribute('AssertionConsumerServiceURL') || firstCallback
  if (!isAllowedUrl(client.callbacks, acsUrl))
    return { fault: 'AssertionConsumerServiceURL is not one of the allowed callback URLs.' }
  const requestId = root.getAttribute('ID')
  const issuer = childText(root, NAMESPACES.assertion, 'Issuer')
  if (isTrue(root.getAttribute('ForceAuthn')) && isTrue(root.getAttribute('IsPassive')))
    return { fault: 'ForceAuthn and IsPassive exclude each other here.' }
  const prompt = [
    ...(isTrue(root.getAttribute('ForceAuthn')) ? ['login'] : []),
    ...(isTrue(root.getAttribute('IsPassive')) ? ['none'] : []),
  ]
  return requestOf(
    {
      kind: 'saml',
      acsUrl,
      isSignedBy,
      ...(requestId ? { requestId } : {}),
      ...(issuer === undefined ? {} : { issuer }),
      ...relayed,
    },
    prompt,
  )
}
