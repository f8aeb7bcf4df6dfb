/** The human check in a real browser: solved by itself in a thread, pressed through, or not answered. */
import { describe, expect } from 'vitest'
import { bindingOf } from '../../src/verifier/human-check.ts'
import { sessionOf } from '../support/app.ts'
import { settle } from './page-state.ts'
import { it } from './person.ts'
import { serveVerifier } from './sites.ts'

const WORK = { humanCheck: { kind: 'proof_of_work', work: 20_000 } } as const
/** Far more than a browser does in the time of a test. */
const ENDLESS = { humanCheck: { kind: 'proof_of_work', work: 4_000_000_000 } } as const

describe('a proof of work', () => {
  it('is found without a click, under the page’s own policy, by a worker of our origin', async ({
    open,
  }) => {
    const site = await serveVerifier(WORK)
    const { page: tab, requests } = await open()
    await tab.goto(site.link)
    await tab.waitForURL(`${site.app.origin}/callback`)
    expect(site.assessed.map(({ visit }) => visit.humanChallenge)).toEqual(['passed'])
    expect(requests.map((request) => new URL(request.url()).pathname)).toContain('/verify/worker')
  })

  it('is found while the person reads where the tenant asks for a click', async ({ open }) => {
    const site = await serveVerifier({ ...WORK, settings: { requireClick: true } })
    const { page: tab } = await open()
    await tab.goto(site.link)
    await settle(tab)
    expect(site.assessed).toEqual([])
    await tab.getByRole('button', { name: 'Continue' }).click()
    await tab.waitForURL(`${site.app.origin}/callback`)
    expect(site.assessed.map(({ visit }) => visit.humanChallenge)).toEqual(['passed'])
  })

  it('is found anew after a reload, from what the tab kept', async ({ open }) => {
    const site = await serveVerifier({ ...WORK, settings: { requireClick: true } })
    const { page: tab } = await open()
    await tab.goto(site.link)
    await tab.reload()
    await tab.getByRole('button', { name: 'Continue' }).click()
    await tab.waitForURL(`${site.app.origin}/callback`)
    expect(site.assessed.map(({ visit }) => visit.humanChallenge)).toEqual(['passed'])
  })

  it('is waited for after a click that came early', async ({ open }) => {
    const site = await serveVerifier({ ...ENDLESS, settings: { requireClick: true } })
    const { page: tab } = await open()
    await tab.goto(site.link)
    await tab.getByRole('button', { name: 'Continue' }).click()
    await tab.getByRole('progressbar').waitFor()
    expect(site.assessed).toEqual([])
  })

  it('is left out without script: the button goes on, and the answer is unknown', async ({
    open,
  }) => {
    const site = await serveVerifier(WORK)
    const { page: tab } = await open({ javaScript: false })
    await tab.goto(site.link)
    await tab.getByRole('button', { name: 'Continue' }).click()
    await tab.getByRole('heading', { name: 'Taking you back' }).waitFor()
    expect(site.assessed[0]?.visit).not.toHaveProperty('humanChallenge')
  })

  it('is left out where the worker cannot be had, and the person goes on', async ({ open }) => {
    const site = await serveVerifier(WORK)
    const { page: tab, context } = await open()
    await context.route('**/verify/worker', (route) => route.abort())
    await tab.goto(site.link)
    await tab.waitForURL(`${site.app.origin}/callback`)
    expect(site.assessed[0]?.visit).not.toHaveProperty('humanChallenge')
  })
})

describe('Turnstile', () => {
  const TURNSTILE = { humanCheck: { kind: 'turnstile', siteKey: 'KEY' } } as const
  /** As the documented API does: calls the widget's callback with a token. */
  const API = `addEventListener('load', function () {
    var widget = document.querySelector('.cf-turnstile')
    window[widget.dataset.callback]('token for ' + widget.dataset.cdata)
  })`

  it('is answered by its widget, and checked with siteverify', async ({ open }) => {
    const asked: URLSearchParams[] = []
    const site = await serveVerifier({
      ...TURNSTILE,
      fetch: async (_url, init) => {
        asked.push(init?.body as URLSearchParams)
        const outcome = {
          success: true,
          hostname: 'verify.localhost',
          action: 'verify',
          cdata: bindingOf(sessionOf()),
        }
        return Response.json(outcome)
      },
    })
    const { page: tab, context } = await open()
    await context.route('https://challenges.cloudflare.com/**', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: API }),
    )
    await tab.goto(site.link)
    await tab.waitForURL(`${site.app.origin}/callback`)
    expect(asked[0]?.get('response')).toBe(`token for ${bindingOf(sessionOf())}`)
    expect(site.assessed.map(({ visit }) => visit.humanChallenge)).toEqual(['passed'])
  })
})
