/**
 * For tests that install packages with npm itself: from its cache, and from a registry what that lacks.
 * A machine without network may go without them; in CI they must run.
 */
import { expect, type TestContext } from 'vitest'

/** For npm: nothing is asked beyond the packages themselves. */
export const NPM_ENV = {
  npm_config_prefer_offline: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
} as const

/** Why nothing could be installed, where that is the network's doing; any other failure is thrown. */
export function installing(install: () => void): string | undefined {
  try {
    install()
    return undefined
  } catch (error) {
    const said = String(error)
    if (!/ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ENOTCACHED/.test(said)) throw error
    return 'no registry can be reached, and its cache does not hold everything'
  }
}

export function needsRegistry(unreachable: string | undefined, { skip }: TestContext): void {
  if (unreachable !== undefined && !process.env.CI) skip(unreachable)
  expect(unreachable).toBeUndefined()
}
