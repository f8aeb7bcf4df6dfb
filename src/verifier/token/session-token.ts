/**
 * The session token (T): from the text that a browser brought to a `Session`, or the reason why not.
 * The order is fixed: form, header, routing by `iss`, signature, and only then a claim is believed.
 * Whether the token was spent before is Postgres' to say, not ours.
 */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { decodeProtectedHeader } from 'jose'
import * as z from 'zod'
import { parseAddress } from '../address.ts'
import type { Rejection, RejectionCode } from '../domain/rejection.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import type { Session, TokenFacts } from '../domain/session.ts'
import { canonicalFault } from './canonical-form.ts'
import { verifySignature } from './compact.ts'
import { parseJsonObject } from './json-object.ts'
import type { KeyRing } from './key-ring.ts'
import { parseSpoken, parseTokenFacts } from './token-facts.ts'

/** Difference between Auth0's clock and ours that is forgiven, in both directions. */
export const CLOCK_TOLERANCE_SECONDS = 5
/** The default life that `encodeToken` gives: nothing asks for a longer one. */
export const MAX_LIFETIME_SECONDS = 900

/** Whose keys must verify a token that names this host. */
export interface HostKeys {
  readonly tenantId: string
  readonly keyRing: KeyRing
}

/** `hosts` maps each configured Auth0 host to its tenant. `now` in epoch seconds. */
export async function verifySessionToken(
  token: string,
  hosts: ReadonlyMap<string, HostKeys>,
  now: number,
): Promise<Result<Session, Rejection>> {
  const fault = canonicalFault(token)
  if (fault !== undefined) return refuse({ code: fault })
  if (!hasExactHeader(token)) return refuse({ code: 'token_header_refused' })

  const unverified = Buffer.from(token.split('.')[1] as string, 'base64url')
  const members = parseJsonObject(unverified)
  const host = members && issuerOf(members)
  if (members === undefined || host === undefined) return refuse({ code: 'claims_invalid' })
  const keys = hosts.get(host)
  if (keys === undefined) return refuse({ code: 'issuer_unknown' })

  const verified = await verifySignature(token, keys.keyRing.session)
  if (!verified.ok) return refuse({ code: verified.error })
  const { tenantId } = keys
  const { payload, keyIndex } = verified.value
  // What was read before the check may be used only if it is what the signature covers, byte for byte.
  if (!unverified.equals(payload)) throw new Error('another payload was verified than was read')
  const session = readSession(members, { host, tenantId, keyIndex, token, now })
  return typeof session === 'string' ? refuse({ code: session, tenantId }) : ok(session)
}

/** `{"alg":"HS256","typ":"JWT"}`, as Auth0 writes it. */
const USUAL_HEADER = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.'

/** RFC 8725 section 3.11, as far as Auth0 allows it: the header it writes and no member beside. */
function hasExactHeader(token: string): boolean {
  if (token.startsWith(USUAL_HEADER)) return true
  try {
    const header = decodeProtectedHeader(token)
    return header.alg === 'HS256' && header.typ === 'JWT' && Object.keys(header).length === 2
  } catch {
    return false
  }
}

/** `iss`, unverified, as a routing key only: it picks whose keys must then verify the token. */
function issuerOf(members: Record<string, unknown>): string | undefined {
  const issuer = Object.hasOwn(members, 'iss') ? members.iss : undefined
  return typeof issuer === 'string' ? issuer : undefined
}

/** A lone surrogate has no UTF-8 form, so two different texts would hash alike. */
const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((value) => !/\p{Surrogate}/u.test(value))

/** Known claims only: zod copies them into a fresh object, whatever else the payload holds. */
const CLAIMS = z.object({
  iss: z.string(),
  sub: text(255),
  iat: z.int(),
  exp: z.int(),
  nbf: z.int().optional(),
  jti: text(256).optional(),
  ip: z.unknown().optional(),
  facts: z.unknown().optional(),
})

/**
 * Claims that only a continue token carries. A session token with one of them is an attempt, or a
 * mistake, that could make it pass for its own answer.
 */
const FORBIDDEN = ['state', 'decision'] as const

interface Signed {
  readonly host: string
  readonly tenantId: string
  readonly keyIndex: number
  readonly token: string
  readonly now: number
}

/** Called with the members of the payload that the signature covers, and with nothing else. */
function readSession(members: Record<string, unknown>, signed: Signed): Session | RejectionCode {
  if (FORBIDDEN.some((name) => Object.hasOwn(members, name))) return 'claim_forbidden'
  const parsed = CLAIMS.safeParse(members)
  if (!parsed.success || parsed.data.iss !== signed.host) return 'claims_invalid'
  const claims = parsed.data
  const late = timeFault(claims, signed.now)
  if (late !== undefined) return late

  let facts: TokenFacts | undefined
  // Functions: getters cost more than the rest of this does, and a copy loses those of a class.
  const session: Omit<Session, keyof Session & symbol> = {
    tenantId: signed.tenantId,
    host: signed.host,
    subject: claims.sub,
    tokenId: tokenIdOf(claims.jti, signed.token),
    ...(claims.jti === undefined ? {} : { nonce: claims.jti }),
    issuedAt: claims.iat,
    expiresAt: claims.exp,
    keyIndex: signed.keyIndex,
    spoken: parseSpoken(claims.facts),
    address: () => (typeof claims.ip === 'string' ? parseAddress(claims.ip)?.text : undefined),
    facts: () => {
      facts ??= parseTokenFacts(claims.facts)
      return facts
    },
  }
  // The only place that makes a Session (architecture, invariant 3).
  return session as Session
}

interface Times {
  readonly iat: number
  readonly exp: number
  readonly nbf?: number | undefined
}

/** RFC 7519 section 4.1: `exp` is the first second at which the token is no longer good. */
function timeFault({ iat, exp, nbf = iat }: Times, now: number): RejectionCode | undefined {
  if (exp <= iat) return 'claims_invalid'
  if (exp - iat > MAX_LIFETIME_SECONDS) return 'token_lifetime_too_long'
  if (Math.max(iat, nbf) > now + CLOCK_TOLERANCE_SECONDS) return 'token_not_yet_valid'
  if (now >= exp + CLOCK_TOLERANCE_SECONDS) return 'token_expired'
  return undefined
}

/** Prefixed, so that no `jti` can be chosen to equal the digest of another token. */
function tokenIdOf(jti: string | undefined, token: string): string {
  if (jti !== undefined) return `jti:${jti}`
  const signingInput = token.slice(0, token.lastIndexOf('.'))
  return `sha256:${createHash('sha256').update(signingInput).digest('hex')}`
}
