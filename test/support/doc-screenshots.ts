/**
 * The pictures of docs/dashboard.md: `npx tsx test/support/doc-screenshots.ts` writes them into
 * docs/images/. Exits with 1 when no browser can be had or a picture is too heavy for a repository.
 */
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import type { AdminSite } from '../browser/admin-site.ts'
import { settle } from '../browser/page-state.ts'
import { withAdminSite } from '../browser/shots/admin-shots.ts'
import { startChromium } from './chromium.ts'

const FOLDER = fileURLToPath(new URL('../../docs/images', import.meta.url))
const MOST_BYTES = 120 * 1024

interface Picture {
  readonly name: string
  /** Below the tenant's first page. */
  readonly path: (admin: AdminSite) => string
  readonly width: number
  readonly height: number
  readonly colorScheme: 'light' | 'dark'
}

/** The latest of the strangers: most of the rules had something to say. */
const strange = ({ past }: AdminSite) => {
  const found = past.findLast(({ decision }) => decision.reasons.length > 4)
  if (found === undefined) throw new Error('the past has no such record')
  return `/assessments/${found.id}`
}

const WIDE = { width: 1120, colorScheme: 'light' } as const

const PICTURES: readonly Picture[] = [
  { name: 'overview', path: () => '?range=30d', height: 900, ...WIDE },
  { name: 'assessment', path: strange, height: 1100, ...WIDE },
  {
    name: 'compare',
    path: () => '/policies/password_reset/2/compare?days=30',
    height: 800,
    ...WIDE,
  },
  {
    name: 'backtest',
    path: () => '/backtest?policy=password_reset/2&days=30&rate=45',
    height: 1000,
    ...WIDE,
    colorScheme: 'dark',
  },
  { name: 'phone', path: strange, width: 390, height: 844, colorScheme: 'dark' },
]

async function shoot(page: Page, admin: AdminSite): Promise<string[]> {
  const heavy: string[] = []
  for (const { name, path, width, height, colorScheme } of PICTURES) {
    await page.setViewportSize({ width, height })
    await page.emulateMedia({ colorScheme })
    await page.goto(`${admin.site.origin}/admin/tenants/${admin.tenant}${path(admin)}`)
    await settle(page)
    const file = join(FOLDER, `dashboard-${name}.png`)
    await page.screenshot({ path: file, animations: 'disabled' })
    const { size } = statSync(file)
    process.stdout.write(`${file}: ${Math.round(size / 1024)} KB\n`)
    if (size > MOST_BYTES) heavy.push(file)
  }
  return heavy
}

mkdirSync(FOLDER, { recursive: true })
const chromium = await startChromium()
if (!chromium.ok) {
  process.stderr.write(`No browser: ${chromium.reason}\n`)
  process.exit(1)
}
let heavy: readonly string[] = []
try {
  await withAdminSite(chromium.browser, async (page, admin) => {
    heavy = await shoot(page, admin)
  })
} finally {
  await chromium.stop()
}
for (const file of heavy) process.stderr.write(`more than ${MOST_BYTES / 1024} KB: ${file}\n`)
process.exitCode = heavy.length === 0 ? 0 : 1
