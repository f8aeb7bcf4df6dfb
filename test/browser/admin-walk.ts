/** Each of the operators' pages by a name, and how a person gets there. */
import type { Page } from 'playwright-core'
import type { PastRecord } from '../../src/cli/demo-past.ts'
import type { AdminSite } from './admin-site.ts'

export interface AdminPage {
  readonly name: string
  readonly open: (page: Page) => Promise<void>
}

export const SUBJECT = 'auth0|5f7c8ec7c33c6c004bbafe82'

/** For an admin, who sees all of them. */
export function adminPages({ site, tenant, past }: AdminSite): readonly AdminPage[] {
  const at = (path: string) => `${site.origin}/admin${path}`
  const own = (path: string) => at(`/tenants/${tenant}${path}`)
  const go = (name: string, url: string): AdminPage => ({
    name,
    open: async (page) => {
      await page.goto(url)
    },
  })
  const record = (wanted: (record: PastRecord) => boolean) => {
    const found = past.findLast(wanted)
    if (found === undefined) throw new Error('the past has no such record')
    return own(`/assessments/${found.id}`)
  }
  const submit = (
    name: string,
    url: string,
    button: string,
    fill?: (page: Page) => Promise<void>,
  ) => ({
    name,
    open: async (page: Page) => {
      await page.goto(url)
      await fill?.(page)
      await page.getByRole('button', { name: button }).first().click()
      await page.waitForLoadState()
    },
  })
  const lookUp = submit('user', own('/users'), 'Look up', (page) =>
    page.getByLabel('user_id').fill(SUBJECT),
  )
  return [
    go('overview', own('?range=30d')),
    go('overview-day', own('')),
    go('assessments', own('/assessments')),
    go('assessments-none', own('/assessments?code=00000000')),
    go('assessments-wrong', own('/assessments?code=nonsense')),
    go(
      'assessment-held',
      record(({ decision }) => decision.needs_review),
    ),
    go(
      'assessment-denied',
      record(({ decision }) => decision.assessed === 'deny'),
    ),
    go(
      'assessment-allowed',
      record(({ decision }) => decision.outcome === 'allow'),
    ),
    go('policies', own('/policies')),
    go('policy', own('/policies/password_reset/1')),
    go('policy-new', own('/policies/new')),
    submit('policy-faults', own('/policies/new'), 'Check and store', (page) =>
      page.getByLabel('Policy document').fill('{"version": 3, "flow": "reset"}'),
    ),
    go('compare', own('/policies/password_reset/2/compare?days=30')),
    go('activate', own('/policies/password_reset/2/activate')),
    go('backtest', own('/backtest')),
    go('backtest-result', own('/backtest?policy=password_reset/2&days=30&rate=30')),
    go('lists', own('/lists')),
    submit('lists-faults', own('/lists'), 'Enter', async (page) => {
      await page.getByLabel('What it is').selectOption('address')
      await page.getByLabel('Value').fill('not an address')
      await page.getByLabel('Reason').fill('why')
    }),
    submit('lists-remove', own('/lists'), 'Remove'),
    go('users', own('/users')),
    lookUp,
    {
      name: 'user-erase',
      open: async (page) => {
        await lookUp.open(page)
        await page.getByRole('button', { name: 'Erase' }).click()
        await page.waitForLoadState()
      },
    },
    go('audit', own('/audit')),
    go('service-audit', at('/audit')),
    go('tokens', at('/tokens')),
    go('missing', own('/nothing')),
  ]
}
