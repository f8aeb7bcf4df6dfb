/**
 * `api.samlResponse` of post-login (contract 3.2). A setting that is wrong throws, and so fails the
 * login unless the Action catches it: a SAML setting that is silently lost would be worse.
 */
import { SAML_ATTRIBUTE_CHARACTERS, SAML_TOTAL_BYTES, SAML_VALUE_CHARACTERS } from '../limits.ts'
import type { LegContext } from '../thread/leg-context.ts'
import {
  booleanFaults,
  choiceFaults,
  type Faults,
  numberFaults,
  refuseFaults,
  textFaults,
} from './input-faults.ts'

export type SamlValue = string | number | boolean | null | readonly (string | number | boolean)[]

type Check = (name: string, value: unknown) => Faults

const text =
  (most: number): Check =>
  (name, value) =>
    textFaults(name, value, most)
const choice =
  (...values: string[]): Check =>
  (name, value) =>
    choiceFaults(name, value, values)

/** Setter → the setting it writes and how the value is checked (API layer). */
const SETTINGS = {
  setAudience: ['audience', text(2048)],
  setRecipient: ['recipient', text(2048)],
  setDestination: ['destination', text(2048)],
  setIssuer: ['issuer', text(512)],
  setRelayState: ['RelayState', text(512)],
  setNameIdentifierFormat: ['nameIdentifierFormat', text(512)],
  setAuthnContextClassRef: ['authnContextClassRef', text(512)],
  setNameIdentifierProbes: ['nameIdentifierProbes', probeFaults],
  setCreateUpnClaim: ['createUpnClaim', booleanFaults],
  setPassthroughClaimsWithNoMapping: ['passthroughClaimsWithNoMapping', booleanFaults],
  setMapUnknownClaimsAsIs: ['mapUnknownClaimsAsIs', booleanFaults],
  setMapIdentities: ['mapIdentities', booleanFaults],
  setSignResponse: ['signResponse', booleanFaults],
  setIncludeAttributeNameFormat: ['includeAttributeNameFormat', booleanFaults],
  setTypedAttributes: ['typedAttributes', booleanFaults],
  setLifetimeInSeconds: ['lifetimeInSeconds', numberFaults],
  setSignatureAlgorithm: ['signatureAlgorithm', choice('rsa-sha256', 'rsa-sha1')],
  setDigestAlgorithm: ['digestAlgorithm', choice('sha256', 'sha1')],
  setEncryptionAlgorithm: ['encryptionAlgorithm', choice('aes256-gcm', 'aes256-cbc')],
  setSigningCert: ['signingCert', text(4096)],
  setEncryptionCert: ['encryptionCert', text(4096)],
  setEncryptionPublicKey: ['encryptionPublicKey', text(4096)],
  setCert: ['cert', text(4096)],
  setKey: ['key', text(4096)],
} as const satisfies Record<string, readonly [string, Check]>

const UNSPECIFIED_NAME_FORMAT = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified'

export type SamlResponseApi<Api> = {
  setAttribute(attribute: string, value: SamlValue | undefined): Api
} & { readonly [Setter in keyof typeof SETTINGS]: (value?: unknown) => Api }

export function samlResponseApi<Api>(context: LegContext, api: () => Api): SamlResponseApi<Api> {
  const attributes: Record<string, unknown> = {}
  const setterOf =
    ([name, check]: readonly [string, Check]) =>
    (given?: unknown) => {
      const value =
        given === undefined && name === 'nameIdentifierFormat' ? UNSPECIFIED_NAME_FORMAT : given
      // Nothing at all passes the check, as in the API layer, and sets nothing.
      refuseFaults(value === undefined ? [] : check(name, value))
      context.record({ type: 'samlResponse.setConfiguration', name, value })
      return api()
    }
  const setters = Object.fromEntries(
    Object.entries(SETTINGS).map(([setter, setting]) => [setter, setterOf(setting)]),
  )
  return {
    ...(setters as { [Setter in keyof typeof SETTINGS]: (value?: unknown) => Api }),
    setAttribute(attribute, given) {
      const value = given ?? null
      attributes[attribute] = value
      if (Buffer.byteLength(JSON.stringify(attributes), 'utf8') > SAML_TOTAL_BYTES) {
        throw new Error(
          `The total size of the SAML attributes exceeds the limit of ${SAML_TOTAL_BYTES} bytes.`,
        )
      }
      refuseFaults([
        ...textFaults('attribute', attribute, SAML_ATTRIBUTE_CHARACTERS),
        ...valueFaults(value),
      ])
      context.record({ type: 'samlResponse.setAttribute', attribute, value })
      return api()
    },
  }
}

function valueFaults(value: unknown): Faults {
  if (value === null) return []
  if (!Array.isArray(value)) {
    return scalarFaults('value', value, 'must be string,number,boolean,null,array')
  }
  return value.flatMap((item, index) =>
    scalarFaults(String(index), item, 'must be string,number,boolean'),
  )
}

function scalarFaults(at: string, value: unknown, message: string): Faults {
  if (typeof value === 'boolean' || Number.isFinite(value)) return []
  return typeof value === 'string'
    ? textFaults(at, value, SAML_VALUE_CHARACTERS)
    : [{ at, message }]
}

function probeFaults(name: string, value: unknown): Faults {
  if (!Array.isArray(value)) return [{ at: name, message: 'must be array' }]
  return [
    ...(value.length > 10 ? [{ at: name, message: 'must NOT have more than 10 items' }] : []),
    ...value.flatMap((item, index) => textFaults(String(index), item, 512)),
  ]
}
