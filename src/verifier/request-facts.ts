/**
 * Turns a verified session and a visit into what is stored of them: pseudonyms instead of addresses,
 * subjects and devices, coarse facts as they are. Nothing raw passes this file except the addresses
 * that range lists are searched for, which are parameters of the statement and never stored.
 */
import { isbot } from 'isbot'
import { type Address, isPrivate, parseAddress } from './address.ts'
import type { NetworkFacts, RequestFacts } from './domain/facts.ts'
import { referenceOf } from './domain/reference.ts'
import type { Session, TokenFacts } from './domain/session.ts'
import type { Visit, VisitNetwork } from './domain/visit.ts'
import type { Identifiers, Opening, PreviousIdentifiers, SubjectIdentifiers } from './ports.ts'
import { remember } from './remember.ts'
import { agentOf } from './user-agent.ts'
import { hintMismatch } from './user-agent-hints.ts'

/**
 * Longest life of a state at Auth0 (one hour) after the token's own: while the transaction lives, a
 * spent token must be remembered as spent.
 */
const KEEP_SECONDS = 3600

export interface OpeningInput {
  readonly session: Session
  readonly state: string
  /** The binding cookie's value. */
  readonly binding: string
  readonly visit: Visit
  readonly assessmentId: string
  readonly engineVersion: string
  readonly knownPolicies: readonly number[]
}

export function openingOf(input: OpeningInput, identifiers: Identifiers): Opening {
  const { session, visit } = input
  const { tenantId } = session
  const signedAddress = session.address()
  const tokenFacts = session.facts()
  const tokenAddress = signedAddress === undefined ? undefined : parseAddress(signedAddress)
  const visitAddress = visit.address === undefined ? undefined : parseAddress(visit.address)
  const pseudonym = (purpose: 'user' | 'address' | 'device', value: string) =>
    identifiers.pseudonym(tenantId, purpose, value)
  const device = visit.deviceId === undefined ? undefined : pseudonym('device', visit.deviceId)
  const { previous } = identifiers
  const tokenNetwork = networkFacts(tokenNetworkOf(tokenFacts), tokenAddress, pseudonym)
  const visitNetwork = networkFacts(visit.network, visitAddress, pseudonym)

  const request: RequestFacts = {
    token: tokenFacts,
    token_network: tokenNetwork,
    visit_network: visitNetwork,
    ...(tokenAddress && visitAddress
      ? { same_address: tokenAddress.text === visitAddress.text }
      : {}),
    ...(visit.language === undefined ? {} : { language: visit.language }),
    ...browserFacts(visit),
    ...(visit.humanChallenge === undefined ? {} : { human_challenge: visit.humanChallenge }),
    ...(device === undefined ? {} : { device }),
    client: visit.client,
  }
  return {
    tenantId,
    flow: tokenFacts.flow,
    assessmentId: input.assessmentId,
    reference: referenceOf(input.assessmentId),
    tokenKey: identifiers.digest('token', tenantId, session.tokenId),
    stateHash: identifiers.digest('state', tenantId, input.state),
    subjectHash: identifiers.digest('subject', tenantId, session.subject),
    bindingHash: identifiers.digest('binding', tenantId, input.binding),
    keepUntil: session.expiresAt + KEEP_SECONDS,
    engineVersion: input.engineVersion,
    user: pseudonym('user', session.subject),
    ...(tokenNetwork.address === undefined ? {} : { tokenAddress: tokenNetwork.address }),
    ...(visitNetwork.address === undefined ? {} : { visitAddress: visitNetwork.address }),
    ...(device === undefined ? {} : { device }),
    ...(previous === undefined
      ? {}
      : { previous: previousOf(previous, session, visit, tokenAddress, visitAddress) }),
    request,
    ...(mayBeListed(tokenAddress) ? { rawTokenAddress: tokenAddress.text } : {}),
    ...(mayBeListed(visitAddress) ? { rawVisitAddress: visitAddress.text } : {}),
    knownPolicies: input.knownPolicies,
  }
}

/** As many as are read of the header. */
const USER_AGENT_CHARACTERS = 512
const readAgent = remember(USER_AGENT_CHARACTERS, (userAgent) => ({
  families: agentOf(userAgent),
  bot: isbot(userAgent),
}))

/** What the headers say of the browser: known families only, so that nothing a client makes up is kept. */
function browserFacts({
  userAgent,
  clientHints = {},
}: Visit): Pick<RequestFacts, 'browser' | 'os' | 'device_type' | 'bot' | 'client_hint_mismatch'> {
  if (userAgent === undefined) return {}
  const { families, bot } = readAgent(userAgent)
  const mismatch = hintMismatch(userAgent, families, clientHints)
  return {
    ...families,
    bot,
    ...(mismatch === undefined ? {} : { client_hint_mismatch: mismatch }),
  }
}

/** A private address is on nobody's list, whatever a feed says. */
const mayBeListed = (address: Address | undefined): address is Address =>
  address !== undefined && !isPrivate(address)

/** The same person, places and browser as the store may still know them. */
function previousOf(
  { pseudonym }: SubjectIdentifiers,
  { tenantId, subject }: Session,
  { deviceId }: Visit,
  tokenAddress: Address | undefined,
  visitAddress: Address | undefined,
): PreviousIdentifiers {
  const place = (address: Address) => pseudonym(tenantId, 'address', address.network)
  return {
    user: pseudonym(tenantId, 'user', subject),
    ...(tokenAddress === undefined ? {} : { tokenAddress: place(tokenAddress) }),
    ...(visitAddress === undefined ? {} : { visitAddress: place(visitAddress) }),
    ...(deviceId === undefined ? {} : { device: pseudonym(tenantId, 'device', deviceId) }),
  }
}

/** What the Action signed of the network it was called from. */
function tokenNetworkOf(facts: TokenFacts): VisitNetwork {
  return {
    ...(facts.country === undefined ? {} : { country: facts.country }),
    ...(facts.latitude === undefined ? {} : { latitude: facts.latitude }),
    ...(facts.longitude === undefined ? {} : { longitude: facts.longitude }),
    ...(facts.time_zone === undefined ? {} : { time_zone: facts.time_zone }),
  }
}

function networkFacts(
  network: VisitNetwork,
  address: Address | undefined,
  pseudonym: (purpose: 'address', value: string) => string,
): NetworkFacts {
  if (address === undefined) return network
  return { ...network, address: pseudonym('address', address.network), family: address.family }
}
