/** The pages of what does not work: refused, lost, away, out of order; and those of signing in and out. */
import type { Page } from 'playwright-core'
import type { Condition } from './admin-conditions.ts'
import type { AdminSite } from './admin-site.ts'
import { type AdminPage, submit, visit } from './admin-walk.ts'

/** Well beyond what is read of a form: the rest is still under way when the answer is there. */
const TOO_MANY_CHARACTERS = 4 * 1024 * 1024

/** Each leaves the browser signed in as an admin. */
export function refusedPages(admin: AdminSite): readonly AdminPage[] {
  const { site, tenant } = admin
  const at = (path: string) => `${site.origin}/admin${path}`
  const own = (path: string) => at(`/tenants/${tenant}${path}`)
  const during = (condition: Condition, { open, ...rest }: AdminPage): AdminPage => ({
    ...rest,
    open: (page) => admin.during(condition, () => open(page)),
  })
  /** Seen as somebody else; undefined: by nobody who is signed in. */
  const as = (role: 'viewer' | undefined, { open, ...rest }: AdminPage): AdminPage => ({
    ...rest,
    open: async (page) => {
      const context = page.context()
      if (role === undefined) await context.clearCookies()
      else await admin.signIn(context, role)
      try {
        await open(page)
      } finally {
        await admin.signIn(context, 'admin')
      }
    },
  })
  const judge = (days: number) => own(`/backtest?policy=password_reset/2&days=${days}`)
  return [
    as('viewer', visit('forbidden', own('/users'), 'Not allowed')),
    as('viewer', visit('forbidden-service', at('/audit'), 'Not allowed')),
    as('viewer', visit('viewer-lists', own('/lists'))),
    {
      heading: 'Not permitted',
      // A new session, as after signing in again in another tab: the form's value is of the one before.
      ...submit('form-of-before', own('/lists'), 'Remove', (page) =>
        admin.signIn(page.context(), 'admin'),
      ),
    },
    {
      heading: 'The request is too large',
      ...submit('too-large', own('/policies/new'), 'Check and store', (page) =>
        page.getByLabel('Policy document').fill('x'.repeat(TOO_MANY_CHARACTERS)),
      ),
    },
    visit('bad-cursor', own('/assessments?cursor=nonsense'), 'No such part of the list'),
    visit('bad-cursor-audit', own('/audit?cursor=nonsense'), 'No such part of the list'),
    during(
      'records_away',
      visit('records-away', own('/assessments?flow=login'), 'The store is not available'),
    ),
    during('store_away', visit('store-away', own('/assessments'), 'Not available now')),
    {
      name: 'store-away-changing',
      heading: 'The store is not available',
      open: async (page) => {
        await page.goto(own('/lists'))
        await admin.during('records_away', async () => {
          await page.getByRole('button', { name: 'Remove' }).first().click()
          await page.waitForLoadState()
        })
      },
    },
    during('fault', visit('fault', own('/assessments'), 'Something went wrong here')),
    during('hurried', visit('backtest-part', judge(30))),
    { name: 'backtest-busy', open: (page) => admin.during('judging', () => busy(page)) },
    during('demonstration', visit('notice', own('?range=30d'))),
    during('demonstration', visit('notice-assessments', own('/assessments'))),
    during('demonstration', visit('notice-missing', own('/nothing'))),
    as(undefined, visit('signed-out', at('/signed-out'), 'You are signed out')),
    as(undefined, visit('no-role', own(''), 'No role here')),
    as(undefined, visit('not-signed-in', at('/callback?code=good'), 'You are not signed in')),
    during('no_provider', as(undefined, visit('nobody', own(''), 'Nobody is signed in'))),
    during('provider_away', as(undefined, visit('provider-away', own(''), 'Not available now'))),
    during('too_many', as(undefined, visit('too-many', own(''), 'Too many attempts'))),
  ]

  async function busy(page: Page): Promise<void> {
    const first = await page.context().newPage()
    const arrived = admin.gate.arrival()
    const judged = first.goto(judge(30))
    await arrived
    // Another address: the browser lets a second request for the same one wait for the first.
    await page.goto(judge(7))
    admin.gate.open()
    await judged
    await first.close()
  }
}
