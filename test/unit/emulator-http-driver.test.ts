/**
 * The browser-like driver: the rules of a browser that decide whether a round trip works.
 */
import { describe, expect, it } from 'vitest'
import { createBrowser, type OriginFetch } from '../../src/emulator/index.ts'

const ONE = 'http://one.localhost:1'
const TWO = 'http://two.localhost:2'

const html = (body: string, headers: Record<string, string> = {}) =>
  new Response(body, { headers: { 'content-type': 'text/html', ...headers } })

/** Two sites that record what they were sent; `one` may be told what to answer. */
function sites(answer: OriginFetch = () => html('<p>one</p>')) {
  const seen: Request[] = []
  const record = (fetch: OriginFetch): OriginFetch => {
    return (request) => {
      seen.push(request.clone())
      return fetch(request)
    }
  }
  const browser = createBrowser({
    routes: { [ONE]: record(answer), [TWO]: record(() => html('<p>two</p>')) },
  })
  const last = (header: string) => seen.at(-1)?.headers.get(header) ?? null
  return { browser, seen, last }
}

const setCookies = (...lines: string[]): OriginFetch => {
  return () => {
    const headers = new Headers({ 'content-type': 'text/html' })
    for (const line of lines) headers.append('set-cookie', line)
    return new Response('<p>set</p>', { headers })
  }
}

const ALL_KINDS = setCookies(
  'strict=1; Path=/; Secure; SameSite=Strict',
  'lax=1; Path=/; Secure; SameSite=Lax',
  'none=1; Path=/; Secure; SameSite=None',
  '__Host-bound=1; Path=/; Secure; HttpOnly; SameSite=Lax',
)

describe('cookies', () => {
  it('stores Secure and __Host- cookies of http://*.localhost, as browsers do', async () => {
    const { browser } = sites(ALL_KINDS)
    await browser.visit(ONE)
    expect(Object.keys(await browser.cookies(ONE)).sort()).toEqual([
      '__Host-bound',
      'lax',
      'none',
      'strict',
    ])
    expect(await browser.cookies(TWO)).toEqual({})
  })

  it.each([
    ['a __Host- cookie with a domain', '__Host-a=1; Path=/; Secure; Domain=one.localhost'],
    ['a __Host- cookie without Secure', '__Host-a=1; Path=/'],
    ['a __Host- cookie with a path', '__Host-a=1; Path=/x; Secure'],
    ['a cookie for all of localhost', 'a=1; Path=/; Domain=localhost'],
    ['a cookie for another site', 'a=1; Path=/; Domain=two.localhost'],
  ])('does not store %s', async (_, line) => {
    const { browser } = sites(setCookies(line))
    await browser.visit(`${ONE}/x`)
    expect(await browser.cookies(`${ONE}/x`)).toEqual({})
  })

  it('sends all of them for a typed address, none that is Strict after a link from elsewhere, and only SameSite=None on a POST from elsewhere', async () => {
    const { browser, last } = sites(ALL_KINDS)
    await browser.visit(ONE)
    await browser.visit(ONE)
    expect(last('cookie')).toContain('strict=1')
    await browser.visit(TWO)
    await browser.click({ text: '', href: ONE })
    expect(last('cookie')).not.toContain('strict=1')
    expect(last('cookie')).toContain('lax=1')
    await browser.visit(TWO)
    await browser.post(ONE, { a: '1' })
    expect(last('cookie')).toBe('none=1')
    await browser.post(ONE, { a: '1' })
    expect(last('cookie')).toContain('strict=1')
  })

  it('forgets a cookie when its time is over by the given clock', async () => {
    let now = new Date('2026-01-01T00:00:00Z')
    const browser = createBrowser({
      routes: { [ONE]: setCookies('a=1; Path=/; Max-Age=60') },
      now: () => now,
    })
    await browser.visit(ONE)
    expect(await browser.cookies(ONE)).toEqual({ a: '1' })
    now = new Date('2026-01-01T00:01:01Z')
    expect(await browser.cookies(ONE)).toEqual({})
  })
})

describe('what a request says of where it comes from', () => {
  it('is nothing for a typed address', async () => {
    const { browser, last } = sites()
    await browser.visit(ONE)
    expect([last('sec-fetch-site'), last('origin'), last('referer')]).toEqual(['none', null, null])
  })

  it('is the page’s origin for a form POST, on the same site and across', async () => {
    const { browser, last } = sites()
    await browser.visit(`${ONE}/secret?token=1`)
    await browser.post(`${ONE}/`, {})
    expect([last('sec-fetch-site'), last('origin')]).toEqual(['same-origin', ONE])
    expect(last('referer')).toBe(`${ONE}/secret?token=1`)
    await browser.visit(`${ONE}/secret?token=1`)
    await browser.post(TWO, {})
    expect([last('sec-fetch-site'), last('origin')]).toEqual(['cross-site', ONE])
    expect(last('referer')).toBe(`${ONE}/`)
  })

  it('is null and no address for a page with Referrer-Policy: no-referrer', async () => {
    const { browser, last } = sites(() => html('', { 'referrer-policy': 'no-referrer' }))
    await browser.visit(ONE)
    await browser.post(TWO, {})
    expect([last('origin'), last('referer')]).toEqual(['null', null])
  })

  it('stays cross-site when a redirect comes back to where it began', async () => {
    const browser = createBrowser({
      routes: {
        [ONE]: (request) => html(request.headers.get('sec-fetch-site') ?? ''),
        [TWO]: () => new Response(null, { status: 302, headers: { location: `${ONE}/` } }),
      },
    })
    await browser.visit(ONE)
    await browser.click({ text: '', href: TWO })
    expect(browser.page.text).toBe('cross-site')
  })
})

