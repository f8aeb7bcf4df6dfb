/** Writes a made-up past for the demo. Weeks without a partition are taken in by the default one. */
import postgres from 'postgres'
import type { Decision } from '../src/verifier/domain/decision.ts'
import type { Facts } from '../src/verifier/domain/facts.ts'
import type { ShadowVerdict } from '../src/verifier/domain/shadow.ts'

/** As `src/cli/demo-past.ts` makes them. */
export interface PastRow {
  readonly id: string
  readonly reference: string
  readonly flow: string
  /** Epoch seconds. */
  readonly openedAt: number
  readonly user: string
  readonly facts: Facts
  readonly decision: Decision
  readonly shadow: readonly ShadowVerdict[]
  readonly confirmed: boolean
}

/** Its engine version says what such a record is. */
const ENGINE = 'demo'

/** Judged by the tenant's active policies, which must be there. */
export async function writePast(
  url: string,
  tenant: string,
  rows: readonly PastRow[],
): Promise<void> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} })
  try {
    const given = rows.map((row) => ({
      ...row,
      shadow: row.shadow.length === 0 ? null : row.shadow,
    }))
    await sql`
      insert into assessment (tenant, opened_at, id, reference, flow, engine_version, policy_id,
        user_key, visit_address, token_address, device, facts, settled_at, outcome, assessed, score,
        decision, shadow, confirmed_at, folded_at)
      select ${tenant}::text, at, given.id, reference, given.flow, ${ENGINE}, policy.id, user_key,
        (facts #>> '{request,visit_network,address}')::bigint,
        (facts #>> '{request,token_network,address}')::bigint,
        (facts #>> '{request,device}')::bigint, facts, at + interval '1 second',
        decision ->> 'outcome', decision ->> 'assessed', (decision ->> 'score')::double precision,
        decision, shadow,
        case when confirmed then at + interval '2 minutes' end,
        case when confirmed then at + interval '5 minutes' end
      from (
        select (row ->> 'id')::uuid as id, row ->> 'reference' as reference, row ->> 'flow' as flow,
          to_timestamp((row ->> 'openedAt')::double precision) as at,
          (row ->> 'user')::bigint as user_key, row -> 'facts' as facts, row -> 'decision' as decision,
          nullif(row -> 'shadow', 'null'::jsonb) as shadow, (row ->> 'confirmed')::boolean as confirmed
        from jsonb_array_elements(${JSON.stringify(given)}::text::jsonb) as row
      ) as given
      join policy on policy.tenant = ${tenant}::text and policy.flow = given.flow
        and policy.status = 'active'`
  } finally {
    await sql.end({ timeout: 5 })
  }
}
