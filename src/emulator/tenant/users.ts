/**
 * Users of the emulated connection, with their factors and (hashed) passwords.
 * The profile's keys are Auth0's, because Actions read them.
 */
import type { TenantClock } from './clock.ts'
import { type EnrolledFactor, enrol, type FactorSeed, type FactorType } from './factors.ts'
import { type Random, randomHex } from './identifiers.ts'
import { hashPassword, matchesPassword, type PasswordHash } from './passwords.ts'

type Metadata = Readonly<Record<string, unknown>>

export interface UserProfile {
  readonly user_id: string
  readonly email: string
  readonly email_verified: boolean
  readonly name: string
  readonly nickname: string
  readonly picture: string
  readonly created_at: string
  readonly updated_at: string
  readonly app_metadata: Metadata
  readonly user_metadata: Metadata
  readonly given_name?: string
  readonly family_name?: string
  readonly username?: string
  readonly phone_number?: string
  readonly phone_verified?: boolean
  readonly last_password_reset?: string
  /** The first one is the user's own; further ones are linked. Absent: the one of the database. */
  readonly identities?: readonly UserIdentity[]
}

export interface UserIdentity {
  readonly provider: string
  readonly user_id: string
  readonly connection: string
  readonly isSocial: boolean
  readonly [member: string]: unknown
}

export interface User extends UserProfile {
  readonly logins_count: number
  readonly roles: readonly string[]
  readonly blocked: boolean
  readonly factors: readonly EnrolledFactor[]
}

export interface UserSeed extends Partial<Omit<User, 'factors'>> {
  readonly email: string
  readonly password?: string
  readonly factors?: readonly FactorSeed[]
}

export interface Users {
  all(): readonly User[]
  /** By `user_id` or by e-mail address (in any case). */
  get(idOrEmail: string): User | undefined
  /** By e-mail address alone: what a person may type. */
  byEmail(email: string): User | undefined
  add(seed: UserSeed): User
  /** Changes stored members; what is not named stays. */
  update(userId: string, change: Partial<Omit<User, 'user_id'>>): User
  remove(userId: string): boolean
  enrol(userId: string, factor: FactorSeed): User
  /** Types the user can be challenged with, the verified address included when the tenant does so. */
  enrolledTypes(user: User): ReadonlySet<FactorType>
  /** The code the user's authenticator shows now, or the app that takes push notifications. */
  oneTimePassword(userId: string, factor?: 'otp' | 'push-notification'): Promise<string>
  setPassword(userId: string, password: string): Promise<void>
  /** Whether a login with this password would be accepted. */
  checkPassword(idOrEmail: string, password: string): Promise<boolean>
  /** The users as they were when the tenant was created, with the same ids and passwords. */
  restore(): void
}

export interface UsersOptions {
  readonly clock: TenantClock
  readonly random: Random
  readonly verifiedEmailIsFactor: () => boolean
}

export function createUsers(seeds: readonly UserSeed[], options: UsersOptions): Users {
  const { clock, random } = options
  const users = new Map<string, User>()
  const hashes = new Map<string, Promise<PasswordHash>>()
  const isoNow = () => new Date(clock.now()).toISOString()

  const byEmail = (email: string) =>
    [...users.values()].find((user) => user.email.toLowerCase() === email.toLowerCase())
  const get = (idOrEmail: string) => users.get(idOrEmail) ?? byEmail(idOrEmail)

  const known = (userId: string) => {
    const user = users.get(userId)
    if (!user)
      throw new Error(`The emulated tenant has no user ${userId}. Add it with users.add().`)
    return user
  }

  const add = (seed: UserSeed): User => {
    const { password, factors, ...given } = seed
    if (get(given.email) || (given.user_id && users.has(given.user_id)))
      throw new Error('The emulated tenant already has a user with this address or id.')
    const created = given.created_at ?? isoNow()
    const nickname = given.nickname ?? (given.email.split('@')[0] as string)
    const user: User = {
      ...given,
      user_id: given.user_id ?? `auth0|${randomHex(random, 12)}`,
      email_verified: given.email_verified ?? true,
      name: given.name ?? given.email,
      nickname,
      picture: given.picture ?? 'data:,',
      created_at: created,
      updated_at: given.updated_at ?? created,
      app_metadata: given.app_metadata ?? {},
      user_metadata: given.user_metadata ?? {},
      logins_count: given.logins_count ?? 0,
      roles: given.roles ?? [],
      blocked: given.blocked ?? false,
      factors: (factors ?? []).map((factor) => enrol(factor, given.phone_number, random)),
    }
    users.set(user.user_id, user)
    if (password !== undefined) hashes.set(user.user_id, hashPassword(password, random))
    return user
  }

  const update = (userId: string, change: Partial<Omit<User, 'user_id'>>) => {
    const user: User = { ...known(userId), updated_at: isoNow(), ...change }
    users.set(userId, user)
    return user
  }

  for (const seed of seeds) add(seed)
  const first = { users: [...users], hashes: [...hashes] }

  return {
    all: () => [...users.values()],
    get,
    byEmail,
    add,
    update,
    remove: (userId) => {
      hashes.delete(userId)
      return users.delete(userId)
    },
    enrol: (userId, factor) => {
      const user = known(userId)
      return update(userId, {
        factors: [...user.factors, enrol(factor, user.phone_number, random)],
      })
    },
    enrolledTypes: (user) => {
      const types = new Set<FactorType>(user.factors.map((factor) => factor.type))
      if (user.email_verified && options.verifiedEmailIsFactor()) types.add('email')
      return types
    },
    oneTimePassword: async (userId, wanted = 'otp') => {
      const factor = known(userId).factors.find(({ type }) => type === wanted)
      if (!factor || !('secret' in factor))
        throw new Error(`${userId} has no code to show: add the factor '${wanted}'.`)
      const { TOTP } = await import('otpauth')
      return new TOTP({ secret: factor.secret }).generate({ timestamp: clock.now() })
    },
    setPassword: async (userId, password) => {
      known(userId)
      const hash = hashPassword(password, random)
      hashes.set(userId, hash)
      await hash
    },
    checkPassword: async (idOrEmail, password) => {
      const user = get(idOrEmail)
      const hash = user && hashes.get(user.user_id)
      return user !== undefined && !user.blocked && hash !== undefined
        ? matchesPassword(password, await hash)
        : false
    },
    restore: () => {
      users.clear()
      hashes.clear()
      for (const [userId, user] of first.users) users.set(userId, user)
      for (const [userId, hash] of first.hashes) hashes.set(userId, hash)
    },
  }
}
