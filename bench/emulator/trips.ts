/** Whole password resets, several side by side, each by another user with another browser and address. */
import { fileURLToPath } from 'node:url'
import {
  createBrowser,
  createTenant,
  drive,
  type OriginFetch,
  type Tenant,
} from '../../src/emulator/index.ts'
import type { Verifier } from './verifier.ts'

export interface Line {
  readonly name: string
  readonly tenant: Tenant
  /** Origin → who answers for it. */
  readonly site: readonly [origin: string, fetch: OriginFetch]
  /** What must be waited for before the round is over. */
  settled(): Promise<void>
}

const TRIGGER = 'password-reset-post-challenge'
const ACTION = fileURLToPath(new URL('../../actions/password-reset-verify.js', import.meta.url))

/** The reference Action and the verifier. */
export function realLine(name: string, tenant: Tenant, verifier: Verifier): Line {
  tenant.setActions(TRIGGER, [
    {
      name: 'password-reset-verify',
      file: ACTION,
      secrets: {
        RV_URL: verifier.origin,
        RV_SESSION_SECRET: verifier.secrets.session,
        RV_CONTINUE_SECRET: verifier.secrets.continue,
        RV_MODE: 'enforce',
      },
    },
  ])
  return {
    name,
    tenant,
    site: [verifier.origin, verifier.fetch],
    settled: verifier.settled,
  }
}

/** The same hops with nothing in them: an Action that only redirects, a site that only sends on. */
export function emptyLine(tenant: Tenant): Line {
  const origin = 'http://verify.localhost:1'
  tenant.setActions(TRIGGER, [
    {
      name: 'no-op',
      code: `exports.onExecutePostChallenge = async (event, api) => { api.redirect.sendUserTo('${origin}/verify') }
exports.onContinuePostChallenge = async () => {}`,
    },
  ])
  const page = (action: string) =>
    new Response(
      `<title>-</title><form method="post" action="${action}" data-auto-submit><button>-</button></form>`,
      { headers: { 'content-type': 'text/html' } },
    )
  const fetch: OriginFetch = async (request) => {
    const { searchParams } = new URL(request.url)
    const state = searchParams.get('state') ?? ''
    if (request.method === 'GET') return page(`/verify?state=${state}`)
    await request.text()
    return page(`${tenant.origin}/continue?state=${state}`)
  }
  return { name: 'no-op Action and site', tenant, site: [origin, fetch], settled: async () => {} }
}

export const newTenant = () => createTenant({ clients: [{ client_id: 'Bench', name: 'Bench' }] })

export interface Round {
  readonly trips: number
  readonly seconds: number
  /** Processor time of this process, all threads. */
  readonly cpuSeconds: number
}

const SIDE_BY_SIDE = 8
let people = 0

export async function runRound(line: Line, trips: number): Promise<Round> {
  const { clock } = line.tenant
  // The Action asks for readiness once in half a minute: before the round, and not in it.
  clock.follow()
  clock.set(clock.now())
  await reset(line, newPerson(line))
  const emails = Array.from({ length: trips }, () => newPerson(line))
  const cpu = process.cpuUsage()
  const started = performance.now()
  await Promise.all(
    Array.from({ length: SIDE_BY_SIDE }, async () => {
      for (let email = emails.pop(); email !== undefined; email = emails.pop())
        await reset(line, email)
    }),
  )
  await line.settled()
  const { user, system } = process.cpuUsage(cpu)
  return {
    trips,
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: (user + system) / 1e6,
  }
}

function newPerson({ tenant }: Line): string {
  people += 1
  const email = `person-${people}@example.com`
  tenant.users.add({ email })
  return email
}

async function reset({ tenant, site, name }: Line, email: string): Promise<void> {
  const number = Number(email.replaceAll(/\D/g, ''))
  const browser = createBrowser({
    routes: { [tenant.origin]: tenant.fetch, [site[0]]: site[1] },
    ip: `198.18.${(number >> 8) & 255}.${number & 255}`,
  })
  const page = await drive.resetPassword(browser, tenant, { email, newPassword: 'New-passw0rd' })
  if (new URL(page.url).pathname !== '/u/reset-password/success')
    throw new Error(`${name}: a reset ended at ${page.title}: ${page.text}`)
}