describe('redirects', () => {
  const redirecting = (status: number): OriginFetch => {
    return (request) =>
      new Response(null, { status, headers: { location: `${TWO}/?m=${request.method}` } })
  }

  it.each([
    [301, 'GET'],
    [302, 'GET'],
    [303, 'GET'],
    [307, 'POST'],
    [308, 'POST'],
  ])('after a %d a POST goes on as %s', async (status, method) => {
    const { browser, seen } = sites(redirecting(status))
    await browser.post(ONE, { a: '1' })
    expect(seen.at(-1)?.method).toBe(method)
    expect(await seen.at(-1)?.text()).toBe(method === 'POST' ? 'a=1' : '')
    expect(browser.hops.map(({ method, status }) => [method, status])).toEqual([
      ['POST', status],
      [method, 200],
    ])
  })

  it('give up after twenty', async () => {
    const { browser } = sites(
      () => new Response(null, { status: 302, headers: { location: '/again' } }),
    )
    await expect(browser.visit(ONE)).rejects.toThrow(/20 redirects/)
  })

  it('are recorded without states and tokens in what may be shown', async () => {
    const { browser } = sites()
    const token = `eyJhbGciOiJIUzI1NiJ9.${'a'.repeat(40)}.${'b'.repeat(40)}`
    await browser.visit(`${ONE}/?state=abc&ticket=def&t=${token}&page=2`)
    expect(browser.hops[0]?.shownUrl).toBe(`${ONE}/?state=***&ticket=***&t=***&page=2`)
  })
})

describe('pages', () => {
  const PAGE = `<!doctype html><title>A &amp; B</title><script>"<form action=/evil>"</script>
    <!-- <a href="/commented">no</a> -->
    <p>Hello&nbsp;<b>you</b></p><a href='/link?a=1&amp;b=2'>A <i>link</i></a>
    <form id="f" method="POST" action="/go?x=1" data-auto-submit>
      <input type=hidden name="state" value="&quot;quoted&#39; &gt;">
      <input name=text><input type="checkbox" name="off"><input type=checkbox name=on checked>
      <input name="dead" value="1" disabled>
      <select name="s"><option value="1">One<option value="2" selected>Two</select>
      <textarea name="t">some <b>text</b></textarea>
      <button name="do" value="first">First</button><button type=button name=x>Not</button>
      <button name="do" value="second" formaction="/other">Second</button>
    </form>
    <meta http-equiv="refresh" content="0; url=/next">`

  it('are read as a browser reads them', async () => {
    const { browser } = sites(() => html(PAGE))
    const page = await browser.visit(`${ONE}/dir/page`)
    expect(page.title).toBe('A & B')
    expect(page.text).toContain('Hello you')
    expect(page.links).toEqual([{ text: 'A link', href: `${ONE}/link?a=1&b=2` }])
    expect(page.refresh).toBe(`${ONE}/next`)
    expect(page.forms).toHaveLength(1)
    expect(page.forms[0]).toMatchObject({
      method: 'POST',
      action: `${ONE}/go?x=1`,
      autoSubmit: true,
    })
    expect(page.forms[0]?.fields).toEqual([
      ['state', '"quoted\' >'],
      ['text', ''],
      ['on', 'on'],
      ['s', '2'],
      ['t', 'some <b>text</b>'],
    ])
  })

  it('send their forms with what was typed and the button that was pressed', async () => {
    const { browser, seen } = sites(() => html(PAGE))
    await browser.visit(ONE)
    await browser.submit('f', { text: 'ü&=', extra: '1' }, 'Second')
    expect(new URL(seen.at(-1)?.url ?? '').pathname).toBe('/other')
    const sent = new URLSearchParams(await seen.at(-1)?.text())
    expect(sent.get('text')).toBe('ü&=')
    expect(sent.get('extra')).toBe('1')
    expect(sent.get('do')).toBe('second')
    expect(sent.getAll('text')).toHaveLength(1)
  })

  it('send themselves on only when asked', async () => {
    const { browser, seen } = sites(() => html(PAGE))
    await browser.visit(ONE)
    expect(seen).toHaveLength(1)
    await browser.autoSubmit()
    expect(new URLSearchParams(await seen.at(-1)?.text()).get('do')).toBe('first')
    await browser.followRefresh()
    expect(seen.at(-1)?.url).toBe(`${ONE}/next`)
  })

  it('that have no such form, button or link are said so', async () => {
    const { browser } = sites()
    expect(() => browser.page).toThrow(/no page yet/)
    await browser.visit(ONE)
    await expect(browser.submit()).rejects.toThrow(/no form/)
    await expect(browser.autoSubmit()).rejects.toThrow(/no one form/)
    await expect(browser.click('nowhere')).rejects.toThrow(/no link "nowhere"/)
    await expect(browser.followRefresh()).rejects.toThrow(/refreshes to nowhere/)
  })
})
