/**
 * A tenant with one user and one Action, a browser, and a third-party site that says what it was given:
 * what the emulator's own tests start from.
 */
import {
  type ActionSpec,
  type Browser,
  type BrowserOptions,
  createBrowser,
  createTenant,
  drive,
  type Tenant,
  type TenantOptions,
} from '../../src/emulator/index.ts'

export const EMAIL = 'ada@example.com'
export const OLD_PASSWORD = 'Old-password-1'
export const NEW_PASSWORD = 'New-password-1'
export const SITE = 'https://site.example'
export const APP = 'https://app.example'

export interface World {
  readonly tenant: Tenant
  readonly browser: Browser
  /** Addresses the third-party site was asked for, in order. */
  readonly visits: URL[]
  /** Another person's browser, with its own cookies. */
  otherBrowser(options?: BrowserOptions): Browser
  /** Asks for a link and opens it. */
  open(query?: Readonly<Record<string, string>>): Promise<Browser['page']>
  /** Whether the reset went through: the new password works and the old one does not. */
  passwordChanged(): Promise<boolean>
}

const html = (body: string) =>
  new Response(body, { headers: { 'content-type': 'text/html; charset=utf-8' } })

/** `actions`: the code of each, or whole specs, in order. */
export function world(
  actions: readonly (string | ActionSpec)[],
  options: TenantOptions = {},
): World {
  const tenant = createTenant({
    users: [{ email: EMAIL, password: OLD_PASSWORD, factors: [] }],
    ...options,
    actions: {
      'password-reset-post-challenge': actions.map((action, index) =>
        typeof action === 'string' ? { name: `action ${index + 1}`, code: action } : action,
      ),
    },
  })
  const visits: URL[] = []
  const routes = {
    [tenant.origin]: tenant.fetch,
    [SITE]: (request: Request) => {
      visits.push(new URL(request.url))
      return html('<title>Third party</title><p>Third party</p>')
    },
    [APP]: () => html('<title>Application</title><p>Application</p>'),
  }
  const otherBrowser = (more: BrowserOptions = {}) => createBrowser({ routes, ...more })
  const browser = otherBrowser()
  return {
    tenant,
    browser,
    visits,
    otherBrowser,
    open: async (query) => {
      await drive.requestReset(browser, tenant, { email: EMAIL })
      return drive.openResetLink(browser, tenant, EMAIL, query)
    },
    passwordChanged: async () => {
      const changed = await tenant.users.checkPassword(EMAIL, NEW_PASSWORD)
      const kept = await tenant.users.checkPassword(EMAIL, OLD_PASSWORD)
      if (changed === kept) throw new Error('Both passwords work, or none does.')
      return changed
    },
  }
}

/** An Action's code from what its two handlers do. */
export const action = (onExecute: string, onContinue = '') => `
exports.onExecutePostChallenge = async (event, api) => { ${onExecute} }
exports.onContinuePostChallenge = async (event, api) => { ${onContinue} }
`
