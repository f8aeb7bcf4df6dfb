/**
 * What the control plane accepts, as schemas: unknown members are refused by name, so that a typing error
 * is not taken for a setting. Members are snake_case on the wire.
 */
import * as z from 'zod'
import { FACTOR_TYPES } from '../tenant/factors.ts'
import type { Faults } from '../tenant/faults.ts'
import type { Switches } from '../tenant/switches.ts'

type ShapeOf<Settings> = { readonly [Name in keyof Settings]: z.ZodType<Settings[Name]> }

const milliseconds = z.int().min(0).max(600_000)

const FAULT_SHAPE = {
  continueFails: z.boolean(),
  continueDelayMs: milliseconds,
  wrongState: z.boolean(),
  reusedState: z.boolean(),
  expiredTransaction: z.boolean(),
  lostCookie: z.boolean(),
  continueToken: z.enum(['intact', 'missing', 'tampered', 'expired', 'other_user', 'other_state']),
  actionTimesOut: z.enum(['never', 'on_execute', 'on_continue', 'always']),
  actionBudgetMs: milliseconds,
  enrolledFactorsUnavailable: z.boolean(),
} satisfies ShapeOf<Faults>

const SWITCH_SHAPE = {
  validateTokenIssuer: z.enum(['presence', 'hostname']),
  validateTokenChecksSub: z.boolean(),
  validateTokenChecksType: z.boolean(),
  tokenExpiryLeewaySeconds: z.int().min(0).max(3600),
  validateTokenOrder: z.enum(['signature_first', 'state_first']),
  cacheAfterRedirect: z.enum(['kept', 'dropped']),
  instances: z.enum(['warm', 'cold_after_redirect', 'always_cold']),
  bodyOnlyState: z.enum(['accepted', 'refused']),
  secondRedirect: z.enum(['last_wins', 'fails']),
  redirectInContinue: z.enum(['suspends_again', 'fails']),
  ticketConsumedOn: z.enum(['password_change', 'open']),
  resultUrlParameters: z.boolean(),
  denyReasonShown: z.boolean(),
  verifiedEmailIsFactor: z.boolean(),
  cookieSameSite: z.enum(['none', 'lax']),
  cookieBinding: z.boolean(),
  resultUrlAt: z.enum(['success_screen', 'continue']),
} satisfies ShapeOf<Switches>

export const snakeCase = (name: string) =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
export const camelCase = (name: string) =>
  name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

const renamed = <Value>(
  object: Readonly<Record<string, Value>>,
  rename: (name: string) => string,
) => Object.fromEntries(Object.entries(object).map(([name, value]) => [rename(name), value]))

/** Settings as they stand on the wire. */
export const onWire = (settings: object) => renamed(settings as Record<string, unknown>, snakeCase)

const settingsSchema = (shape: Readonly<Record<string, z.ZodType>>) =>
  z
    .strictObject(renamed(shape, snakeCase))
    .partial()
    .transform((settings) => renamed(settings as Record<string, unknown>, camelCase))

export const FAULTS = settingsSchema(FAULT_SHAPE)
export const SWITCHES = settingsSchema(SWITCH_SHAPE)

const text = z.string().max(1000)
const metadata = z.record(z.string(), z.unknown())

export const FACTOR = z.union([
  z.enum(FACTOR_TYPES),
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('email') }),
    z.strictObject({
      type: z.literal('otp'),
      secret: z
        .string()
        .regex(/^[A-Z2-7]{16,}$/)
        .exactOptional(),
    }),
    z.strictObject({
      type: z.literal('phone'),
      phone_number: text.exactOptional(),
      preferredMethod: z.enum(['sms', 'voice', 'both']).exactOptional(),
    }),
    z.strictObject({ type: z.literal('push-notification'), device: text.exactOptional() }),
    z.strictObject({ type: z.literal('webauthn-roaming') }),
    z.strictObject({ type: z.literal('webauthn-platform') }),
    z.strictObject({ type: z.literal('recovery-code'), code: text.exactOptional() }),
  ]),
])

const USER_MEMBERS = {
  email: z.email().exactOptional(),
  password: text.exactOptional(),
  email_verified: z.boolean().exactOptional(),
  name: text.exactOptional(),
  nickname: text.exactOptional(),
  picture: text.exactOptional(),
  given_name: text.exactOptional(),
  family_name: text.exactOptional(),
  username: text.exactOptional(),
  phone_number: text.exactOptional(),
  phone_verified: z.boolean().exactOptional(),
  created_at: z.iso.datetime().exactOptional(),
  last_password_reset: z.iso.datetime().exactOptional(),
  app_metadata: metadata.exactOptional(),
  user_metadata: metadata.exactOptional(),
  logins_count: z.int().min(0).exactOptional(),
  roles: z.array(text).exactOptional(),
  blocked: z.boolean().exactOptional(),
}

export const NEW_USER = z.strictObject({
  ...USER_MEMBERS,
  email: z.email(),
  user_id: z.string().min(1).max(128).exactOptional(),
  factors: z.array(FACTOR).exactOptional(),
})
export const USER_CHANGE = z.strictObject(USER_MEMBERS)

export const PASSWORD = z.strictObject({ password: text })

export const NEW_CLIENT = z.strictObject({
  client_id: z.string().min(1).max(64),
  name: z.string().min(1).max(200),
  metadata: z.record(z.string(), z.string()).exactOptional(),
  initiate_login_uri: z.url().exactOptional(),
  app_type: z.enum(['regular_web', 'spa', 'native', 'non_interactive']).exactOptional(),
  client_secret: text.exactOptional(),
  callbacks: z.array(z.url()).exactOptional(),
  allowed_logout_urls: z.array(z.url()).exactOptional(),
  web_origins: z.array(z.url()).exactOptional(),
})

export const CLOCK = z.union([
  z.strictObject({ at: z.union([z.iso.datetime({ offset: true }), z.int().min(0)]) }),
  z.strictObject({ advance_seconds: z.number() }),
  z.strictObject({ follow: z.literal(true) }),
])

export const NEW_TICKET = z.strictObject({
  user: text,
  client_id: text.exactOptional(),
  result_url: z.url().exactOptional(),
  lifetime_seconds: z.int().min(1).exactOptional(),
})

const DEPENDENCY = z.strictObject({ name: text, version: text })

export const ACTIONS = z.array(
  z.strictObject({
    name: z.string().min(1).max(200),
    code: z.string().min(1),
    secrets: z.record(z.string(), z.string()).exactOptional(),
    dependencies: z.array(DEPENDENCY).exactOptional(),
  }),
)

export const TRIGGER = z.enum(['password-reset-post-challenge', 'post-login'])
