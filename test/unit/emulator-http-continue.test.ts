/**
 * `/continue`: who may come back, how, and how often. Each refusal is one change away from the accepted
 * return, and leaves the transaction as it was.
 */
import { afterEach, describe, expect, it } from 'vitest'
import type { TenantOptions } from '../../src/emulator/index.ts'
import { APP, action, EMAIL, OLD_PASSWORD, SITE, world } from '../support/emulated-tenant.ts'

const REDIRECTING = action(
  `api.redirect.sendUserTo('${SITE}/check')`,
  'console.log(JSON.stringify({ method: event.request.method, query: event.request.query, body: event.request.body }))',
)

const tenants: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(tenants.splice(0).map((tenant) => tenant.close()))
})

/** A browser that stands on the third-party site, with the state it was sent there with. */
async function away(options: TenantOptions = {}, actions: readonly string[] = [REDIRECTING]) {
  const made = world(actions, options)
  tenants.push(made.tenant)
  await made.open()
  const state = made.visits[0]?.searchParams.get('state') ?? ''
  const back = `${made.tenant.origin}/continue?state=${encodeURIComponent(state)}`
  const legs = () => made.tenant.trace.of('action.ran')
  const refusals = () => made.tenant.trace.of('continue.refused').map(({ data }) => data.reason)
  return { ...made, state, back, legs, refusals }
}

const isAtNewPassword = ({ browser }: Awaited<ReturnType<typeof away>>) =>
  new URL(browser.page.url).pathname === '/u/reset-password/change'

describe('coming back', () => {
  it('sends the browser away with a state of the genuine form', async () => {
    const { state, visits, tenant } = await away()
    expect(visits[0]?.pathname).toBe('/check')
    expect(state).toMatch(/^[\w-]{166}$/)
    const raw = Buffer.from(state, 'base64url').toString('latin1')
    for (const key of ['h', 'n', 'redirect', 'tid', 'cid', tenant.clients.all()[0]?.client_id])
      expect(raw).toContain(key)
    expect(JSON.stringify(tenant.trace.all())).not.toContain(state)
  })

  it('by GET resumes the same Action with the query it brings', async () => {
    const trip = await away()
    await trip.browser.visit(`${trip.back}&answer=yes`)
    expect(isAtNewPassword(trip)).toBe(true)
    expect(trip.legs().map(({ data }) => data.entrypoint)).toEqual([
      'onExecutePostChallenge',
      'onContinuePostChallenge',
    ])
    expect(JSON.parse(trip.legs()[1]?.data.log ?? '')).toEqual({
      method: 'GET',
      query: { state: trip.state, answer: 'yes' },
      body: {},
    })
  })

  it('by a cross-site form POST resumes it with the fields it brings', async () => {
    const trip = await away()
    await trip.browser.post(trip.back, { state: trip.state, session_token: 'R' })
    expect(isAtNewPassword(trip)).toBe(true)
    expect(JSON.parse(trip.legs()[1]?.data.log ?? '')).toEqual({
      method: 'POST',
      query: { state: trip.state },
      body: { state: trip.state, session_token: 'R' },
    })
  })

  it('takes the state from the body alone, unless switched off', async () => {
    const accepted = await away()
    await accepted.browser.post(`${accepted.tenant.origin}/continue`, { state: accepted.state })
    expect(isAtNewPassword(accepted)).toBe(true)

    const refused = await away({ switches: { bodyOnlyState: 'refused' } })
    await refused.browser.post(`${refused.tenant.origin}/continue`, { state: refused.state })
    expect(refused.refusals()).toEqual(['state_missing'])
    expect(refused.legs()).toHaveLength(1)
  })

  it('goes by the state that the Action is shown: in the address, and of two the last', async () => {
    const trip = await away()
    const { origin } = trip.tenant
    await trip.browser.post(`${origin}/continue?state=other`, { state: trip.state })
    await trip.browser.visit(`${trip.back}&state=other`)
    expect(trip.refusals()).toEqual(['state_unknown', 'state_unknown'])
    expect(trip.legs()).toHaveLength(1)
    const query = `state=other&state=${encodeURIComponent(trip.state)}`
    await trip.browser.post(`${origin}/continue?${query}`, { state: 'another' })
    expect(isAtNewPassword(trip)).toBe(true)
    expect(JSON.parse(trip.legs()[1]?.data.log ?? '')).toMatchObject({
      query: { state: trip.state },
      body: { state: 'another' },
    })
  })

  it('runs no earlier Action again, and the later ones after it', async () => {
    const trip = await away({}, [
      action("console.log('first')"),
      action(`api.redirect.sendUserTo('${SITE}/')`, "console.log('continued')"),
      action("console.log('last')"),
    ])
    await trip.browser.visit(trip.back)
    expect(trip.legs().map(({ data }) => [data.action, data.entrypoint])).toEqual([
      ['action 1', 'onExecutePostChallenge'],
      ['action 2', 'onExecutePostChallenge'],
      ['action 2', 'onContinuePostChallenge'],
      ['action 3', 'onExecutePostChallenge'],
    ])
  })

  it('may be sent away again by the continue handler, with another state', async () => {
    const again = action(
      `api.redirect.sendUserTo('${SITE}/one')`,
      `if (!event.request.query.twice) api.redirect.sendUserTo('${SITE}/two')`,
    )
    const trip = await away({}, [again])
    await trip.browser.visit(trip.back)
    const second = trip.visits[1]?.searchParams.get('state') ?? ''
    expect(trip.visits[1]?.pathname).toBe('/two')
    expect(second).not.toBe(trip.state)
    await trip.browser.visit(trip.back)
    expect(trip.refusals()).toEqual(['state_unknown'])
    await trip.browser.visit(`${trip.tenant.origin}/continue?state=${second}&twice=1`)
    expect(isAtNewPassword(trip)).toBe(true)

    const strict = await away({ switches: { redirectInContinue: 'fails' } }, [again])
    await strict.browser.visit(strict.back)
    expect(strict.tenant.trace.of('flow.failed')[0]?.data.reason).toBe('redirect_in_continue')
  })

  it('uses the last of two redirects of one Action, or fails when switched so', async () => {
    const two = action(
      `api.redirect.sendUserTo('${SITE}/one'); api.redirect.sendUserTo('${SITE}/two')`,
    )
    const last = await away({}, [two])
    expect(last.visits.map(({ pathname }) => pathname)).toEqual(['/two'])
    const strict = await away({ switches: { secondRedirect: 'fails' } }, [two])
    expect(strict.visits).toEqual([])
    expect(strict.tenant.trace.of('flow.failed')[0]?.data.reason).toBe('second_redirect')
  })

  it('overwrites a state the Action put into the address', async () => {
    const trip = await away({}, [
      action(`api.redirect.sendUserTo('${SITE}/?state=mine', { query: { state: 'also mine' } })`),
    ])
    expect(trip.visits[0]?.searchParams.getAll('state')).toEqual([trip.state])
    expect(trip.state).toHaveLength(166)
  })

  it('goes straight on to the result URL when switched so', async () => {
    const trip = await away({ switches: { resultUrlAt: 'continue' } }, [
      action(`api.redirect.sendUserTo('${SITE}/')`, `api.transaction.setResultUrl('${APP}/done')`),
    ])
    await trip.browser.post(trip.back, { state: trip.state })
    expect(trip.browser.page.url).toBe(`${APP}/done`)
  })
})

