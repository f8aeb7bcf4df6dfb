/**
 * The operators' pages in the real Chromium, behind the real gate and over the real store: nothing for
 * axe to find in light and dark from 320 px up, every page from the service itself, everything with the
 * keyboard, everything without script, and nothing for a role that may not.
 */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { type AdminSite, openAdminSite } from './admin-site.ts'
import { type AdminPage, adminPages } from './admin-walk.ts'
import { refusedPages } from './admin-walk-refused.ts'
import { openSite } from './open-site.ts'
import { readPage } from './page-state.ts'
import { it, type PersonOptions } from './person.ts'

let admin: AdminSite

beforeAll(async () => {
  const { url } = await freshDatabase()
  admin = await openAdminSite(openSite, url)
})
afterAll(async () => {
  await admin?.site.close()
  await admin?.close()
})

/** The checker looks at every cell of every table, some thousand on the longest page. */
const PATIENCE = 240_000

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** A refused form or a page that is not there is a failed load for the console. */
const REFUSED = /status of (400|403|404|413|422|429|500|503)/
const everyPage = (): readonly AdminPage[] => [...adminPages(admin), ...refusedPages(admin)]
const tenantPath = (path: string) => `${admin.site.origin}/admin/tenants/${admin.tenant}${path}`

const LOOKS: readonly PersonOptions[] = [
  { colorScheme: 'light', viewport: { width: 320, height: 640 } },
  { colorScheme: 'dark', viewport: { width: 320, height: 640 } },
  { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
]

describe.each(LOOKS)('$colorScheme at $viewport.width px', (look) => {
  it(
    'violates nothing and fits on any page',
    async ({ open }) => {
      const { page, context, expectFault } = await open({ ...look, bypassPolicy: true })
      expectFault(REFUSED)
      await admin.signIn(context, 'admin')
      for (const { name, open: visit } of everyPage()) {
        await visit(page)
        // Folded parts are part of the page.
        await readPage(
          page,
          'document.querySelectorAll("details").forEach((one) => (one.open = true))',
        )
        expect(await violations(page), name).toEqual([])
        expect(await overflow(page), name).toBe(0)
      }
    },
    PATIENCE,
  )
})

describe('every page', () => {
  it('keeps to the policy and asks no other origin for anything', async ({ open }) => {
    const person = await open()
    person.expectFault(REFUSED)
    await admin.signIn(person.context, 'admin')
    const titles = new Set<string>()
    for (const { open: visit } of everyPage()) {
      await visit(person.page)
      titles.add(await person.page.title())
    }
    expect(titles.size).toBeGreaterThan(40)
    const origins = new Set(person.requests.map((request) => new URL(request.url()).origin))
    expect([...origins]).toEqual([admin.site.origin])
  })

  it('works without script', async ({ open }) => {
    const person = await open({ javaScript: false })
    person.expectFault(REFUSED)
    await admin.signIn(person.context, 'admin')
    for (const { name, heading, open: visit } of everyPage()) {
      await visit(person.page)
      const headings = await person.page.locator('h1').allInnerTexts()
      expect(headings, name).toEqual([heading ?? expect.stringMatching(/./)])
    }
  })
})

it('a page that is none of a section is marked as none', async ({ open }) => {
  const { page, context, expectFault } = await open()
  expectFault(/status of (400|404)/)
  await admin.signIn(context, 'admin')
  const current = page.locator('nav.sections [aria-current=page]')
  await page.goto(`${admin.site.origin}/admin`)
  expect(await current.allInnerTexts()).toEqual(['Tenants'])
  for (const path of ['/nothing', '/assessments?cursor=nonsense']) {
    await page.goto(tenantPath(path))
    expect(await current.count(), path).toBe(0)
  }
})

describe('with the keyboard alone', () => {
  it('goes from the overview to a held attempt and releases it', async ({ open }) => {
    const { page, context } = await open()
    await admin.signIn(context, 'operator')
    await page.goto(tenantPath('?range=30d'))
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    expect(await readPage(page, 'document.activeElement.id')).toBe('content')

    await page.goto(tenantPath(''))
    await tabTo(page, 'Assessments')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/assessments')
    await tabTo(page, 'Waiting for a person')
    await page.keyboard.press('Space')
    await tabTo(page, 'Show')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/assessments?*review=yes*')
    const code = await page.locator('tbody th a').first().innerText()
    await tabTo(page, code)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/assessments/*-*-*')
    await tabTo(page, 'Release the next attempt')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/assessments/*?done=released')
    expect(await page.getByRole('status').first().innerText()).toContain('Released.')

    const { items } = await admin.store.listAudit(admin.tenant, { limit: 1 })
    expect(items[0]).toMatchObject({ actor: 'oidc:ada-operator', action: 'assessment.release' })
  })

  it('shows where the focus is', async ({ open }) => {
    const { page, context } = await open()
    await admin.signIn(context, 'admin')
    await page.goto(tenantPath('/lists'))
    let reached = 0
    for (;;) {
      await page.keyboard.press('Tab')
      // After the last one the keyboard leaves the page.
      if (await readPage(page, 'document.activeElement === document.body')) break
      reached += 1
      const outline = await readPage<string>(
        page,
        'getComputedStyle(document.activeElement).outlineStyle',
      )
      expect(outline, await focused(page)).toBe('solid')
    }
    expect(reached).toBeGreaterThan(15)
  })
})

describe('the filters of a list', () => {
  it('are one line on a phone, which says what is set and opens by keyboard', async ({ open }) => {
    const { page, context } = await open({ viewport: { width: 320, height: 640 } })
    await admin.signIn(context, 'viewer')
    await page.goto(tenantPath('/assessments'))
    const first = await page.locator('tbody tr').first().boundingBox()
    expect(first?.y).toBeLessThan(640)
    const flow = page.getByLabel('Flow')
    expect(await flow.isVisible()).toBe(false)
    await tabTo(page, 'Filter: none')
    await page.keyboard.press('Enter')
    expect(await flow.isVisible()).toBe(true)
    await flow.selectOption('login')
    await tabTo(page, 'Show')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/assessments?*flow=login*')
    expect(await page.locator('summary').first().innerText()).toBe('Filter: 1 set (flow)')
    expect(await flow.isVisible()).toBe(false)
  })

  it('are open on a phone where one of them cannot be used', async ({ open }) => {
    const { page, context, expectFault } = await open({ viewport: { width: 320, height: 640 } })
    expectFault(/status of 422/)
    await admin.signIn(context, 'viewer')
    await page.goto(tenantPath('/assessments?code=wrong'))
    expect(await page.getByLabel('Code').isVisible()).toBe(true)
    expect(await page.getByRole('alert').innerText()).toContain('eight letters')
  })

  it('stand open on a wide screen, without script too', async ({ open }) => {
    const { page, context } = await open({ javaScript: false })
    await admin.signIn(context, 'viewer')
    for (const [path, label] of [
      ['/assessments', 'Flow'],
      ['/audit', 'What'],
    ] as const) {
      await page.goto(tenantPath(path))
      expect(await page.getByLabel(label, { exact: true }).isVisible(), path).toBe(true)
      expect(await page.locator('summary').first().isVisible(), path).toBe(false)
    }
  })
})

describe('a notice', () => {
  it('is read first, takes a tenth of a phone, and is printed', async ({ open }) => {
    const { page, context } = await open({ viewport: { width: 320, height: 640 } })
    await admin.signIn(context, 'viewer')
    await admin.during('demonstration', async () => {
      await page.goto(tenantPath('/assessments'))
      const notice = page.getByRole('complementary', { name: 'Notice' })
      const box = await notice.boundingBox()
      expect(box?.y).toBe(0)
      expect(box?.height).toBeLessThan(64)
      expect(await notice.locator('button, a').count()).toBe(0)
      await page.emulateMedia({ media: 'print' })
      expect(await notice.isVisible()).toBe(true)
    })
  })
})

describe('what a person does', () => {
  it('stores a version, watches it, activates it after being told what will change', async ({
    open,
  }) => {
    const { page, context } = await open()
    await admin.signIn(context, 'operator')
    await page.goto(tenantPath('/policies/new?flow=login'))
    const field = page.getByLabel('Policy document')
    const draft = { ...JSON.parse(await field.inputValue()), prior: -4.5 }
    expect(draft).toMatchObject({ flow: 'login', version: 2 })
    await field.fill(JSON.stringify(draft))
    await page.getByRole('button', { name: 'Check and store' }).click()
    await page.waitForURL('**/policies/login/2?done=policy_added')
    await page.getByRole('button', { name: 'Watch beside' }).click()
    await page.waitForURL('**/policies/login/2?done=policy_watched')
    await page.getByRole('link', { name: 'Activate' }).click()
    await page.waitForURL('**/activate')
    expect(await page.locator('main').innerText()).toContain('in place of version 1')
    expect(await page.locator('tbody').innerText()).toMatch(/prior[\s\S]*-5[\s\S]*-4.5/)
    await page.getByRole('button', { name: 'Activate version 2' }).click()
    await page.waitForURL('**/policies/login/2?done=policy_activated')
    const versions = await admin.store.listPolicies(admin.tenant)
    const login = versions.filter(({ flow }) => flow === 'login')
    expect(login.map(({ version, status }) => [version, status])).toEqual([
      [2, 'active'],
      [1, 'retired'],
    ])
  })

  it('enters an address under its pseudonym, and removes it after being asked', async ({
    open,
  }) => {
    const { page, context } = await open()
    await admin.signIn(context, 'operator')
    await page.goto(tenantPath('/lists'))
    await page.getByLabel('What it is').selectOption('address')
    await page.getByLabel('Value').fill('198.51.100.7')
    await page.getByLabel('Reason').fill('scanner')
    await page.getByRole('button', { name: 'Enter' }).click()
    await page.waitForURL('**/lists?done=entry_added')
    const [entry] = (await admin.store.readEntries(admin.tenant)).filter(
      ({ kind }) => kind === 'address',
    )
    expect(entry).toMatchObject({
      action: 'deny',
      note: 'scanner',
      value: expect.stringMatching(/^-?\d+$/),
    })
    await page.getByRole('button', { name: `Remove… address ${entry?.value}` }).click()
    await page.getByRole('button', { name: 'Remove the entry' }).click()
    await page.waitForURL('**/lists?done=entry_removed')
    const left = await admin.store.readEntries(admin.tenant)
    expect(left.filter(({ kind }) => kind === 'address')).toEqual([])
  })

  it('makes an API token that is shown once, and revokes it', async ({ open }) => {
    const { page, context } = await open()
    await admin.signIn(context, 'admin')
    await page.goto(`${admin.site.origin}/admin/tokens`)
    await page.getByLabel('Name').fill('grafana')
    await page.getByRole('button', { name: 'Make the token' }).click()
    const token = await page.locator('#new-token').innerText()
    expect(token).toMatch(/^rva_[A-Za-z0-9_-]{43}$/)
    await page.getByRole('link', { name: 'back to the tokens' }).click()
    expect(await page.content()).not.toContain(token)
    await page.getByRole('link', { name: 'Revoke… grafana' }).click()
    await page.getByRole('button', { name: 'Revoke the token' }).click()
    await page.waitForURL('**/tokens?done=token_revoked')
    const [row] = await admin.store.listTokens()
    expect(row).toMatchObject({ name: 'grafana', revoked_at: expect.any(String) })
  })

  it('downloads what is stored of a user, and never names them in an address', async ({ open }) => {
    const person = await open()
    const { page, context } = person
    await admin.signIn(context, 'admin')
    await page.goto(tenantPath('/users'))
    await page.getByLabel('user_id').fill('auth0|somebody')
    await page.getByRole('button', { name: 'Look up' }).click()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download the export' }).click()
    expect((await download).suggestedFilename()).toBe('user-export.json')
    expect(person.requests.filter((request) => request.url().includes('somebody'))).toEqual([])
  })
})

describe('a viewer', () => {
  it('reads, and is shown nothing that changes', async ({ open }) => {
    const { page, context } = await open()
    await admin.signIn(context, 'viewer')
    for (const path of [
      '',
      '/assessments',
      '/policies',
      '/policies/password_reset/2',
      '/lists',
      '/audit',
    ]) {
      await page.goto(tenantPath(path))
      expect(
        await page.locator('form[method=post]:not([action="/admin/logout"])').count(),
        path,
      ).toBe(0)
    }
    const nav = await page.getByRole('navigation', { name: 'Sections' }).innerText()
    expect(nav).not.toMatch(/Users|API tokens|Backtest/)
  })

  it('is refused where they go anyway', async ({ open }) => {
    const { page, context, expectFault } = await open()
    expectFault(/status of 403/)
    await admin.signIn(context, 'viewer')
    for (const path of [
      '/users',
      '/policies/new',
      '/policies/password_reset/2/activate',
      '/backtest?days=7',
    ]) {
      const answer = await page.goto(tenantPath(path))
      expect(answer?.status(), path).toBe(403)
    }
  })
})

const focused = (page: Page) =>
  readPage<string>(
    page,
    '(document.activeElement.labels?.[0] ?? document.activeElement).innerText.trim()',
  )

/** Presses Tab until the element with these words has the focus; a page that hides it fails the test. */
async function tabTo(page: Page, words: string): Promise<void> {
  for (let step = 0; step < 200; step += 1) {
    await page.keyboard.press('Tab')
    if ((await focused(page)) === words) return
  }
  throw new Error(`the keyboard never reached ${words}`)
}

/** Rule and element of each violation. */
async function violations(page: Page): Promise<readonly string[]> {
  const results = await new AxeBuilder({ page }).withTags(RULES).setLegacyMode(true).analyze()
  return results.violations
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
    .sort()
}

const overflow = (page: Page) =>
  readPage<number>(
    page,
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
