/** Walks a window through every page of the verifier, one after the other, whatever their language. */
import type { Page } from 'playwright-core'
import type { RejectionCode } from '../../src/verifier/domain/rejection.ts'
import { readPage } from './page-state.ts'
import type { VerifierSite } from './verifier-site.ts'

/** Refusals that only the service can bring about. */
const REFUSALS: readonly (readonly [name: string, code: RejectionCode])[] = [
  ['used', 'token_spent'],
  ['unavailable', 'unavailable'],
  ['internal', 'internal'],
]

export interface Walk {
  readonly page: Page
  /** With script, the window's pages must be hidden ones, or they would go on by themselves. */
  readonly javaScript: boolean
  /** As in `ui_locales`: what the page is asked to speak. */
  readonly language: string
  readonly look: (name: string) => Promise<void>
}

export async function walkPages(site: VerifierSite, walk: Walk): Promise<void> {
  const { page, look } = walk
  const { origin } = site.verifier
  const asked = `ui_locales=${walk.language}`
  const link = `${site.link}&${asked}`
  await page.goto(`${origin}/verify?${asked}`)
  await look('bare')
  await page.goto(link)
  await look('arrival')
  if (walk.javaScript) {
    await page.reload()
    await look('arrival-reloaded')
    await busy(page)
    await look('arrival-busy')
  }

  await page.goto(link)
  await pressAndSee(page, 'form[data-seconds]')
  await look('leaving')
  if (walk.javaScript) {
    await busy(page)
    await look('leaving-busy')
  }

  for (const [name, code] of REFUSALS) {
    site.refuseWith(code)
    await page.goto(link)
    await pressAndSee(page, '.code')
    await look(name)
  }
  site.refuseWith(undefined)
  await page.goto(link)
  await page.context().clearCookies()
  await pressAndSee(page, '.code')
  await look('wrong-browser')
  await page.goto(`${origin}/verify?state=S-1&${asked}`)
  await look('incomplete')
  await page.goto(`${origin}/nothing?${asked}`)
  await look('not-found')
  for (const [name, header] of [
    ['framed', { 'sec-fetch-dest': 'iframe' }],
    ['prefetched', { 'sec-purpose': 'prefetch' }],
  ] as const) {
    await page.goto(await standIn(page, origin, { name, asked, header }))
    await look(name)
  }
}

/** Headers that a browser lets nobody set: the answer is fetched beside it and shown in it. */
async function standIn(
  page: Page,
  origin: string,
  sent: { readonly name: string; readonly asked: string; readonly header: Record<string, string> },
): Promise<string> {
  const { port } = new URL(origin)
  const answer = await fetch(`http://127.0.0.1:${port}/verify?${sent.asked}`, {
    headers: { accept: 'text/html', ...sent.header },
  })
  const body = Buffer.from(await answer.arrayBuffer())
  const headers = Object.fromEntries(answer.headers)
  const url = `${origin}/${sent.name}`
  await page.route(url, (route) => route.fulfill({ body, headers, status: 200 }))
  return url
}

async function pressAndSee(page: Page, selector: string): Promise<void> {
  await page.locator('#go').click()
  await page.locator(selector).first().waitFor({ state: 'attached' })
}

/** The moment between the click and the answer: the look alone, as no picture waits that short. */
const busy = (page: Page) =>
  readPage(page, 'document.documentElement.classList.add("busy"), undefined')
