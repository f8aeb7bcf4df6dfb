/** Where the pages are. Every address is made here, so that nothing is put into one unescaped. */
import type { PolicyKey } from '../../ports-admin.ts'

export const BASE = '/admin'

type Query = Readonly<Record<string, string | number | undefined>>

export function pathOf(parts: readonly (string | number)[], query: Query = {}): string {
  const path = [BASE, ...parts.map((part) => encodeURIComponent(String(part)))].join('/')
  const given = Object.entries(query).filter(
    (entry): entry is [string, string | number] => entry[1] !== undefined && entry[1] !== '',
  )
  if (given.length === 0) return path
  return `${path}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`
}

export const tenantPath = (
  tenant: string,
  parts: readonly (string | number)[] = [],
  query: Query = {},
): string => pathOf(['tenants', tenant, ...parts], query)

export const policyPath = ({ tenant, flow, version }: PolicyKey, ...more: string[]): string =>
  tenantPath(tenant, ['policies', flow, version, ...more])
