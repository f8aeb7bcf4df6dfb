/** Each of the operators' pages by a name, and how a person gets there: those of a service that is well. */
import { randomUUID } from 'node:crypto'
import type { Page } from 'playwright-core'
import type { PastRecord } from '../../src/cli/demo-past.ts'
import type { AdminSite } from './admin-site.ts'

export interface AdminPage {
  readonly name: string
  /** What it must say first, for a page that another could be taken for. */
  readonly heading?: string
  readonly open: (page: Page) => Promise<void>
}

export const visit = (name: string, url: string, heading?: string): AdminPage => ({
  name,
  ...(heading === undefined ? {} : { heading }),
  open: async (page) => {
    await page.goto(url)
  },
})

/** Opens a page, fills its form in, and sends it with the first button of that name. */
export const submit = (
  name: string,
  url: string,
  button: string,
  fill?: (page: Page) => Promise<void>,
): AdminPage => ({
  name,
  open: async (page) => {
    await page.goto(url)
    await fill?.(page)
    await page.getByRole('button', { name: button }).first().click()
    await page.waitForLoadState()
  },
})

export const SUBJECT = 'auth0|5f7c8ec7c33c6c004bbafe82'

/** For an admin, who sees all of them. */
export function adminPages({ site, tenant, sparse, empty, past }: AdminSite): readonly AdminPage[] {
  const at = (path: string) => `${site.origin}/admin${path}`
  const of = (id: string) => (path: string) => at(`/tenants/${id}${path}`)
  const [own, little, nothing] = [of(tenant), of(sparse.tenant), of(empty)]
  const record = (wanted: (record: PastRecord) => boolean) => {
    const found = past.findLast(wanted)
    if (found === undefined) throw new Error('the past has no such record')
    return own(`/assessments/${found.id}`)
  }
  const lookUp = submit('user', own('/users'), 'Look up', (page) =>
    page.getByLabel('user_id').fill(SUBJECT),
  )
  return [
    visit('overview', own('?range=30d')),
    visit('overview-day', own('')),
    visit('overview-empty', nothing('')),
    visit('tenants', at('')),
    visit('tenants-none', at('?q=nobody')),
    visit('assessments', own('/assessments')),
    visit('assessments-none', own('/assessments?code=00000000')),
    visit('assessments-wrong', own('/assessments?code=wrong')),
    visit('assessments-filtered', own('/assessments?outcome=deny&flow=password_reset')),
    visit('assessments-empty', nothing('/assessments')),
    visit('assessment-open', little(`/assessments/${sparse.record}`)),
    visit('assessment-missing', own('/assessments/00000000-0000-4000-8000-000000000000')),
    visit(
      'assessment-held',
      record(({ decision }) => decision.needs_review),
    ),
    visit(
      'assessment-denied',
      record(({ decision }) => decision.assessed === 'deny'),
    ),
    visit(
      'assessment-allowed',
      record(({ decision }) => decision.outcome === 'allow'),
    ),
    visit('policies', own('/policies')),
    visit('policy', own('/policies/password_reset/1')),
    visit('policy-foreign', little(`/policies/${sparse.foreign}`)),
    visit('policy-missing', own('/policies/login/77')),
    visit('policies-empty', nothing('/policies')),
    visit('policy-new', own('/policies/new')),
    submit('policy-faults', own('/policies/new'), 'Check and store', (page) =>
      page.getByLabel('Policy document').fill('{"version": 3, "flow": "reset"}'),
    ),
    visit('compare', own('/policies/password_reset/2/compare?days=30')),
    visit('compare-foreign', little(`/policies/${sparse.foreign}/compare`)),
    visit('activate', own('/policies/password_reset/2/activate')),
    visit('activate-active', own('/policies/password_reset/1/activate')),
    visit('activate-foreign', little(`/policies/${sparse.foreign}/activate`)),
    visit('backtest', own('/backtest')),
    visit('backtest-result', own('/backtest?policy=password_reset/2&days=30&rate=30')),
    submit('backtest-faults', own('/backtest'), 'Judge by this document', async (page) => {
      await page.getByText('Or a document that is not stored').click()
      await page.getByLabel('Policy document').fill('{"version": 3}')
    }),
    visit('backtest-empty', nothing('/backtest')),
    visit('lists', own('/lists')),
    visit('lists-done', own('/lists?done=entry_added')),
    visit('lists-empty', nothing('/lists')),
    submit('lists-faults', own('/lists'), 'Enter', async (page) => {
      await page.getByLabel('What it is').selectOption('address')
      await page.getByLabel('Value').fill('not an address')
      await page.getByLabel('Reason').fill('why')
    }),
    submit('lists-remove', own('/lists'), 'Remove'),
    visit('users', own('/users')),
    lookUp,
    {
      name: 'user-erase',
      open: async (page) => {
        await lookUp.open(page)
        await page.getByRole('button', { name: 'Erase' }).click()
        await page.waitForLoadState()
      },
    },
    visit('audit', own('/audit')),
    visit('audit-empty', nothing('/audit')),
    visit('audit-wrong', own('/audit?from=yesterday')),
    visit('service-audit', at('/audit')),
    submit('token-new', at('/tokens'), 'Make the token', (page) =>
      page.getByLabel('Name').fill(`walk-${randomUUID()}`),
    ),
    submit('tokens-faults', at('/tokens'), 'Make the token', (page) =>
      page.getByLabel('Name').fill('Not a name'),
    ),
    visit('tokens', at('/tokens')),
    {
      name: 'token-revoke',
      open: async (page) => {
        await page.goto(at('/tokens'))
        await page.getByRole('link', { name: 'Revoke…' }).first().click()
        await page.waitForURL('**/revoke')
      },
    },
    visit('token-missing', at('/tokens/none/revoke')),
    visit('reference', at('/api/reference')),
    visit('missing', own('/nothing')),
    visit('tenant-missing', at('/tenants/nobody')),
  ]
}
