/**
 * Every limit of the runtime and its `api` objects, each with where it is written.
 * "API layer" is the code Auth0 publishes as `@auth0/actions` (read at 0.32.0); "assumed" is our own
 * figure where nothing is written.
 */

// --- time and logs

/** Auth0 docs, Actions limitations: all Actions of a trigger together, anew after a redirect. */
export const TRIGGER_BUDGET_MS = 20_000
/** API layer, log buffer of one execution; bytes beyond it are cut. */
export const LOG_LIMIT_BYTES = 256 * 1024
/** Auth0 docs, Actions limitations: what is kept of an Action's log. */
export const PERSISTED_LOG_CHARACTERS = 256
/** Assumed: Auth0 names no figure for the memory of an instance. Buffers are not counted. */
export const INSTANCE_MEMORY_MB = 128
/** Assumed: how many instances of one Action run side by side before a leg waits. */
export const INSTANCES_PER_ACTION = 4
/** Assumed: a loop of `api` calls must not fill the emulator's own memory. */
export const COMMANDS_PER_LEG = 10_000

// --- what may be deployed (the tenant checks these)

/** Auth0 docs, password-reset / post-challenge (seed 003): four Actions on the trigger. */
export const POST_CHALLENGE_ACTIONS = 4
/** Auth0 docs, entity limits: Actions bound to any other trigger. */
export const ACTIONS_PER_TRIGGER = 20
/** Auth0 docs, Actions limitations: code of one Action, npm modules not counted. */
export const CODE_BYTES = 100_000
/** Auth0 docs, manage dependencies. */
export const DEPENDENCIES_PER_ACTION = 10
/** Auth0 deploy tooling: Action Modules of one Action. */
export const MODULES_PER_ACTION = 3
/** Auth0 docs, Actions limitations: secrets. */
export const SECRETS_PER_ACTION = 30
export const SECRET_NAME_CHARACTERS = 128
export const SECRET_VALUE_CHARACTERS = 4096
/** Auth0 docs, customise MFA selection: challenges and enrolments in one flow. */
export const MFA_COMMANDS_PER_FLOW = 4

// --- api.redirect

/** Auth0 docs and API layer: life of a session token when the Action names none. */
export const SESSION_TOKEN_LIFETIME_SECONDS = 900
/** Seed 004 and API layer: the parameter `validateToken` reads by default. */
export const SESSION_TOKEN_PARAMETER = 'session_token'
/** API layer: protocols in which `canRedirect` is false. */
export const PROTOCOLS_WITHOUT_REDIRECT: readonly string[] = [
  'oauth2-resource-owner',
  'oauth2-refresh-token',
  'oauth2-password',
  'oauth2-webauthn',
]

// --- api.prompt (API layer; Auth0 docs, forms)

export const PROMPT_ID_CHARACTERS = 48
export const PROMPT_MEMBERS = 24
export const PROMPT_FIELD_NAME = /^[a-zA-Z_][a-zA-Z0-9_]{0,49}$/u
export const PROMPT_OPTIONS_BYTES = 24 * 1024

// --- api.cache

/** Seeds 000, 002 and 004, API layer. Seed 001's 24 hours is outdated. */
export const CACHE_LIFETIME_MS = 15 * 60 * 1000
/** Auth0 docs, Actions limitations: no record lives longer. */
export const CACHE_MAX_LIFETIME_MS = 24 * 60 * 60 * 1000
/** API layer. */
export const CACHE_KEY_BYTES = 64
export const CACHE_VALUE_BYTES = 4096
/** API layer; the documentation says 8 kB. */
export const CACHE_TOTAL_BYTES = 16 * 1024 + 256
/** Auth0 docs, Actions limitations. */
export const CACHE_RECORDS = 20

// --- post-login (API layer unless said otherwise)

export const SCOPE_CHARACTERS = 280
export const SCOPES_ADDED = 1000
/** The one claim `setCustomClaim` refuses. */
export const RESERVED_CLAIMS: readonly string[] = ['scope']
export const USER_ID_CHARACTERS = 128
/** The code's figure; the documentation says 10 kB. */
export const SAML_TOTAL_BYTES = 102_400
export const SAML_ATTRIBUTE_CHARACTERS = 1024
export const SAML_VALUE_CHARACTERS = 2048
/** Sessions and refresh tokens alike. */
export const STORED_METADATA_KEYS = 25
export const STORED_METADATA_CHARACTERS = 255
/** Reason of `refreshToken.revoke`. */
export const REVOKE_REASON_CHARACTERS = 1024
export const VALIDATION_ERROR_CHARACTERS = 100
/** Auth0 docs, Actions limitations: transaction metadata. */
export const TRANSACTION_METADATA_KEY_CHARACTERS = 64
export const TRANSACTION_METADATA_VALUE_BYTES = 8 * 1024
export const TRANSACTION_METADATA_TOTAL_BYTES = 16 * 1024
/** Auth0 docs, Actions limitations: what a login may add to each kind of user metadata (tenant). */
export const USER_METADATA_BYTES = 32 * 1024
/** Type declarations of the API layer: roles per page, ids and names per filter. */
export const ROLES_PER_PAGE = 100
export const ROLE_IDS_PER_FILTER = 100
export const ROLE_NAMES_PER_FILTER = 50
/** Assumed: groups or roles per page when the Action names no `take`. */
export const LOOKUP_PAGE = 50
