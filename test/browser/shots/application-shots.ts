/** The demo's own application. */
import type { Browser } from 'playwright-core'
import { startDemoApp } from '../../../src/cli/demo-app.ts'
import { PEOPLE } from '../../../src/cli/demo-people.ts'
import type { Camera } from './camera.ts'

export async function shootApplication(browser: Browser, camera: Camera): Promise<void> {
  const app = await startDemoApp(0, () => PEOPLE.map((person) => ({ ...person, href: '/done' })))
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    for (const [name, path] of [
      ['home', '/'],
      ['done', '/done'],
      ['missing', '/nothing'],
    ] as const) {
      await page.goto(`${app.origin}${path}`)
      await camera.shoot(page, `application-${name}`)
    }
  } finally {
    await context.close()
    await app.close()
  }
}