describe('not coming back', () => {
  it.each<[string, string, (trip: Awaited<ReturnType<typeof away>>) => Promise<unknown>]>([
    [
      'without a state',
      'state_missing',
      ({ browser, tenant }) => browser.visit(`${tenant.origin}/continue`),
    ],
    ['with a state of nobody', 'state_unknown', ({ browser, back }) => browser.visit(`${back}x`)],
    [
      'without the cookie',
      'cookie_missing',
      async ({ browser, back }) => {
        const kept = await browser.cookies(back)
        expect(Object.keys(kept)).toEqual(['auth0'])
        return browser.request(back, { headers: { cookie: 'other=1', accept: 'text/html' } })
      },
    ],
    [
      'in another browser',
      'cookie_missing',
      ({ otherBrowser, back }) => otherBrowser().visit(back),
    ],
    [
      'in the browser of another reset',
      'other_browser',
      async ({ otherBrowser, tenant, back }) => {
        const other = otherBrowser()
        await other.visit(tenant.createTicket({ user: 'eve@example.com' }))
        return other.visit(back)
      },
    ],
    [
      'on another host of the tenant',
      'other_host',
      async ({ browser, back }) => {
        const { auth0 } = await browser.cookies(back)
        return browser.request(back.replace('tenant.localhost', 'login.localhost'), {
          headers: { cookie: `auth0=${auth0}` },
        })
      },
    ],
    [
      'after an hour',
      'transaction_expired',
      ({ browser, tenant, back }) => {
        tenant.clock.advanceSeconds(3600)
        return browser.visit(back)
      },
    ],
    [
      'with JSON',
      'body_not_urlencoded',
      ({ browser, back, state }) =>
        browser.request(back, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ state, session_token: 'R' }),
        }),
    ],
    [
      'with a multipart form',
      'body_not_urlencoded',
      ({ browser, back, state }) => {
        const body = new FormData()
        body.set('state', state)
        return browser.request(back, { method: 'POST', body })
      },
    ],
  ])('%s is refused as invalid_request and resumes nothing', async (_, reason, attempt) => {
    const trip = await away({
      customDomains: [{ domain: 'login.localhost' }],
      users: [
        { email: EMAIL, password: OLD_PASSWORD },
        { email: 'eve@example.com', password: OLD_PASSWORD },
      ],
    })
    trip.browser.route('http://login.localhost', trip.tenant.fetch)
    const answer = (await attempt(trip)) as Response | { status: number; text: string }
    expect(answer.status).toBe(400)
    const said = typeof answer.text === 'string' ? answer.text : await (answer as Response).text()
    expect(said).toContain('invalid_request')
    expect(said).toContain('You may have pressed the back button')
    expect(trip.refusals()).toEqual([reason])
    expect(trip.legs()).toHaveLength(1)

    // Nothing was used up: the right browser still gets through, unless its hour is over.
    if (reason === 'transaction_expired') return
    await trip.browser.visit(trip.back)
    expect(isAtNewPassword(trip)).toBe(true)
  })

  it.each(['GET', 'POST'])('a second time by %s is refused', async (method) => {
    const trip = await away()
    await trip.browser.visit(trip.back)
    const first = trip.browser.page.url
    await (method === 'GET'
      ? trip.browser.visit(trip.back)
      : trip.browser.post(trip.back, { state: trip.state }))
    expect(trip.refusals()).toEqual(['state_unknown'])
    expect(trip.legs()).toHaveLength(2)
    await trip.browser.visit(first)
    expect(isAtNewPassword(trip)).toBe(true)
  })

  it('twice at the same moment resumes once', async () => {
    const trip = await away()
    const answers = await Promise.all([
      trip.browser.request(trip.back),
      trip.browser.request(trip.back),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([302, 400])
    expect(trip.legs()).toHaveLength(2)
  })

  it('by HEAD or a prefetch uses nothing up', async () => {
    const trip = await away()
    await trip.browser.request(trip.back, { method: 'HEAD' })
    await trip.browser.request(trip.back, { headers: { 'sec-purpose': 'prefetch' } })
    expect(trip.legs()).toHaveLength(1)
    await trip.browser.visit(trip.back)
    expect(isAtNewPassword(trip)).toBe(true)
  })

  it('does not serve the state of a redirect on any other screen', async () => {
    const trip = await away()
    for (const path of ['/u/mfa-challenge', '/u/form', '/u/reset-password/change']) {
      await trip.browser.visit(`${trip.tenant.origin}${path}?state=${trip.state}`)
      await trip.browser.post(`${trip.tenant.origin}${path}?state=${trip.state}`, {
        password: 'Stolen-password-1',
        confirm_password: 'Stolen-password-1',
      })
    }
    expect(new Set(trip.refusals())).toEqual(new Set(['state_unknown']))
    expect(await trip.passwordChanged()).toBe(false)
  })

  it('loses the cookie on a cross-site POST when it is Lax, not on a GET', async () => {
    const posted = await away({ switches: { cookieSameSite: 'lax' } })
    await posted.browser.post(posted.back, { state: posted.state })
    expect(posted.refusals()).toEqual(['cookie_missing'])
    const got = await away({ switches: { cookieSameSite: 'lax' } })
    await got.browser.visit(got.back)
    expect(isAtNewPassword(got)).toBe(true)
  })

  it('lets another browser in when the binding is switched off', async () => {
    const trip = await away({ switches: { cookieBinding: false } })
    const other = trip.otherBrowser()
    await other.visit(trip.back)
    expect(new URL(other.page.url).pathname).toBe('/u/reset-password/change')
  })

  it('answers no host that is not the tenant’s', async () => {
    const { tenant } = await away()
    const answer = await tenant.fetch(new Request('http://rebound.example/emulator/mailbox'))
    expect(answer.status).toBe(421)
    expect(await answer.text()).not.toContain(EMAIL)
  })
})

describe('faults', () => {
  it('continueFails answers 500 and keeps the state', async () => {
    const trip = await away()
    trip.tenant.faults.continueFails = true
    await trip.browser.visit(trip.back)
    expect(trip.browser.page.status).toBe(500)
    trip.tenant.faults.continueFails = false
    await trip.browser.visit(trip.back)
    expect(isAtNewPassword(trip)).toBe(true)
  })

  it('wrongState sends a state nobody waits for', async () => {
    const trip = await away({ faults: { wrongState: true } })
    await trip.browser.visit(trip.back)
    expect(trip.refusals()).toEqual(['state_unknown'])
  })

  it('lostCookie leaves the browser without one', async () => {
    const trip = await away({ faults: { lostCookie: true } })
    expect(await trip.browser.cookies(trip.back)).toEqual({})
    await trip.browser.visit(trip.back)
    expect(trip.refusals()).toEqual(['cookie_missing'])
  })
})
