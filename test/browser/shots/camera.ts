/** Takes each page in light and dark, as narrow phone, phone and desktop, and reports what overflows. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { readPage, settle } from '../page-state.ts'

export interface Camera {
  /** `name` as `area-page`; files are `name.scheme.width.png`. */
  shoot(page: Page, name: string): Promise<void>
  /** Pages that are wider than their window. */
  readonly overflowing: readonly string[]
  readonly taken: number
}

/** CSS pixels: the narrowest phone that pages must fit, a usual phone, a desktop. */
const VIEWPORTS = [
  { width: 320, height: 640 },
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
]

export function createCamera(folder: string): Camera {
  mkdirSync(folder, { recursive: true })
  const overflowing: string[] = []
  let taken = 0
  return {
    overflowing,
    get taken() {
      return taken
    },
    shoot: async (page, name) => {
      for (const viewport of VIEWPORTS) {
        await page.setViewportSize(viewport)
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme })
          // The height of the whole page is read before it is laid out for a new width otherwise.
          await settle(page)
          const file = `${name}.${colorScheme}.${viewport.width}.png`
          const wider = await readPage<number>(
            page,
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          )
          if (wider > 0) overflowing.push(`${file}: ${wider} px`)
          await page.screenshot({
            path: join(folder, file),
            fullPage: true,
            animations: 'disabled',
          })
          taken += 1
        }
      }
    },
  }
}
