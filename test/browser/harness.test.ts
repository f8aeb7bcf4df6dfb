/**
 * What the other browser tests stand on: the `*.localhost` names are secure contexts whose cookies
 * behave as over HTTPS, and the watch does see what it is there to see.
 */
import { describe, expect } from 'vitest'
import { page } from './open-site.ts'
import { readPage } from './page-state.ts'
import { it } from './person.ts'
import { serveSite } from './sites.ts'

describe('a *.localhost name', () => {
  it('is a secure context over plain http', async ({ open }) => {
    const site = await serveSite('verify', page('<title>here</title>'))
    const person = await open()
    await person.page.goto(site.origin)
    expect(await readPage(person.page, 'isSecureContext && typeof crypto.subtle')).toBe('object')
  })

  it('keeps a __Host- cookie and sends it to nobody else', async ({ open }) => {
    const cookie = '__Host-rv=one; Secure; HttpOnly; Path=/; SameSite=Lax'
    const site = await serveSite('verify', page('ok', { 'set-cookie': cookie }))
    const other = await serveSite('app', page('ok'))
    const { page: tab } = await open()
    await tab.goto(site.origin)
    await tab.goto(site.origin)
    await tab.goto(other.origin)
    expect(site.arrived[1]?.headers.cookie).toBe('__Host-rv=one')
    expect(other.arrived[0]?.headers.cookie).toBeUndefined()
  })

  it('is another site: a cross-site POST carries SameSite=None and drops Lax', async ({ open }) => {
    const cookies = ['none=1; Secure; SameSite=None', 'lax=1; Secure; SameSite=Lax']
    const tenant = await serveSite('tenant', page('ok', { 'set-cookie': cookies }))
    const form = `<form method="post" action="${tenant.origin}/continue"><button>Go</button></form>`
    const verifier = await serveSite('verify', page(form))
    const { page: tab } = await open()
    await tab.goto(tenant.origin)
    await tab.goto(verifier.origin)
    await tab.getByRole('button', { name: 'Go' }).click()
    await tab.waitForURL('**/continue')
    expect(tenant.arrived[1]?.headers.cookie).toBe('none=1')
  })
})

describe('the watch', () => {
  const CSP = { 'content-security-policy': "default-src 'none'" }

  it('sees a CSP violation, as an event and on the console', async ({ open }) => {
    const site = await serveSite('verify', page('<script>document.title = 1</script>', CSP))
    const person = await open()
    person.expectFault(/^violation: script-src-elem blocked inline/)
    person.expectFault(/^console: .*Content Security Policy/)
    await person.page.goto(site.origin)
    expect(await person.page.title()).toBe('')
  })

  it('sees a CSP violation where scripts are off', async ({ open }) => {
    const site = await serveSite('verify', page('<p style="color: red">Hello</p>', CSP))
    const person = await open({ javaScript: false })
    person.expectFault(/^console: .*Content Security Policy/)
    await person.page.goto(site.origin)
  })

  it('sees a form that the policy stops', async ({ open }) => {
    const markup = '<form action="http://app.localhost:1/"><button>Go</button></form>'
    const site = await serveSite(
      'verify',
      page(markup, { 'content-security-policy': "form-action 'self'" }),
    )
    const person = await open()
    person.expectFault(/form-action/)
    await person.page.goto(site.origin)
    const violation = person.page.waitForEvent('console')
    // Not a click of the library, which would wait for the navigation that is refused.
    await readPage(person.page, 'document.querySelector("button").click()')
    await violation
    expect(person.page.url()).toBe(`${site.origin}/`)
  })

  it('sees a script error and a console error', async ({ open }) => {
    const site = await serveSite('app', page('<script>console.error("one"); two()</script>'))
    const person = await open()
    person.expectFault(/^console: one/)
    person.expectFault(/^script error: two is not defined/)
    await person.page.goto(site.origin)
  })
})

it('lets no request leave the machine', async ({ open }) => {
  const person = await open()
  for (const url of ['http://192.0.2.1/', 'https://example.com/']) {
    await expect(person.page.goto(url)).rejects.toThrow('ERR_NAME_NOT_RESOLVED')
  }
})
