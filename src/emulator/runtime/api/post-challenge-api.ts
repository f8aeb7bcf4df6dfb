/** The `api` object of password-reset / post-challenge v1 (seeds 000, 001, 002; contract 2.3). */
import type { LegContext } from '../thread/leg-context.ts'
import { type AccessApi, accessApi } from './access.ts'
import { type ChallengeApi, challengeApi } from './authentication.ts'
import { type CacheApi, cacheApi } from './cache.ts'
import { emulated } from './emulated.ts'
import { type PromptApi, promptApi } from './prompt.ts'
import { type RedirectApi, redirectApi } from './redirect.ts'
import { type ResultUrlApi, resultUrlApi } from './transaction.ts'

export interface PostChallengeApi {
  readonly access: AccessApi<void>
  readonly authentication: ChallengeApi
  readonly cache: CacheApi
  readonly prompt: PromptApi
  readonly redirect: RedirectApi<void>
  readonly transaction: ResultUrlApi
}

/** Namespaces of other triggers that do not exist here: using one is a TypeError, as on Auth0. */
const ABSENT = [
  'accessToken',
  'groups',
  'idToken',
  'multifactor',
  'refreshToken',
  'roles',
  'rules',
  'samlResponse',
  'session',
  'user',
  'validation',
]

export function postChallengeApi(context: LegContext): PostChallengeApi {
  const nothing = () => undefined
  return emulated(
    'api',
    {
      access: emulated('api.access', accessApi(context, nothing)),
      authentication: emulated('api.authentication', challengeApi(context), [
        'enrollWith',
        'enrollWithAny',
        'recordMethod',
        'setPrimaryUser',
      ]),
      cache: emulated('api.cache', cacheApi(context)),
      prompt: emulated('api.prompt', promptApi(context)),
      // Seed 001 mentions a helper `createUrl`; no version of the object has it.
      redirect: emulated('api.redirect', redirectApi(context, nothing), [
        'canRedirect',
        'createUrl',
      ]),
      transaction: emulated('api.transaction', resultUrlApi(context), [
        'setMetadata',
        'addTargetScope',
        'removeTargetScope',
        'setTargetScopes',
        'clearTargetScopes',
      ]),
    },
    ABSENT,
  )
}
