/** Many tenants: their rows, their secrets, and the two files that a service of so many reads them from. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench } from '../load/arrange.ts'
import { HOST, SECRETS, TENANT } from '../load/tenant.ts'

export interface BenchTenant {
  readonly id: string
  readonly host: string
  readonly session: string
  readonly continue: string
}

export interface TenantFiles {
  readonly tenantsFile: string
  readonly secretsFile: string
  remove(): void
}

const secret = () => randomBytes(32).toString('base64url')

/** The usual tenant first. */
export function makeTenants(count: number): readonly BenchTenant[] {
  const first = { id: TENANT, host: HOST, session: SECRETS.session, continue: SECRETS.continue }
  const others = Array.from({ length: count - 1 }, (_, index) => {
    const id = `tenant-${index + 1}`
    return { id, host: `${id}.eu.auth0.com`, session: secret(), continue: secret() }
  })
  return [first, ...others]
}

/** Gives those that have no policy the usual tenant's, and settings of their own. */
export async function seedTenants({ sql }: Bench, tenants: readonly BenchTenant[]): Promise<void> {
  const ids = JSON.stringify(tenants.map(({ id }) => id))
  await sql`
    insert into tenant_settings (tenant, name)
    select value, 'Shop of ' || value from jsonb_array_elements_text(${ids}::text::jsonb)
    on conflict do nothing`
  await sql`
    insert into policy (tenant, flow, version, status, body)
    select value, flow, version, status, body
    from jsonb_array_elements_text(${ids}::text::jsonb), policy
    where policy.tenant = ${TENANT} and status = 'active'
    on conflict do nothing`
  await sql`analyze`
}

export function writeTenants(tenants: readonly BenchTenant[]): TenantFiles {
  const folder = mkdtempSync(join(tmpdir(), 'rv-bench-tenants-'))
  const tenantsFile = join(folder, 'tenants.json')
  const secretsFile = join(folder, 'secrets.json')
  const secrets = tenants.map(({ id, ...own }) => [
    id,
    { session: [own.session], continue: [own.continue] },
  ])
  writeFileSync(tenantsFile, JSON.stringify(tenants.map(({ id, host }) => ({ id, hosts: [host] }))))
  writeFileSync(secretsFile, JSON.stringify(Object.fromEntries(secrets)), { mode: 0o600 })
  return {
    tenantsFile,
    secretsFile,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
