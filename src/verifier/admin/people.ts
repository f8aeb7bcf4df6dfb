/** How people are known, made of the configuration: what both entries hand to the application. */
import type { AdminConfig, AdminSecrets } from '../config-admin.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../ports.ts'
import { createAccessCheck, type VerifiedAccess } from './access.ts'
import type { AdminDeps } from './admin-deps.ts'
import { createSignIn } from './oidc.ts'

interface PeopleParts {
  readonly config: AdminConfig
  readonly secrets: AdminSecrets
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
  readonly log: Log
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** The keys are the token room's: it makes what verifies. */
  readonly createAccessTokens: (parts: {
    readonly issuer: string
    readonly audience: string
    readonly clock: Clock
    readonly fetch: PeopleParts['fetch']
    readonly onFailure: (errorClass: string, code: string | undefined) => void
  }) => (token: string) => Promise<VerifiedAccess | undefined>
}

/** Once per process or isolate: what was learnt of the providers is kept in it. */
export function createPeople(
  parts: PeopleParts,
): Pick<AdminDeps, 'signIn' | 'access' | 'sessionSecret' | 'sessionSeconds'> {
  const { config, secrets, clock, random, log, fetch } = parts
  const { oidc, access, sessionSeconds } = config
  const { oidcClientSecret: clientSecret, sessionSecret } = secrets
  const onFailure = (error_class: string, store_error: string | undefined) =>
    log('failure', { where: 'access', error_class, store_error })
  return {
    ...(sessionSecret === undefined ? {} : { sessionSecret }),
    ...(sessionSeconds === undefined ? {} : { sessionSeconds }),
    ...(oidc === undefined
      ? {}
      : {
          signIn: createSignIn({
            settings: oidc,
            ...(clientSecret === undefined ? {} : { clientSecret }),
            clock,
            random,
            log,
            fetch,
          }),
        }),
    ...(access === undefined
      ? {}
      : {
          access: createAccessCheck(
            access,
            parts.createAccessTokens({
              issuer: access.issuer,
              audience: access.audience,
              clock,
              fetch,
              onFailure,
            }),
          ),
        }),
  }
}
