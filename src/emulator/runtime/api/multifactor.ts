/** `api.multifactor` of post-login: a challenge that comes at the end of the flow. */
import type { LegContext } from '../thread/leg-context.ts'

export type MultifactorProvider = 'any' | 'duo' | 'google-authenticator' | 'guardian' | 'none'

export interface MultifactorOptions {
  readonly allowRememberBrowser?: boolean
  /** For `duo` alone: `host`, `ikey`, `skey`, `username`. */
  readonly providerOptions?: Readonly<Record<string, unknown>>
}

export interface MultifactorApi<Api> {
  enable(provider: MultifactorProvider, options?: MultifactorOptions): Api
}

/** Auth0's API layer checks nothing here; an unknown provider is the tenant's to refuse. */
export function multifactorApi<Api>(context: LegContext, api: () => Api): MultifactorApi<Api> {
  return {
    enable(provider, options) {
      const { allowRememberBrowser, providerOptions } = options ?? {}
      context.record({
        type: 'multifactor.enable',
        provider,
        ...(allowRememberBrowser === undefined ? {} : { allowRememberBrowser }),
        ...(providerOptions === undefined ? {} : { providerOptions }),
      })
      return api()
    },
  }
}
