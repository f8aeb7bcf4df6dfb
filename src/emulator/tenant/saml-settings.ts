/**
 * How a SAML response is made for one application: the application's settings (`addons.samlp`), with what
 * an Action set over them (seed 004). Names are Auth0's.
 */

export interface SamlSettings {
  readonly audience?: string
  readonly recipient?: string
  readonly destination?: string
  readonly issuer?: string
  readonly RelayState?: string
  readonly nameIdentifierFormat?: string
  readonly nameIdentifierProbes?: readonly string[]
  readonly authnContextClassRef?: string
  readonly createUpnClaim?: boolean
  readonly passthroughClaimsWithNoMapping?: boolean
  readonly mapUnknownClaimsAsIs?: boolean
  readonly mapIdentities?: boolean
  /** Signs the response in place of the assertion. */
  readonly signResponse?: boolean
  readonly includeAttributeNameFormat?: boolean
  readonly typedAttributes?: boolean
  readonly lifetimeInSeconds?: number
  readonly signatureAlgorithm?: 'rsa-sha256' | 'rsa-sha1'
  readonly digestAlgorithm?: 'sha256' | 'sha1'
  readonly encryptionAlgorithm?: 'aes256-gcm' | 'aes256-cbc'
  /** PEM: requests must be signed with its key. */
  readonly signingCert?: string
  readonly encryptionCert?: string
  readonly encryptionPublicKey?: string
  /** PEM: in place of the tenant's own. */
  readonly cert?: string
  readonly key?: string
}

const NAMES: ReadonlySet<string> = new Set<keyof SamlSettings>([
  'audience',
  'recipient',
  'destination',
  'issuer',
  'RelayState',
  'nameIdentifierFormat',
  'nameIdentifierProbes',
  'authnContextClassRef',
  'createUpnClaim',
  'passthroughClaimsWithNoMapping',
  'mapUnknownClaimsAsIs',
  'mapIdentities',
  'signResponse',
  'includeAttributeNameFormat',
  'typedAttributes',
  'lifetimeInSeconds',
  'signatureAlgorithm',
  'digestAlgorithm',
  'encryptionAlgorithm',
  'signingCert',
  'encryptionCert',
  'encryptionPublicKey',
  'cert',
  'key',
])

/** The API layer has checked each value; one that is undefined sets nothing. */
export function settingsAfter(
  settings: SamlSettings,
  changes: ReadonlyMap<string, unknown>,
): SamlSettings {
  const known = [...changes].filter(([name, value]) => NAMES.has(name) && value !== undefined)
  return { ...settings, ...Object.fromEntries(known) }
}
