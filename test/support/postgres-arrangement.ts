/** What a test arranges in Postgres beside the Store (the memory store brings its own). */
import type { Sql } from 'postgres'
import { activatePolicy, shadowPolicy } from '../../db/policies.ts'
import type { FreshDatabase } from './database.ts'
import type { StoreArrangement } from './memory-store.ts'

export function createArrangement({ url, sql }: FreshDatabase): StoreArrangement {
  return {
    activatePolicy: (tenant, document) => activatePolicy(url, tenant, document),
    shadowPolicy: (tenant, document) => shadowPolicy(url, tenant, document),
    async shadowOf(tenant, id) {
      const [row] = await sql<{ shadow: unknown }[]>`
        select shadow from assessment where tenant = ${tenant} and id = ${id}`
      return row?.shadow
    },
    async putProfile(tenant, user, profile) {
      await sql`
        insert into user_profile
          (tenant, user_key, n, hist, median_rtt_ms, last_latitude, last_longitude, first_at, last_at)
        values (${tenant}, ${user}, ${profile.n}, ${JSON.stringify(profile.hist)}::text::jsonb,
          ${profile.median_rtt_ms ?? null}, ${profile.last_latitude ?? null},
          ${profile.last_longitude ?? null},
          to_timestamp(${profile.first_at}), to_timestamp(${profile.last_at}))`
    },
    async putListed(tenant, { kind, action, value, expiresInSeconds }) {
      await sql`
        insert into entity_list (tenant, kind, value, action, expires_at)
        values (${tenant}, ${kind}, ${value}, ${action},
          now() + make_interval(secs => ${expiresInSeconds ?? null}::double precision))`
    },
    async putRanges(tenant, loaded, ranges) {
      for (const [bit, kind] of loaded.entries()) {
        await sql`insert into range_list (tenant, bit, kind) values (${tenant}, ${bit}, ${kind})`
      }
      for (const { low, high, kinds } of ranges) {
        const mask = kinds.reduce((bits, kind) => bits | (1 << loaded.indexOf(kind)), 0)
        await sql`insert into ip_range values (${tenant}, ${low}, ${high}, ${mask})`
      }
    },
    async release(tenant, user, seconds) {
      await sql`
        insert into release (tenant, user_key, expires_at)
        values (${tenant}, ${user}, now() + make_interval(secs => ${seconds}))`
    },
    async confirm(tenant, id) {
      await sql`update assessment set confirmed_at = now() where tenant = ${tenant} and id = ${id}`
    },
    async putSettings(tenant, shown) {
      await sql`
        insert into tenant_settings
        values (${tenant}, ${shown.name ?? null}, ${shown.logoUrl ?? null}, ${shown.color ?? null},
          ${shown.supportUrl ?? null}, ${shown.restartUrl ?? null}, ${shown.requireClick},
          ${shown.continueMethod})`
    },
    rows: async () => {
      const [redemptions, claims, charges, assessments] = await Promise.all(
        ['redemption', 'state_claim', 'rate_gcra', 'assessment'].map((table) => count(sql, table)),
      )
      return { redemptions, claims, charges, assessments } as Awaited<
        ReturnType<StoreArrangement['rows']>
      >
    },
  }
}

async function count(sql: Sql, table: string): Promise<number> {
  const [row] = await sql<{ rows: number }[]>`select count(*)::integer as rows from ${sql(table)}`
  return (row as { rows: number }).rows
}
