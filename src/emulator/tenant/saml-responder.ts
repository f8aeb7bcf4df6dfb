/**
 * SAML responses: what a service provider gets at the end of a login (SAML core 3.3.3), signed and, where
 * it asked for it, encrypted. Made of the application's settings with what the Actions set over them.
 */
import type { Clients } from './clients.ts'
import type { TenantClock } from './clock.ts'
import { type Random, randomHex } from './identifiers.ts'
import type { Keys } from './keys.ts'
import type { LoginAnswer, LoginError } from './login-answer.ts'
import type { LoginEffects } from './login-effects.ts'
import type { LoginOutcome } from './login-outcome.ts'
import type { LoginRequest, SamlReturn } from './login-request.ts'
import { attributeStatement, attributesOf, nameIdOf } from './saml-attributes.ts'
import { encryptAssertion, isEncrypted } from './saml-encryption.ts'
import { SIGNATURE_FAULT } from './saml-request.ts'
import { type SamlSettings, settingsAfter } from './saml-settings.ts'
import { signXml } from './saml-signature.ts'
import { type ElementSpec, NAMESPACES, writeXml } from './saml-xml.ts'
import type { User, Users } from './users.ts'

export interface SamlResponder {
  respond(
    request: LoginRequest,
    returnTo: SamlReturn,
    outcome: LoginOutcome,
    changes: LoginEffects['saml'],
  ): Promise<LoginAnswer>
  /** An Action named the certificate requests must be signed with: what is wrong with this one. */
  faultOf(returnTo: SamlReturn, changes: LoginEffects['saml']): Promise<LoginError | undefined>
  /** A signed response without an assertion. */
  refuse(request: LoginRequest, returnTo: SamlReturn, error: LoginError): Promise<LoginAnswer>
}

export interface SamlResponderOptions {
  readonly clock: TenantClock
  readonly random: Random
  readonly users: Users
  readonly clients: Clients
  readonly keys: Keys
  readonly tenantName: string
  readonly connectionName: string
}

const STATUS = 'urn:oasis:names:tc:SAML:2.0:status'
const UNSPECIFIED_NAME = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified'
const UNSPECIFIED_CONTEXT = 'urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified'
const LIFETIME_SECONDS = 3600

/** What could not be shown is another status than what was refused. */
const SILENT_ERRORS = ['login_required', 'interaction_required']

