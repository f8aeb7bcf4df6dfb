/**
 * What differs between the runtimes for one request: where the client's address is read and what the
 * network in front of us knows of it. One interface, one small implementation per runtime.
 */
import type { Context } from 'hono'
import type { VisitNetwork } from '../domain/visit.ts'

export interface Platform {
  /** Never throws: what cannot be told is absent. */
  readPlace(c: Context): ClientPlace
}

export interface ClientPlace {
  /** Canonical text of the client's address. */
  readonly address?: string
  readonly network: VisitNetwork
}

/** `XX` stands for unknown at several networks, and unknown is no country. */
export function parseCountry(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^[A-Za-z]{2}$/.test(value)) return undefined
  const country = value.toUpperCase()
  return country === 'XX' ? undefined : country
}
