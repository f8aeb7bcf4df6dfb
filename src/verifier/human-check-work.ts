/**
 * Proof of work (ALTCHA): the browser finds the number behind a hash. The challenge is signed and not
 * stored; it names its session token, so an answer is worth nothing with any other token, and that one
 * is spent with it. It has no expiry of its own for the same reason.
 */
import { createHmac } from 'node:crypto'
import { createChallenge, verifySolution } from 'altcha-lib'
// The runtime's own WebCrypto, on Node and on Workers alike.
import { deriveKey } from 'altcha-lib/algorithms/web/sha'
import type { Challenge, Solution } from 'altcha-lib/types'
import { bindingOf, type HumanCheck } from './human-check.ts'

/** Our own challenge and solution are below a thousand characters. */
const ANSWER_CHARACTERS = 2048

export interface WorkOptions {
  /** Hashes a browser needs at most. */
  readonly work: number
  /** The service's own; the signing key is derived from it. */
  readonly secret: string
  /** Cryptographically strong random bytes. */
  readonly random: (bytes: number) => Uint8Array
}

export function createWorkCheck({ work, secret, random }: WorkOptions): HumanCheck {
  const hmacSignatureSecret = createHmac('sha256', secret)
    .update('redirect-verifier/human-check/1')
    .digest('hex')

  return {
    async ask(session) {
      const challenge = await createChallenge({
        algorithm: 'SHA-256',
        cost: 1,
        // A hidden number instead of leading zeros: the work has an upper bound, and nobody is unlucky.
        counter: numberBelow(work, random),
        data: { token: bindingOf(session) },
        deriveKey,
        hmacSignatureSecret,
      })
      return { kind: 'proof_of_work', challenge: JSON.stringify(challenge) }
    },

    async verify(session, answer) {
      const { challenge, solution } = parse(answer) ?? {}
      if (challenge === undefined || solution === undefined) return undefined
      try {
        const checked = await verifySolution({
          challenge,
          solution,
          deriveKey,
          hmacSignatureSecret,
        })
        // Not ours, or ours under a secret that was replaced meanwhile.
        if (checked.invalidSignature !== false) return undefined
        const own = challenge.parameters.data?.token === bindingOf(session)
        return checked.verified && own ? 'passed' : 'failed'
      } catch {
        return undefined
      }
    },
  }
}

/** 32 random bits leave a bias of less than one in two thousand for the largest `work`. */
function numberBelow(limit: number, random: WorkOptions['random']): number {
  const [a = 0, b = 0, c = 0, d = 0] = random(4)
  return (a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d) % limit
}

interface Answer {
  readonly challenge?: Challenge
  readonly solution?: Solution
}

/** As far as `verifySolution` needs it to be what it says; the signature vouches for the rest. */
function parse(text: string | undefined): Answer | undefined {
  if (!text || text.length > ANSWER_CHARACTERS) return undefined
  try {
    const { challenge, solution } = JSON.parse(text) as Answer
    const whole =
      typeof challenge?.parameters === 'object' &&
      challenge.parameters !== null &&
      typeof challenge.signature === 'string' &&
      typeof solution === 'object' &&
      solution !== null
    return whole ? { challenge, solution } : undefined
  } catch {
    return undefined
  }
}
