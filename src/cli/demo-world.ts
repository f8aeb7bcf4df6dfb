/** What the demo runs in: the round trip with its people, an application, and the hops as they happen. */
import { randomBytes } from 'node:crypto'
import { putListEntry } from '../../db/operator.ts'
import type { TenantOptions } from '../emulator/index.ts'
import { createIdentifiers } from '../verifier/identifiers.ts'
import { defaultPolicies } from '../verifier/schema/default-policies.ts'
import { addDashboard, type DemoAdmin, pastNotice } from './demo-admin.ts'
import { type DemoApp, startDemoApp } from './demo-app.ts'
import { createHops, type Hop, type Hops } from './demo-hops.ts'
import { COUNTRY_HEADER, DORA, PEOPLE } from './demo-people.ts'
import { onPort, type PortChoice, type RoundTrip, startRoundTrip } from './round-trip.ts'

export interface DemoPorts {
  readonly tenant?: PortChoice
  readonly verifier?: PortChoice
  readonly app?: PortChoice
}

export interface DemoWorld extends RoundTrip {
  readonly app: DemoApp
  readonly hops: Hops
  readonly databaseUrl: string
  /** Absent where none was asked for. */
  readonly admin?: DemoAdmin
  /** How the verifier's records name this user. */
  userKey(email: string): string
}

const CLIENT_ID = 'DemoApplication00000000000000000'

/** The names under which browsers on this machine find the three sites are those of `round-trip.ts`. */
export async function startDemoWorld(options: {
  readonly databaseUrl: string
  readonly ports: DemoPorts
  readonly show: (hop: Hop) => void
  readonly tenant?: TenantOptions
  /** With the operator's pages, over a made-up past. */
  readonly dashboard?: boolean
}): Promise<DemoWorld> {
  const { databaseUrl, ports } = options
  const secret = () => randomBytes(32).toString('base64url')
  const identifier = secret()
  const now = Math.floor(Date.now() / 1000)
  // The secrets are new, so no record of an earlier start could be recognised: a tenant of its own.
  const tenantId = `demo-${randomBytes(4).toString('hex')}`
  const policies = defaultPolicies('enforce')
  const hops = createHops({ databaseUrl, show: options.show })
  let resetPage = ''
  const people = () =>
    PEOPLE.map((person) => ({
      ...person,
      href: `${resetPage}&login_hint=${encodeURIComponent(person.email)}`,
    }))
  let admin: DemoAdmin | undefined
  const app = await onPort('application', ports.app, (port) =>
    startDemoApp(port, people, () => admin),
  )
  try {
    const roundTrip = await startRoundTrip({
      databaseUrl,
      tenantId,
      secrets: { session: [secret()], continue: [secret()], identifier },
      policies,
      settings: { name: 'Example application', restartUrl: app.origin },
      env: { RV_COUNTRY_HEADER: COUNTRY_HEADER },
      node: { write: hops.log, adminNotice: pastNotice(now) },
      tenant: {
        name: 'demo',
        users: PEOPLE.map(({ user }) => user),
        clients: [
          {
            client_id: CLIENT_ID,
            name: 'Example application',
            initiate_login_uri: `${app.origin}/done`,
          },
        ],
        ...options.tenant,
      },
      ports,
    })
    const { tenant, origins } = roundTrip
    tenant.trace.subscribe(hops.trace)
    resetPage = `${origins.tenant}/u/reset-password/request?client_id=${CLIENT_ID}`
    const identifiers = createIdentifiers(identifier)
    const userKey = (email: string) =>
      identifiers.pseudonym(tenantId, 'user', tenant.users.get(email)?.user_id ?? '')
    await putListEntry(databaseUrl, {
      tenant: tenantId,
      kind: 'user',
      value: userKey(DORA.email),
      action: 'deny',
      note: 'the demo',
    })
    if (options.dashboard) admin = await addDashboard(roundTrip, databaseUrl, policies, now)
    return {
      ...roundTrip,
      app,
      ...(admin === undefined ? {} : { admin }),
      hops,
      databaseUrl,
      userKey,
      close: async () => {
        await Promise.all([roundTrip.close(), app.close()])
      },
    }
  } catch (error) {
    await app.close()
    throw error
  }
}
