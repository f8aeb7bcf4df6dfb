/** Organizations of the tenant and who belongs to them. */

export interface OrganizationSeed {
  /** `org_` and sixteen characters in Auth0. */
  readonly id: string
  readonly name: string
  readonly display_name?: string
  readonly metadata?: Readonly<Record<string, string>>
  /** User ids or e-mail addresses. */
  readonly members?: readonly string[]
}

export interface Organization {
  readonly id: string
  readonly name: string
  readonly display_name: string
  readonly metadata: Readonly<Record<string, string>>
  readonly members: readonly string[]
}

export interface Organizations {
  all(): readonly Organization[]
  /** By id or by name. */
  get(idOrName: string): Organization | undefined
  hasMember(
    organization: Organization,
    user: { readonly user_id: string; readonly email: string },
  ): boolean
}

export function createOrganizations(seeds: readonly OrganizationSeed[]): Organizations {
  const organizations = seeds.map(
    ({ id, name, display_name, metadata, members }): Organization => ({
      id,
      name,
      display_name: display_name ?? name,
      metadata: metadata ?? {},
      members: members ?? [],
    }),
  )
  return {
    all: () => organizations,
    get: (idOrName) => organizations.find(({ id, name }) => id === idOrName || name === idOrName),
    hasMember: ({ members }, user) =>
      members.some(
        (member) => member === user.user_id || member.toLowerCase() === user.email.toLowerCase(),
      ),
  }
}
