/** Signing what the tenant says, and checking what a service provider signed (XML Signature, SAML bindings 3.4). */
import { verify, X509Certificate } from 'node:crypto'
import type { CertifiedKey } from './keys.ts'
import type { SamlSettings } from './saml-settings.ts'

const SIGNATURES = {
  'rsa-sha256': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'rsa-sha1': 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
} as const
const DIGESTS = {
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  sha1: 'http://www.w3.org/2000/09/xmldsig#sha1',
} as const
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'

/** Signs the root of this document, and puts the signature behind its issuer. */
export async function signXml(
  xml: string,
  rootName: 'Assertion' | 'Response',
  { key, certificate }: CertifiedKey,
  settings: SamlSettings,
): Promise<string> {
  const { SignedXml } = await import('xml-crypto')
  const signer = new SignedXml({
    privateKey: key,
    publicCert: certificate,
    idAttribute: 'ID',
    signatureAlgorithm: SIGNATURES[settings.signatureAlgorithm ?? 'rsa-sha256'],
    canonicalizationAlgorithm: EXCLUSIVE,
  })
  const root = `/*[local-name(.)='${rootName}']`
  signer.addReference({
    xpath: root,
    digestAlgorithm: DIGESTS[settings.digestAlgorithm ?? 'sha256'],
    transforms: [ENVELOPED, EXCLUSIVE],
  })
  signer.computeSignature(xml, {
    prefix: 'ds',
    location: { reference: `${root}/*[local-name(.)='Issuer']`, action: 'after' },
  })
  return signer.getSignedXml()
}

/** The POST binding: the signature is in the document, and is over its root. */
export async function isSignedXml(xml: string, certificate: string): Promise<boolean> {
  const [{ SignedXml }, { DOMParser }] = await Promise.all([
    import('xml-crypto'),
    import('@xmldom/xmldom'),
  ])
  const root = new DOMParser().parseFromString(xml, 'text/xml').documentElement
  const signature = [...Array(root.childNodes.length).keys()]
    .map((index) => root.childNodes.item(index))
    .find((node) => (node as Element).localName === 'Signature')
  if (!signature) return false
  const checker = new SignedXml({ publicCert: certificate })
  try {
    checker.loadSignature(signature as unknown as Node)
    if (!checker.checkSignature(xml)) return false
  } catch {
    return false
  }
  const references = checker.getReferences()
  return references.length === 1 && references[0]?.uri === `#${root.getAttribute('ID')}`
}

const HASHES: Readonly<Record<string, string>> = {
  [SIGNATURES['rsa-sha256']]: 'sha256',
  [SIGNATURES['rsa-sha1']]: 'sha1',
}

const SIGNED_PARAMETERS = ['SAMLRequest', 'RelayState', 'SigAlg']

/**
 * The redirect binding: the signature is over the query as it was sent. A parameter that comes twice, or
 * under a name that is spelt another way, would be checked here and read elsewhere.
 */
export function isSignedQuery(query: string, certificate: string): boolean {
  const parameters = new URLSearchParams(query)
  const names = [...parameters.keys()]
  if (new Set(names).size !== names.length) return false
  const hash = HASHES[parameters.get('SigAlg') ?? '']
  const signature = parameters.get('Signature')
  if (!hash || !signature) return false
  const sent = query.split('&')
  const signed = SIGNED_PARAMETERS.filter((name) => parameters.has(name)).map((name) =>
    sent.find((pair) => pair.startsWith(`${name}=`)),
  )
  if (signed.includes(undefined)) return false
  try {
    const { publicKey } = new X509Certificate(certificate)
    return verify(hash, Buffer.from(signed.join('&')), publicKey, Buffer.from(signature, 'base64'))
  } catch {
    // The application's or the Action's certificate is none: nothing is signed by it.
    return false
  }
}
