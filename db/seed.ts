/** The rows that a tenant needs before its first visit. Adds what is missing, changes nothing. */
import postgres from 'postgres'
import type { PolicyDocument } from '../src/verifier/domain/policy.ts'

export interface TenantSeed {
  readonly id: string
  readonly settings?: SettingsSeed
  /** One document per flow, installed as the active version where the flow has no policy at all. */
  readonly policies: readonly PolicyDocument[]
}

/** What the pages show of a tenant (`TenantSettings` of the ports says what each member means). */
export interface SettingsSeed {
  readonly name?: string
  readonly logoUrl?: string
  readonly color?: string
  readonly supportUrl?: string
  readonly restartUrl?: string
  readonly requireClick?: boolean
  readonly continueMethod?: 'post' | 'get'
}

/** Each statement stands alone and adds only what is missing, so any number may run at once. */
export async function seed(url: string, tenants: readonly TenantSeed[]): Promise<void> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} })
  try {
    for (const { id, settings = {}, policies } of tenants) {
      await sql`
        insert into tenant_settings
          (tenant, name, logo_url, color, support_url, restart_url, require_click, continue_method)
        values
          (${id}, ${settings.name ?? null}, ${settings.logoUrl ?? null}, ${settings.color ?? null},
           ${settings.supportUrl ?? null}, ${settings.restartUrl ?? null},
           ${settings.requireClick ?? false}, ${settings.continueMethod ?? 'post'})
        on conflict do nothing`
      for (const document of policies) {
        await sql`
          insert into policy (tenant, flow, version, status, body)
          select ${id}::text, ${document.flow}::text, ${`${document.version}`}::text::integer, 'active',
            ${JSON.stringify(document)}::text::jsonb
          where not exists (
            select from policy where tenant = ${id} and flow = ${document.flow})
          on conflict do nothing`
      }
    }
  } finally {
    await sql.end()
  }
}
