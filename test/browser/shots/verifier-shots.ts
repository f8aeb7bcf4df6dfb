/** Every page of the verifier, plain and with a tenant's own name, colour and links. */
import type { Browser } from 'playwright-core'
import type { Flow } from '../../../src/verifier/domain/session.ts'
import { openSite, type Site } from '../open-site.ts'
import { hide } from '../page-state.ts'
import { walkPages } from '../verifier-pages.ts'
import { openVerifier, type VerifierSiteOptions } from '../verifier-site.ts'
import type { Camera } from './camera.ts'

const BRAND = {
  name: 'Musterbank Nordrhein-Westfalen',
  logoUrl: 'https://cdn.example/logo.svg',
  color: '#0a7d4f',
  supportUrl: 'https://bank.example/help',
  restartUrl: 'https://bank.example/forgot-password',
}

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 32"><rect width="120" height="32"
rx="6" fill="#0a7d4f"/><text x="14" y="22" font-size="16" fill="#fff">Musterbank</text></svg>`

/** Beside English, all pages of: one that runs long, one from right to left, one of other letters. */
const LANGUAGES = ['de', 'ar', 'ja']

export async function shootVerifier(browser: Browser, camera: Camera): Promise<void> {
  await shootFlow(browser, camera, 'verifier', {})
  await shootFlow(browser, camera, 'verifier-named', { name: 'Acme Shop' })
  await shootFlow(browser, camera, 'verifier-branded', BRAND)
  for (const language of LANGUAGES) {
    await shootFlow(browser, camera, `verifier-${language}`, BRAND, { language })
  }
  await shootFlow(browser, camera, 'verifier-login', BRAND, { flow: 'login' })
}

async function shootFlow(
  browser: Browser,
  camera: Camera,
  prefix: string,
  settings: NonNullable<VerifierSiteOptions['settings']>,
  { flow = 'password_reset', language = 'en' }: { flow?: Flow; language?: string } = {},
): Promise<void> {
  const opened: Site[] = []
  const serve: typeof openSite = async (name, answer) => {
    const site = await openSite(name, answer)
    opened.push(site)
    return site
  }
  const site = await openVerifier(serve, { settings, flow })
  const context = await browser.newContext()
  try {
    await context.route('https://cdn.example/**', (route) =>
      route.fulfill({ body: LOGO, contentType: 'image/svg+xml' }),
    )
    await hide(context)
    const page = await context.newPage()
    await walkPages(site, {
      page,
      javaScript: true,
      language,
      look: (name) => camera.shoot(page, `${prefix}-${name}`),
    })
  } finally {
    await context.close()
    for (const one of opened) await one.close()
  }
}
