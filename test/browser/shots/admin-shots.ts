/** Every page of the operators, over a made-up past. */
import { randomBytes } from 'node:crypto'
import type { Browser, Page } from 'playwright-core'
import { startPostgres } from '../../../db/embedded.ts'
import { migrate } from '../../../db/migrate.ts'
import { type AdminSite, openAdminSite } from '../admin-site.ts'
import { adminPages } from '../admin-walk.ts'
import { refusedPages } from '../admin-walk-refused.ts'
import { openSite } from '../open-site.ts'
import type { Camera } from './camera.ts'

/** Hands a signed-in browser and the pages' site to `take`, on a database that is gone afterwards. */
export async function withAdminSite(
  browser: Browser,
  take: (page: Page, admin: AdminSite) => Promise<void>,
): Promise<void> {
  const postgres = await startPostgres({ password: randomBytes(24).toString('hex') })
  try {
    const url = postgres.url('postgres')
    await migrate(url)
    const admin = await openAdminSite(openSite, url)
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    try {
      await admin.signIn(context, 'admin')
      await take(await context.newPage(), admin)
    } finally {
      await context.close()
      await admin.site.close()
      await admin.close()
    }
  } finally {
    await postgres.stop()
  }
}

export async function shootAdmin(browser: Browser, camera: Camera): Promise<void> {
  await withAdminSite(browser, async (page, admin) => {
    for (const { name, open } of [...adminPages(admin), ...refusedPages(admin)]) {
      await open(page)
      await camera.shoot(page, `admin-${name}`)
    }
  })
}
