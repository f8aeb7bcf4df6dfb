/** Every page of the verifier, plain and with a tenant's own name, colour and links. */
import type { Browser, Page } from 'playwright-core'
import type { RejectionCode } from '../../../src/verifier/domain/rejection.ts'
import { openSite, type Site } from '../open-site.ts'
import { hide, readPage, show } from '../page-state.ts'
import { openVerifier, type VerifierSite, type VerifierSiteOptions } from '../verifier-site.ts'
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

/** Refusals that only the service can bring about. */
const REFUSALS: readonly (readonly [name: string, code: RejectionCode])[] = [
  ['used', 'token_spent'],
  ['unavailable', 'unavailable'],
  ['internal', 'internal'],
]

export async function shootVerifier(browser: Browser, camera: Camera): Promise<void> {
  await shootFlow(browser, camera, 'verifier', {})
  await shootFlow(browser, camera, 'verifier-named', { name: 'Acme Shop' })
  await shootFlow(browser, camera, 'verifier-branded', BRAND)
}

async function shootFlow(
  browser: Browser,
  camera: Camera,
  prefix: string,
  settings: NonNullable<VerifierSiteOptions['settings']>,
): Promise<void> {
  const opened: Site[] = []
  const serve: typeof openSite = async (name, answer) => {
    const site = await openSite(name, answer)
    opened.push(site)
    return site
  }
  const site = await openVerifier(serve, { settings })
  const context = await browser.newContext()
  try {
    await context.route('https://cdn.example/**', (route) =>
      route.fulfill({ body: LOGO, contentType: 'image/svg+xml' }),
    )
    await hide(context)
    const page = await context.newPage()
    await shootPages(page, site, (name) => camera.shoot(page, `${prefix}-${name}`))
  } finally {
    await context.close()
    for (const one of opened) await one.close()
  }
}

async function shootPages(page: Page, site: VerifierSite, shoot: (name: string) => Promise<void>) {
  const { origin } = site.verifier
  const press = () => page.getByRole('button', { name: 'Continue' }).click()
  await page.goto(`${origin}/verify`)
  await shoot('bare')
  await page.goto(site.link)
  await shoot('arrival')
  await page.reload()
  await shoot('arrival-reloaded')
  await busy(page)
  await shoot('arrival-busy')

  await page.goto(site.link)
  await show(page)
  await page.getByRole('heading', { name: 'Taking you back' }).waitFor()
  await shoot('leaving')
  await busy(page)
  await shoot('leaving-busy')

  for (const [name, code] of REFUSALS) {
    site.refuseWith(code)
    await page.goto(site.link)
    await press()
    await page.getByText('Reference').waitFor()
    await shoot(name)
  }
  site.refuseWith(undefined)
  await page.goto(site.link)
  await page.context().clearCookies()
  await press()
  await page.getByText('Reference').waitFor()
  await shoot('wrong-browser')
  await page.goto(`${origin}/verify?state=S-1`)
  await shoot('incomplete')
  await page.goto(`${origin}/nothing`)
  await shoot('not-found')
  for (const [name, header] of [
    ['framed', { 'sec-fetch-dest': 'iframe' }],
    ['prefetched', { 'sec-purpose': 'prefetch' }],
  ] as const) {
    // Headers that a browser lets nobody set: the answer is fetched beside it and shown in it.
    const { port } = new URL(origin)
    const headersSent = { accept: 'text/html', ...header }
    const answer = await fetch(`http://127.0.0.1:${port}/verify`, { headers: headersSent })
    const body = Buffer.from(await answer.arrayBuffer())
    const headers = Object.fromEntries(answer.headers)
    await page.route(`${origin}/${name}`, (route) => route.fulfill({ body, headers, status: 200 }))
    await page.goto(`${origin}/${name}`)
    await shoot(name)
  }
}

/** The moment between the click and the answer: the look alone, as no picture waits that short. */
const busy = (page: Page) =>
  readPage(page, 'document.documentElement.classList.add("busy"), undefined')
