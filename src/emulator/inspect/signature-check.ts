/** Whether the secret made the signature and, when it did not, which likely mistake did. */
import { fault, ok, type TokenCheck, unknown } from './token-check.ts'
import { isSignedBy, type TokenText } from './token-text.ts'

export function signatureCheck(token: TokenText, secret: string | undefined): TokenCheck {
  const reason = 'Failed signature validation'
  const { alg } = token.header
  if (alg !== 'HS256')
    return fault(
      'signature',
      reason,
      `the header says alg ${JSON.stringify(alg)}: only HS256 is accepted`,
      'Sign with HS256 (HMAC with SHA-256) and the secret both sides hold.',
    )
  if (secret === undefined) return unknown('signature', 'not checked: no secret was given')
  if (secret === '') return fault('signature', reason, 'the secret is empty')
  if (isSignedBy(token, Buffer.from(secret, 'utf8'))) return ok('signature', 'HS256, good')
  return fault(
    'signature',
    reason,
    'the signature was not made with this secret',
    signatureHint(token, secret),
  )
}

/** Keys people sign with by mistake, and what to say when one of them fits. */
function signatureHint(token: TokenText, secret: string): string {
  const keys: readonly (readonly [key: Buffer, hint: string])[] = [
    [
      Buffer.from(secret, 'base64'),
      'It was signed with the secret decoded from base64. Auth0 takes its characters as they are (UTF-8): do not decode.',
    ],
    [
      Buffer.from(secret, 'base64url'),
      'It was signed with the secret decoded from base64url. Auth0 takes its characters as they are (UTF-8): do not decode.',
    ],
    [
      Buffer.from(secret, 'hex'),
      'It was signed with the secret decoded from hexadecimal. Auth0 takes its characters as they are (UTF-8): do not decode.',
    ],
    [
      Buffer.from(Buffer.from(secret, 'utf8').toString('base64')),
      'It was signed with the secret encoded as base64. Use the characters as they are.',
    ],
    [
      Buffer.from(`${secret}\n`),
      'It was signed with the secret and a line break after it: the file or variable it was read from ends with one.',
    ],
    [
      Buffer.from(secret.trim()),
      'It was signed with the secret without the white space around it.',
    ],
    [Buffer.from(JSON.stringify(secret)), 'It was signed with the secret in quotation marks.'],
  ]
  for (const [key, hint] of keys) if (key.length > 0 && isSignedBy(token, key)) return hint
  for (const hash of ['sha384', 'sha512'] as const)
    if (isSignedBy(token, Buffer.from(secret), hash))
      return `The header says HS256, but it was signed with HMAC and ${hash}.`
  const whole = { ...token, signature: token.signature.replace(/=+$/, '') }
  if (isSignedBy(whole, Buffer.from(secret))) return 'The signature is padded with "=". Cut that.'
  return 'Another secret (the other direction’s, an old one, another tenant’s), or the token was changed after it was signed.'
}
