/** `api.groups` and `api.roles` of post-login: lookups answered from the tenant's data. */
import type { Group, Role } from '../execution.ts'
import {
  LOOKUP_PAGE,
  ROLE_IDS_PER_FILTER,
  ROLE_NAMES_PER_FILTER,
  ROLES_PER_PAGE,
} from '../limits.ts'
import type { LegContext } from '../thread/leg-context.ts'

export interface PageOptions {
  readonly take?: number
  /** The `next` of the page before. */
  readonly from?: string
}

export interface GroupsApi {
  getUserGroups(page?: PageOptions): Promise<{ groups: Group[]; next?: string }>
  /** Groups by id or name. */
  hasGroupMembership(
    groups: readonly string[],
  ): Promise<{ memberships: Record<string, GroupMembership> }>
}

export interface GroupMembership {
  readonly is_member: boolean
  readonly matches?: readonly { readonly id: string; readonly name: string; group_type: string }[]
}

export interface RolesApi {
  getUserEffectiveRoles(page?: PageOptions): Promise<{ roles: Role[]; next?: string }>
  getUserEffectiveRolesByIds(ids: readonly string[]): Promise<{ roles: Role[] }>
  getUserEffectiveRolesByNames(names: readonly string[]): Promise<{ roles: Role[] }>
}

export function groupsApi({ lookups }: LegContext): GroupsApi {
  const groups = lookups.groups ?? []
  return {
    async getUserGroups(options = {}) {
      const { items, ...rest } = pageOf(groups, options)
      return { groups: items, ...rest }
    },
    async hasGroupMembership(names) {
      refuseEmpty('groups', names)
      const memberships = names.map((name): [string, GroupMembership] => {
        const matches = groups
          .filter((group) => group.id === name || group.name === name)
          .map(({ id, name, group_type }) => ({
            id,
            name,
            group_type: String(group_type ?? 'tenant'),
          }))
        return [name, matches.length > 0 ? { is_member: true, matches } : { is_member: false }]
      })
      return { memberships: Object.fromEntries(memberships) }
    },
  }
}

export function rolesApi({ lookups }: LegContext): RolesApi {
  const roles = lookups.roles ?? []
  return {
    async getUserEffectiveRoles(options = {}) {
      const { items, ...rest } = pageOf(roles, options, ROLES_PER_PAGE)
      return { roles: items, ...rest }
    },
    async getUserEffectiveRolesByIds(ids) {
      refuseEmpty('ids', ids)
      refuseMore('ids', ids, ROLE_IDS_PER_FILTER)
      return { roles: roles.filter(({ id }) => ids.includes(id)) }
    },
    async getUserEffectiveRolesByNames(names) {
      refuseEmpty('names', names)
      refuseMore('names', names, ROLE_NAMES_PER_FILTER)
      return { roles: roles.filter(({ name }) => names.includes(name)) }
    },
  }
}

/** The cursor is the position of the next item, as text: opaque to Action code, as on Auth0. */
function pageOf<Item>(
  all: readonly Item[],
  { from, take }: PageOptions,
  most = Number.POSITIVE_INFINITY,
): { items: Item[]; next?: string } {
  if (from !== undefined && typeof from !== 'string') {
    throw new Error('The "from" parameter must be a string if provided.')
  }
  if (take !== undefined && !(Number.isInteger(take) && take > 0)) {
    throw new Error('The "take" parameter must be a positive integer if provided.')
  }
  const start = Number.parseInt(from ?? '0', 10) || 0
  const end = start + Math.min(take ?? LOOKUP_PAGE, most)
  const items = all.slice(start, end)
  return end < all.length ? { items, next: String(end) } : { items }
}

function refuseEmpty(name: string, values: unknown): void {
  if (!Array.isArray(values) || values.length === 0) {
    throw new Error(`The "${name}" parameter must be a non-empty array of strings.`)
  }
}

/** Documented figures, assumed text. */
function refuseMore(name: string, values: readonly string[], most: number): void {
  if (values.length > most) {
    throw new Error(`The "${name}" parameter must not have more than ${most} entries.`)
  }
}