export function createSamlResponder(options: SamlResponderOptions): SamlResponder {
  const { clock, random, users, clients, keys } = options
  const newId = () => `_${randomHex(random, 20)}`
  const iso = (ms: number) => new Date(ms).toISOString()

  const keyOf = async ({ key, cert }: SamlSettings) =>
    key !== undefined && cert !== undefined ? { key, certificate: cert } : keys.certified()

  const issuerOf = ({ issuer }: SamlSettings) => issuer ?? `urn:${options.tenantName}`

  const assertion = (
    user: User,
    outcome: LoginOutcome,
    returnTo: SamlReturn,
    settings: SamlSettings,
    changes: LoginEffects['saml'],
  ): ElementSpec => {
    const now = clock.now()
    const end = iso(now + (settings.lifetimeInSeconds ?? LIFETIME_SECONDS) * 1000)
    const { clientId } = outcome
    const attributes = attributesOf(
      user,
      clientId,
      options.connectionName,
      settings,
      changes.attributes,
    )
    const confirmation = {
      NotOnOrAfter: end,
      Recipient: settings.recipient ?? returnTo.acsUrl,
      InResponseTo: returnTo.requestId,
    }
    return {
      name: 'saml:Assertion',
      attributes: {
        'xmlns:xs': NAMESPACES.schema,
        'xmlns:xsi': NAMESPACES.instance,
        Version: '2.0',
        ID: newId(),
        IssueInstant: iso(now),
      },
      children: [
        { name: 'saml:Issuer', text: issuerOf(settings) },
        {
          name: 'saml:Subject',
          children: [
            {
              name: 'saml:NameID',
              attributes: { Format: settings.nameIdentifierFormat ?? UNSPECIFIED_NAME },
              text: nameIdOf(attributes, settings, user),
            },
            {
              name: 'saml:SubjectConfirmation',
              attributes: { Method: 'urn:oasis:names:tc:SAML:2.0:cm:bearer' },
              children: [{ name: 'saml:SubjectConfirmationData', attributes: confirmation }],
            },
          ],
        },
        {
          name: 'saml:Conditions',
          attributes: { NotBefore: iso(now), NotOnOrAfter: end },
          children: [
            {
              name: 'saml:AudienceRestriction',
              children: [
                { name: 'saml:Audience', text: settings.audience ?? returnTo.issuer ?? clientId },
              ],
            },
          ],
        },
        {
          name: 'saml:AuthnStatement',
          attributes: {
            AuthnInstant: iso(outcome.authenticatedAtMs),
            SessionIndex: outcome.sessionId,
          },
          children: [
            {
              name: 'saml:AuthnContext',
              children: [
                {
                  name: 'saml:AuthnContextClassRef',
                  text: settings.authnContextClassRef ?? UNSPECIFIED_CONTEXT,
                },
              ],
            },
          ],
        },
        attributeStatement(attributes, settings),
      ],
    }
  }

  const response = (
    returnTo: SamlReturn,
    settings: SamlSettings,
    destination: string,
    status: readonly ElementSpec[],
  ): ElementSpec => ({
    name: 'samlp:Response',
    attributes: {
      ID: newId(),
      Version: '2.0',
      IssueInstant: iso(clock.now()),
      Destination: destination,
      InResponseTo: returnTo.requestId,
    },
    children: [
      { name: 'saml:Issuer', text: issuerOf(settings) },
      { name: 'samlp:Status', children: status },
    ],
  })

  const answer = (
    xml: string,
    destination: string,
    returnTo: SamlReturn,
    settings: SamlSettings,
  ): LoginAnswer => {
    const relayState = settings.RelayState ?? returnTo.relayState
    return {
      kind: 'saml',
      destination,
      response: Buffer.from(xml).toString('base64'),
      ...(relayState === undefined ? {} : { relayState }),
    }
  }

  const settingsOf = (clientId: string, changes: ReadonlyMap<string, unknown> = new Map()) =>
    settingsAfter(clients.get(clientId)?.addons.samlp ?? {}, changes)

  return {
    respond: async (_request, returnTo, outcome, changes) => {
      const user = users.get(outcome.userId)
      if (!user) throw new Error('The user of a settled login is gone.')
      const settings = settingsOf(outcome.clientId, changes.configuration)
      const destination = settings.destination ?? returnTo.acsUrl
      const signing = await keyOf(settings)
      const inResponse = settings.signResponse === true

      let told = await writeXml(assertion(user, outcome, returnTo, settings, changes))
      if (!inResponse) told = await signXml(told, 'Assertion', signing, settings)
      if (isEncrypted(settings)) told = await encryptAssertion(told, settings)

      const status: ElementSpec = {
        name: 'samlp:StatusCode',
        attributes: { Value: `${STATUS}:Success` },
      }
      const frame = await writeXml(response(returnTo, settings, destination, [status]))
      const end = frame.lastIndexOf('</samlp:Response>')
      const whole = `${frame.slice(0, end)}${told}${frame.slice(end)}`
      const xml = inResponse ? await signXml(whole, 'Response', signing, settings) : whole
      return answer(xml, destination, returnTo, settings)
    },

    faultOf: async ({ isSignedBy }, { configuration }) => {
      const certificate = configuration.get('signingCert')
      if (typeof certificate !== 'string' || !isSignedBy || (await isSignedBy(certificate)))
        return undefined
      return { error: 'invalid_request', description: SIGNATURE_FAULT }
    },

    refuse: async (request, returnTo, { error, description }) => {
      const settings = settingsOf(request.clientId)
      const destination = settings.destination ?? returnTo.acsUrl
      const detail = SILENT_ERRORS.includes(error) ? 'NoPassive' : 'AuthnFailed'
      const status: readonly ElementSpec[] = [
        {
          name: 'samlp:StatusCode',
          attributes: { Value: `${STATUS}:Responder` },
          children: [{ name: 'samlp:StatusCode', attributes: { Value: `${STATUS}:${detail}` } }],
        },
        { name: 'samlp:StatusMessage', text: description },
      ]
      const frame = await writeXml(response(returnTo, settings, destination, status))
      const signed = await signXml(frame, 'Response', await keyOf(settings), settings)
      return answer(signed, destination, returnTo, settings)
    },
  }
}
