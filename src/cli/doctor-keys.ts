/**
 * Which secrets were used of late, from the service's own log: `key_index` 0 is the current one. The log
 * names no secret, so a rotation is over when the previous one is seen no more.
 */
import { readFileSync } from 'node:fs'
import { EXIT, Failure } from './failure.ts'
import type { Finding } from './findings.ts'

/** A transaction at Auth0 lives for an hour, and so may its token's secret. */
const LATELY_SECONDS = 3600

export function keyFindings(file: string, nowSeconds: number): readonly Finding[] {
  const seen = new Map<string, Map<number, number>>()
  for (const line of linesOf(file)) {
    const entry = parseLine(line)
    if (entry === undefined || entry.time < nowSeconds - LATELY_SECONDS) continue
    const counts = seen.get(entry.tenant) ?? new Map<number, number>()
    counts.set(entry.index, (counts.get(entry.index) ?? 0) + 1)
    seen.set(entry.tenant, counts)
  }
  if (seen.size === 0)
    return [
      { check: 'keys', level: 'warning', text: 'no verification in the last hour of the log' },
    ]
  return [...seen].map(([tenant, counts]) => {
    const current = counts.get(0) ?? 0
    const previous = [...counts].reduce((sum, [index, n]) => (index > 0 ? sum + n : sum), 0)
    return previous === 0
      ? {
          check: 'keys',
          level: 'ok',
          tenant,
          text: `${tenant}: ${current} by the current secret, none by another`,
        }
      : {
          check: 'keys',
          level: 'warning',
          tenant,
          text: `${tenant}: ${previous} of ${current + previous} by the previous secret`,
          todo: 'Keep it until an hour after the Action was deployed with the new one.',
        }
  })
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    throw new Failure(`The log ${file} cannot be read.`, EXIT.usage)
  }
}

function parseLine(line: string) {
  if (!line.includes('"key_index"')) return undefined
  try {
    const { event, time, tenant_id, key_index } = Object(JSON.parse(line)) as Record<
      string,
      unknown
    >
    if (event !== 'assessment' || typeof time !== 'number') return undefined
    if (typeof tenant_id !== 'string' || typeof key_index !== 'number') return undefined
    return { time, tenant: tenant_id, index: key_index }
  } catch {
    return undefined
  }
}
