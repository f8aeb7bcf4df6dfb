/** The `api` object of post-login v3 (seed 004; contract 3.2). */
import type { LegContext } from '../thread/leg-context.ts'
import { type AccessApi, accessApi } from './access.ts'
import { type AuthenticationApi, authenticationApi } from './authentication.ts'
import { type CacheApi, cacheApi } from './cache.ts'
import { emulated } from './emulated.ts'
import { type GroupsApi, groupsApi, type RolesApi, rolesApi } from './lookups.ts'
import { type MultifactorApi, multifactorApi } from './multifactor.ts'
import { type PromptApi, promptApi } from './prompt.ts'
import { canRedirect, type RedirectApi, redirectApi } from './redirect.ts'
import { type RefreshTokenApi, refreshTokenApi } from './refresh-token.ts'
import { type RulesApi, rulesApi } from './rules.ts'
import { type SamlResponseApi, samlResponseApi } from './saml-response.ts'
import { type SessionApi, sessionApi } from './session.ts'
import { type AccessTokenApi, accessTokenApi, type IdTokenApi, idTokenApi } from './tokens.ts'
import { type TransactionMetadataApi, transactionMetadataApi } from './transaction.ts'
import { type UserApi, userApi } from './user.ts'
import { type ValidationApi, validationApi } from './validation.ts'

export interface PostLoginApi {
  readonly access: AccessApi<PostLoginApi>
  readonly accessToken: AccessTokenApi<PostLoginApi>
  readonly authentication: AuthenticationApi<PostLoginApi>
  readonly cache: CacheApi
  readonly groups: GroupsApi
  readonly idToken: IdTokenApi<PostLoginApi>
  readonly multifactor: MultifactorApi<PostLoginApi>
  readonly prompt: PromptApi
  readonly redirect: RedirectApi<PostLoginApi> & { canRedirect(): boolean }
  readonly refreshToken: RefreshTokenApi
  readonly roles: RolesApi
  readonly rules: RulesApi
  readonly samlResponse: SamlResponseApi<PostLoginApi>
  readonly session: SessionApi
  readonly transaction: TransactionMetadataApi
  readonly user: UserApi<PostLoginApi>
  readonly validation: ValidationApi<PostLoginApi>
}

export function postLoginApi(context: LegContext): PostLoginApi {
  const self = () => api
  const redirect = {
    ...redirectApi(context, self),
    canRedirect: () => canRedirect(context.event),
  }
  const api: PostLoginApi = emulated('api', {
    access: emulated('api.access', accessApi(context, self)),
    accessToken: emulated('api.accessToken', accessTokenApi(context, self)),
    authentication: emulated('api.authentication', authenticationApi(context, self)),
    cache: emulated('api.cache', cacheApi(context)),
    groups: emulated('api.groups', groupsApi(context)),
    idToken: emulated('api.idToken', idTokenApi(context, self), ['addScope', 'removeScope']),
    multifactor: emulated('api.multifactor', multifactorApi(context, self)),
    prompt: emulated('api.prompt', promptApi(context)),
    redirect: emulated('api.redirect', redirect, ['createUrl']),
    refreshToken: emulated('api.refreshToken', refreshTokenApi(context), ['setCookieMode']),
    roles: emulated('api.roles', rolesApi(context)),
    rules: emulated('api.rules', rulesApi(context)),
    samlResponse: emulated('api.samlResponse', samlResponseApi(context, self)),
    session: emulated('api.session', sessionApi(context)),
    transaction: emulated('api.transaction', transactionMetadataApi(context), ['setResultUrl']),
    user: emulated('api.user', userApi(context, self)),
    validation: emulated('api.validation', validationApi(context, self)),
  })
  return api
}
