/**
 * The round trip for a real browser: the verifier, the emulated tenant with the reference Action, a
 * database and an application to come back to, on three sites. Nothing between them is replaced.
 */
import { randomBytes } from 'node:crypto'
import { countRecords, putListEntry } from '../../db/operator.ts'
import { type RoundTrip, type RoundTripOptions, startRoundTrip } from '../../src/cli/round-trip.ts'
import type { FactorSeed } from '../../src/emulator/index.ts'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { openSite, page, type Site } from './open-site.ts'

export const OLD_PASSWORD = 'Old-passw0rd'
export const NEW_PASSWORD = 'New-passw0rd'

export interface ResetWorld extends RoundTrip {
  /** The application: any address on it says welcome. */
  readonly app: Site
  /** Adds a user of the tenant and answers the address. Every user is another one. */
  addUser(factors?: readonly FactorSeed[]): string
  /** Puts the user on the deny list. */
  deny(email: string): Promise<void>
  /** `old` or `new`: which password the tenant takes now. */
  passwordOf(email: string): Promise<'old' | 'new'>
  /** How many decisions the database holds. */
  records(): Promise<number>
  /** What the tenant answered at `/continue` and the reasons for refusals, oldest first. */
  returns(): readonly string[]
}

const CLIENT_ID = 'BrowserSuite00000000000000000000'

export async function openResetWorld(
  databaseUrl: string,
  options: Partial<RoundTripOptions> = {},
): Promise<ResetWorld> {
  const secret = () => randomBytes(32).toString('base64url')
  const identifier = secret()
  const tenantId = `browser-${randomBytes(4).toString('hex')}`
  const app = await openSite('app', page(WELCOME))
  const world = await startRoundTrip({
    databaseUrl,
    tenantId,
    secrets: { session: [secret()], continue: [secret()], identifier },
    policies: defaultPolicies('enforce'),
    node: { write: () => {} },
    ...options,
    tenant: {
      name: 'acme',
      clients: [
        {
          client_id: CLIENT_ID,
          name: 'Acme Shop',
          initiate_login_uri: `${app.origin}/signed-out`,
        },
      ],
      ...options.tenant,
    },
  }).catch(async (error: unknown) => {
    await app.close()
    throw error
  })
  const { tenant } = world
  let users = 0
  return {
    ...world,
    app,
    addUser: (factors = []) => {
      users += 1
      const email = `person-${users}@example.com`
      tenant.users.add({ email, password: OLD_PASSWORD, factors })
      return email
    },
    deny: async (email) => {
      const userId = tenant.users.get(email)?.user_id ?? ''
      const value = createIdentifiers(identifier).pseudonym(tenantId, 'user', userId)
      await putListEntry(databaseUrl, { tenant: tenantId, kind: 'user', value, action: 'deny' })
    },
    passwordOf: async (email) => {
      const changed = await tenant.users.checkPassword(email, NEW_PASSWORD)
      const kept = await tenant.users.checkPassword(email, OLD_PASSWORD)
      if (changed === kept) throw new Error('both passwords work, or none')
      return changed ? 'new' : 'old'
    },
    records: () => countRecords(databaseUrl, tenantId),
    returns: () =>
      tenant.trace.all().flatMap((event) => {
        if (event.kind === 'continue.received') return [event.data.method]
        return event.kind === 'continue.refused' ? [event.data.reason] : []
      }),
    close: async () => {
      await Promise.all([world.close(), app.close()])
    },
  }
}

const WELCOME = `<!doctype html><html lang="en"><title>Acme Shop</title>
<link rel="icon" href="data:,"><h1>Welcome back</h1></html>`
