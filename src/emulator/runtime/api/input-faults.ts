/**
 * Argument checks in the words Auth0's API layer uses: each fault reads `<member> <what is wrong>`,
 * several of one member are joined by a comma, several members by a semicolon.
 */

export type Faults = readonly { readonly at: string; readonly message: string }[]

/** Throws one Error that names every fault, or does nothing. */
export function refuseFaults(faults: Faults): void {
  if (faults.length === 0) return
  const perMember = new Map<string, string>()
  for (const { at, message } of faults) {
    const sofar = perMember.get(at)
    perMember.set(at, sofar === undefined ? `${at} ${message}` : `${sofar}, ${message}`)
  }
  throw new Error([...perMember.values()].join('; '))
}

/** Every member that is missing: Auth0's text begins with a blank, because it names no member. */
export function requiredFaults(members: Readonly<Record<string, unknown>>): Faults {
  return Object.entries(members).flatMap(([name, value]) =>
    value === undefined ? [{ at: '', message: `must have required property '${name}'` }] : [],
  )
}

/** Text of at most `most` characters (code points). */
export function textFaults(
  at: string,
  value: unknown,
  most: number = Number.POSITIVE_INFINITY,
): Faults {
  if (typeof value !== 'string') return [{ at, message: 'must be string' }]
  // Code points are at most UTF-16 units: only a text that may be too long is counted.
  return value.length > most && [...value].length > most
    ? [{ at, message: `must NOT have more than ${most} characters` }]
    : []
}

/** A finite number, or undefined. */
export function numberFaults(at: string, value: unknown): Faults {
  return value === undefined || Number.isFinite(value) ? [] : [{ at, message: 'must be number' }]
}

/** A boolean, or undefined. */
export function booleanFaults(at: string, value: unknown): Faults {
  return value === undefined || typeof value === 'boolean'
    ? []
    : [{ at, message: 'must be boolean' }]
}

export function choiceFaults(at: string, value: unknown, values: readonly string[]): Faults {
  return typeof value === 'string' && values.includes(value)
    ? []
    : [{ at, message: 'must be equal to one of the allowed values' }]
}

interface ObjectRule {
  /** Members of other names are refused. */
  readonly allowed?: readonly string[]
  readonly most?: number
  readonly names?: RegExp
}

/** An object, or undefined. */
export function objectFaults(at: string, value: unknown, rule: ObjectRule): Faults {
  if (value === undefined) return []
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [{ at, message: 'must be object' }]
  }
  const { allowed, most, names: pattern } = rule
  const names = Object.keys(value)
  const tooMany =
    most !== undefined && names.length > most
      ? [{ at, message: `must NOT have more than ${most} properties` }]
      : []
  const unknown = names.filter(
    (name) => !(allowed?.includes(name) ?? true) || !(pattern?.test(name) ?? true),
  )
  return [
    ...tooMany,
    ...unknown.map(() => ({ at, message: 'must NOT have additional properties' })),
  ]
}
