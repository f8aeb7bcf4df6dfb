/** Which role may do what: each may do what those before it may. */
import { ROLES, type Role } from '../ports-admin.ts'

export const permits = (own: Role, needed: Role): boolean =>
  ROLES.indexOf(own) >= ROLES.indexOf(needed)

/** The highest of them; undefined when there is none. */
export const highestRole = (roles: readonly (Role | undefined)[]): Role | undefined =>
  ROLES.findLast((role) => roles.includes(role))
