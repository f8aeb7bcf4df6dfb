/**
 * The tenant's signing key, made at its first use and known to nobody else: RS256 for tokens, and the
 * same key with a certificate around it for SAML.
 */
import { type CryptoKey, exportJWK, exportPKCS8, exportSPKI, generateKeyPair, type JWK } from 'jose'
import type { TenantClock } from './clock.ts'
import { type Random, randomName } from './identifiers.ts'

export interface SigningKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
}

/** PEM. */
export interface CertifiedKey {
  readonly key: string
  readonly certificate: string
}

export interface Keys {
  signing(): Promise<SigningKey>
  /** What `/.well-known/jwks.json` answers. */
  jwks(): Promise<{ readonly keys: readonly JWK[] }>
  /** Needs the optional package `selfsigned`. */
  certified(): Promise<CertifiedKey>
}

const CERTIFICATE_YEARS = 10

/** @param commonName of the certificate's subject: the tenant's host */
export function createKeys(clock: TenantClock, random: Random, commonName: string): Keys {
  let signing: Promise<SigningKey> | undefined
  let certified: Promise<CertifiedKey> | undefined

  const make = async (): Promise<SigningKey> => {
    const pair = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true })
    return { kid: randomName(random, 21), ...pair }
  }
  const current = () => {
    signing ??= make()
    return signing
  }
  const certify = async (): Promise<CertifiedKey> => {
    const { generate } = await import('selfsigned')
    const { privateKey, publicKey } = await current()
    const key = await exportPKCS8(privateKey)
    const notBeforeDate = new Date(clock.now() - 24 * 3600 * 1000)
    const notAfterDate = new Date(notBeforeDate)
    notAfterDate.setUTCFullYear(notAfterDate.getUTCFullYear() + CERTIFICATE_YEARS)
    const { cert } = await generate([{ name: 'commonName', value: commonName }], {
      algorithm: 'sha256',
      notBeforeDate,
      notAfterDate,
      keyPair: { privateKey: key, publicKey: await exportSPKI(publicKey) },
    })
    return { key, certificate: cert }
  }

  return {
    signing: current,
    jwks: async () => {
      const { kid, publicKey } = await current()
      return { keys: [{ ...(await exportJWK(publicKey)), alg: 'RS256', use: 'sig', kid }] }
    },
    certified: () => {
      certified ??= certify()
      return certified
    },
  }
}
