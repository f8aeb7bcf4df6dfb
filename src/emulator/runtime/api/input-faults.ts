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

/** Text of at most `most` characters (code points). */
export function textFaults(at: string, value: unknown, most: number): Faults {
  if (typeof value !== 'string') return [{ at, message: 'must be string' }]
  return [...value].length > most
    ? [{ at, message: `must NOT have more than ${most} characters` }]
    : []
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
  const names = Object.keys(value)
  const { allowed, most, names: pattern } = rule
  const faults: { at: string; message: string }[] = []
  if (most !== undefined && names.length > most) {
    faults.push({ at, message: `must NOT have more than ${most} properties` })
  }
  for (const name of names) {
    const known = allowed === undefined || allowed.includes(name)
    if (!known || (pattern !== undefined && !pattern.test(name))) {
      faults.push({ at, message: 'must NOT have additional properties' })
    }
  }
  return faults
}
