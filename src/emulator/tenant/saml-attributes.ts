/**
 * A user's profile as SAML attributes: Auth0's default mapping with the switches an Action has over it,
 * then what the Action set or removed (seed 004).
 */

import type { SamlSettings } from './saml-settings.ts'
import type { ElementSpec } from './saml-xml.ts'
import type { User } from './users.ts'

const CLAIMS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims'
const PASSED_ON = 'http://schemas.auth0.com'

const COMMON: readonly (readonly [member: keyof User, attribute: string])[] = [
  ['user_id', `${CLAIMS}/nameidentifier`],
  ['email', `${CLAIMS}/emailaddress`],
  ['name', `${CLAIMS}/name`],
  ['given_name', `${CLAIMS}/givenname`],
  ['family_name', `${CLAIMS}/surname`],
]

const UNMAPPED = ['nickname', 'picture', 'email_verified', 'created_at', 'updated_at'] as const

const DEFAULT_PROBES = [`${CLAIMS}/nameidentifier`, `${CLAIMS}/emailaddress`, `${CLAIMS}/name`]

export type Attributes = ReadonlyMap<string, unknown>

export function attributesOf(
  user: User,
  clientId: string,
  connection: string,
  settings: SamlSettings,
  changes: ReadonlyMap<string, unknown>,
): Attributes {
  const attributes = new Map<string, unknown>()
  for (const [member, attribute] of COMMON)
    if (user[member] !== undefined) attributes.set(attribute, user[member])
  if (settings.createUpnClaim !== false) attributes.set(`${CLAIMS}/upn`, user.email)
  if (settings.mapIdentities !== false) {
    attributes.set(`${PASSED_ON}/identities/default/connection`, connection)
    attributes.set(`${PASSED_ON}/identities/default/provider`, user.user_id.split('|')[0])
    attributes.set(`${PASSED_ON}/identities/default/isSocial`, false)
  }
  if (settings.passthroughClaimsWithNoMapping !== false) {
    const nameOf = (name: string) =>
      settings.mapUnknownClaimsAsIs === true ? name : `${PASSED_ON}/${name}`
    attributes.set(nameOf('clientID'), clientId)
    for (const member of UNMAPPED) attributes.set(nameOf(member), user[member])
  }
  for (const [name, value] of changes)
    if (value === null || value === undefined) attributes.delete(name)
    else attributes.set(name, value)
  return attributes
}

/** The first probe that has a value. */
export function nameIdOf(attributes: Attributes, settings: SamlSettings, user: User): string {
  for (const probe of settings.nameIdentifierProbes ?? DEFAULT_PROBES) {
    const value = attributes.get(probe)
    if (value !== undefined && value !== '') return String(value)
  }
  return user.user_id
}

const NAME_FORMAT = 'urn:oasis:names:tc:SAML:2.0:attrname-format'

const nameFormatOf = (name: string) => {
  if (/^(https?|urn):/.test(name)) return `${NAME_FORMAT}:uri`
  return /^[A-Za-z_][\w.-]*$/.test(name) ? `${NAME_FORMAT}:basic` : `${NAME_FORMAT}:unspecified`
}

const typeOf = (value: unknown) => {
  if (typeof value === 'string') return 'xs:string'
  if (typeof value === 'boolean') return 'xs:boolean'
  return typeof value === 'number' ? 'xs:double' : 'xs:anyType'
}

export function attributeStatement(attributes: Attributes, settings: SamlSettings): ElementSpec {
  const typed = settings.typedAttributes !== false
  const formatted = settings.includeAttributeNameFormat !== false
  return {
    name: 'saml:AttributeStatement',
    children: [...attributes].map(([name, value]) => ({
      name: 'saml:Attribute',
      attributes: { Name: name, NameFormat: formatted ? nameFormatOf(name) : undefined },
      children: (Array.isArray(value) ? value : [value]).map((one: unknown) => ({
        name: 'saml:AttributeValue',
        attributes: { 'xsi:type': typed ? typeOf(one) : 'xs:anyType' },
        text: String(one),
      })),
    })),
  }
}
