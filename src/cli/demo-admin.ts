/**
 * The dashboard of the demo: a past to look at, a version to compare, and an operator who signs in at the
 * emulated tenant as at any OpenID provider. A post-login Action says what somebody is.
 */
import { randomBytes } from 'node:crypto'
import { writePast } from '../../db/demo-past.ts'
import { shadowPolicy } from '../../db/policies.ts'
import { timeText } from '../verifier/admin/pages/format.ts'
import { compilePolicy } from '../verifier/domain/compile.ts'
import type { PolicyDocument } from '../verifier/domain/policy.ts'
import { demoPast } from './demo-past.ts'
import type { RoundTrip } from './round-trip.ts'

export interface DemoAdmin {
  readonly address: string
  readonly email: string
  readonly password: string
}

const CLIENT_ID = 'DemoDashboard0000000000000000000'
const EMAIL = 'operator@example.com'
const PASSWORD = 'Operat0r-passw0rd'
const CLAIM = 'https://dashboard.example/roles'

const ROLE_ACTION = `exports.onExecutePostLogin = async (event, api) => {
  if (event.client.client_id !== '${CLIENT_ID}') return
  api.idToken.setCustomClaim('${CLAIM}', event.user.app_metadata.roles ?? [])
}`

/** For the top of every page: whoever comes later must not take the past for a measurement. */
export const pastNotice = (now: number): string =>
  `Demonstration: the records before ${timeText(now)} UTC are made up.`

/** Starts the verifier again with its dashboard: its address had to be known to the provider first. */
export async function addDashboard(
  { tenant, tenantId, origins, verifier }: RoundTrip,
  databaseUrl: string,
  policies: readonly PolicyDocument[],
  /** Epoch seconds: the past lies before. */
  now: number,
): Promise<DemoAdmin> {
  await fillPast(databaseUrl, tenantId, policies, now)
  tenant.users.add({
    email: EMAIL,
    password: PASSWORD,
    name: 'Olga Operator',
    email_verified: true,
    app_metadata: { roles: ['admin'] },
  })
  const { client_secret } = tenant.clients.add({
    client_id: CLIENT_ID,
    name: 'redirect-verifier dashboard',
    callbacks: [`${origins.verifier}/admin/callback`],
    allowed_logout_urls: [`${origins.verifier}/admin/signed-out`],
  })
  tenant.setActions('post-login', [{ name: 'dashboard-roles', code: ROLE_ACTION }])
  await verifier.stop()
  await verifier.start({
    RV_ADMIN_DATABASE_URL: databaseUrl,
    RV_ADMIN_SESSION_SECRET: randomBytes(48).toString('base64url'),
    RV_ADMIN_OIDC_CLIENT_SECRET: client_secret,
    RV_ADMIN_OIDC: JSON.stringify({
      issuer: `${origins.tenant}/`,
      client_id: CLIENT_ID,
      roles_claim: CLAIM,
      roles: { viewer: 'viewer', operator: 'operator', admin: 'admin' },
    }),
  })
  return { address: `${origins.verifier}/admin`, email: EMAIL, password: PASSWORD }
}

async function fillPast(
  databaseUrl: string,
  tenantId: string,
  policies: readonly PolicyDocument[],
  now: number,
): Promise<void> {
  const [reset, login] = (['password_reset', 'login'] as const).map((flow) =>
    policies.find((policy) => policy.flow === flow),
  )
  if (reset === undefined || login === undefined) throw new Error('a flow without a policy')
  const watched = watchedVersion(reset)
  await shadowPolicy(databaseUrl, tenantId, watched)
  const past = demoPast({
    now,
    policies: { password_reset: compilePolicy(reset), login: compilePolicy(login) },
    shadows: [compilePolicy(watched)],
  })
  await writePast(databaseUrl, tenantId, past)
}

/** Stricter with new devices, kinder after an attempt that was not finished: both show in a comparison. */
export const watchedVersion = (base: PolicyDocument): PolicyDocument => ({
  ...base,
  version: base.version + 1,
  thresholds: { step_up: -3.5, deny: 1.5 },
  floors: base.floors.filter(({ id }) => id !== 'unconfirmed_recent'),
  rules: base.rules
    .filter(({ id }) => id !== 'allow_list')
    .map((rule) => (rule.id === 'new_device' ? { ...rule, evidence: 1.5 } : rule)),
})
