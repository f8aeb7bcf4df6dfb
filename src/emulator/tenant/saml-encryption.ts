/** An assertion that only the service provider can read (XML Encryption; SAML core 2.3.4). */
import type { EncryptionAlgorithm } from 'xml-encryption'
import type { SamlSettings } from './saml-settings.ts'
import { NAMESPACES } from './saml-xml.ts'

const ALGORITHMS: Record<NonNullable<SamlSettings['encryptionAlgorithm']>, EncryptionAlgorithm> = {
  'aes256-gcm': 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
  'aes256-cbc': 'http://www.w3.org/2001/04/xmlenc#aes256-cbc',
}

/** Seed 004: with one of the two alone nothing is encrypted. */
export const isEncrypted = ({ encryptionCert, encryptionPublicKey }: SamlSettings) =>
  encryptionCert !== undefined && encryptionPublicKey !== undefined

export async function encryptAssertion(xml: string, settings: SamlSettings): Promise<string> {
  const { encrypt } = await import('xml-encryption')
  const algorithm = settings.encryptionAlgorithm ?? 'aes256-gcm'
  const encrypted = await new Promise<string>((resolve, reject) => {
    encrypt(
      xml,
      {
        rsa_pub: settings.encryptionPublicKey ?? '',
        pem: settings.encryptionCert ?? '',
        encryptionAlgorithm: ALGORITHMS[algorithm],
        keyEncryptionAlgorithm: 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
        // CBC is what the application asked for: the package refuses and warns unless told so.
        disallowEncryptionWithInsecureAlgorithm: algorithm !== 'aes256-cbc',
        warnInsecureAlgorithm: false,
      },
      (error, result) => (error ? reject(error) : resolve(result)),
    )
  })
  return `<saml:EncryptedAssertion xmlns:saml="${NAMESPACES.assertion}">${encrypted}</saml:EncryptedAssertion>`
}
