/**
 * Pictures of every page that a person sees, for looking at: `npx tsx test/support/screenshots.ts
 * OUTDIR`. Exits with 1 when a page does not fit its window or no browser can be had.
 */
import { shootAdmin } from '../browser/shots/admin-shots.ts'
import { shootApplication } from '../browser/shots/application-shots.ts'
import { createCamera } from '../browser/shots/camera.ts'
import { shootEmulator } from '../browser/shots/emulator-shots.ts'
import { shootVerifier } from '../browser/shots/verifier-shots.ts'
import { startChromium } from './chromium.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined || folder.startsWith('-')) {
  process.stderr.write('Usage: npx tsx test/support/screenshots.ts OUTDIR\n')
  process.exit(2)
}
const chromium = await startChromium()
if (!chromium.ok) {
  process.stderr.write(`No browser: ${chromium.reason}\n`)
  process.exit(1)
}
const camera = createCamera(folder)
try {
  await shootVerifier(chromium.browser, camera)
  await shootEmulator(chromium.browser, camera)
  await shootApplication(chromium.browser, camera)
  await shootAdmin(chromium.browser, camera)
} finally {
  await chromium.stop()
}
process.stdout.write(`${camera.taken} pictures in ${folder}\n`)
for (const file of camera.overflowing) process.stderr.write(`wider than its window: ${file}\n`)
process.exitCode = camera.overflowing.length === 0 ? 0 : 1
