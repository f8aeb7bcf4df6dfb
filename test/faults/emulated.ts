/**
 * An emulated tenant beside the stand-in: Auth0's own side of the way, with the reference Action and a
 * verifier of its own on the stage's database, so that what Auth0 does wrong can be done for real.
 */
import { randomBytes } from 'node:crypto'
import { type RoundTrip, startRoundTrip } from '../../src/cli/round-trip.ts'
import { type Browser, createBrowser, drive, type Page } from '../../src/emulator/index.ts'
import { type NodeService, startNode } from '../../src/node.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { newSecret, type Stage } from './stage.ts'

export interface EmulatedTenant {
  readonly tenant: RoundTrip['tenant']
  readonly tenantId: string
  /** A new user whose browser shows the verifier's arrival page. */
  arrive(): Promise<Arrived>
  /** Learns from everything that has come so far. */
  learn(): Promise<void>
  close(): Promise<void>
}

export interface Arrived {
  readonly email: string
  readonly browser: Browser
  readonly arrival: Page
  /** Asks for another link and opens it in the same browser. */
  again(): Promise<Page>
  passwordChanged(): Promise<boolean>
}

const NEW_PASSWORD = 'New-passw0rd'
/** Everything that was settled by now. */
const AT_ONCE_SECONDS = -60

export async function startEmulated(stage: Stage): Promise<EmulatedTenant> {
  const tenantId = `emulated-${randomBytes(4).toString('hex')}`
  let node: NodeService | undefined
  const trip = await startRoundTrip({
    databaseUrl: stage.ownerUrl(),
    tenantId,
    policies: defaultPolicies('enforce'),
    secrets: { session: [newSecret()], continue: [newSecret()], identifier: newSecret() },
    tenant: { clients: [{ client_id: 'FaultsApplication0000000000000000', name: 'Acme Shop' }] },
    serve: async (env) => {
      node = await startNode(env, {
        write: (line) => stage.lines.push(line),
        storeLimits: { connections: 2 },
        learning: { olderThanSeconds: AT_ONCE_SECONDS },
      })
      return node
    },
  })
  const { tenant } = trip
  let people = 0

  return {
    tenant,
    tenantId,
    async arrive() {
      people += 1
      const email = `person-${people}@example.com`
      tenant.users.add({ email, password: 'Old-passw0rd' })
      const browser = createBrowser({ ip: `198.18.7.${people}` })
      const open = async () => {
        await drive.requestReset(browser, tenant, { email })
        return drive.openResetLink(browser, tenant, email)
      }
      return {
        email,
        browser,
        arrival: await open(),
        again: open,
        passwordChanged: () => tenant.users.checkPassword(email, NEW_PASSWORD),
      }
    },
    learn: async () => node?.learn(),
    close: () => trip.close(),
  }
}

export const setPassword = (browser: Browser): Promise<Page> =>
  browser.submit(undefined, { password: NEW_PASSWORD, confirm_password: NEW_PASSWORD })

export const isAtNewPassword = ({ url }: Page): boolean =>
  new URL(url).pathname === '/u/reset-password/change'
