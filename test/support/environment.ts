/** The environment of one tenant, for tests that start the whole service on either runtime. */
import { seed } from '../../db/seed.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import {
  type Claims,
  CONTINUE_SECRET,
  HOST,
  IDENTIFIER_SECRET,
  SESSION_SECRET,
  sessionToken,
} from './tokens.ts'

export const TENANT = 'acme'

/** Everything but the database, which each runtime is told in its own way. */
export const serviceEnvironment = (publicOrigin: string, clientAddress = 'socket') => ({
  RV_TENANTS: JSON.stringify([{ id: TENANT, hosts: [HOST] }]),
  RV_SECRETS: JSON.stringify({
    [TENANT]: { session: [SESSION_SECRET], continue: [CONTINUE_SECRET] },
  }),
  RV_IDENTIFIER_SECRET: IDENTIFIER_SECRET,
  RV_PUBLIC_ORIGIN: publicOrigin,
  RV_CLIENT_ADDRESS: clientAddress,
  RV_PORT: '0',
})

/** Settings with a name that pages show, and enforcing default policies. */
export const seedTenant = (url: string) =>
  seed(url, [{ id: TENANT, settings: { name: 'Acme Bank' }, policies: defaultPolicies('enforce') }])

/** A session token that is good now, by the wall clock. */
export function liveToken(overrides: Claims = {}): string {
  const iat = Math.floor(Date.now() / 1000)
  return sessionToken({ iat, exp: iat + 300, jti: crypto.randomUUID(), ...overrides })
}
