/**
 * post-login Actions in a login: what each command does to the tokens, the user, the session and the
 * flow, and what happens where there is no browser to send anywhere (contract 1.7, 1.8 and 3).
 */
import { decodeJwt } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import { drive } from '../../src/emulator/index.ts'
import {
  CALLBACK,
  CLIENT,
  EMAIL,
  loginWorld,
  onLogin,
  PASSWORD,
  SITE,
  type TokenAnswer,
} from '../support/login-world.ts'

const open: { close(): Promise<void> }[] = []
const start = (...given: Parameters<typeof loginWorld>) => {
  const world = loginWorld(...given)
  open.push(world.tenant)
  return world
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((tenant) => tenant.close()))
})

type World = ReturnType<typeof start>

const withFactors = (...factors: ('otp' | 'phone' | 'push-notification' | 'recovery-code')[]) => ({
  users: [{ email: EMAIL, password: PASSWORD, email_verified: false, factors }],
})

const refresh = ({ refresh_token = '' }: TokenAnswer) => ({
  grant_type: 'refresh_token',
  refresh_token,
})
const password = { grant_type: 'password', username: EMAIL, password: PASSWORD, scope: 'openid' }
const user = (world: World) => world.tenant.users.get(EMAIL)
const legs = (world: World) => world.tenant.trace.of('action.ran').map(({ data }) => data)
const backAtContinue = (world: World) => {
  const state = world.visits.at(-1)?.searchParams.get('state') ?? ''
  return world.browser.visit(`${world.tenant.origin}/continue?state=${state}`)
}

describe('the tokens', () => {
  it('carry the claims and scopes of the Actions, but no name that belongs to the protocol', async () => {
    const world = start([
      onLogin(`
        api.idToken.setCustomClaim('https://app.example/plan', 'gold')
        api.idToken.setCustomClaim('sub', 'somebody else')
        api.idToken.setCustomClaim('https://tenant.auth0.com/x', 1)
        api.accessToken.setCustomClaim('https://app.example/level', 3)
        api.accessToken.setCustomClaim('aud', 'https://other.example')
        api.accessToken.addScope('read:things'); api.accessToken.removeScope('email')`),
      onLogin(
        `api.accessToken.removeScope('read:things'); api.accessToken.addScope('write:things')`,
      ),
    ])
    const tokens = await world.tokens({ audience: 'https://api.example' })
    const id = decodeJwt(tokens.id_token)
    expect(id).toMatchObject({ sub: user(world)?.user_id, 'https://app.example/plan': 'gold' })
    expect(id).not.toHaveProperty('https://tenant.auth0.com/x')
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      'https://app.example/level': 3,
      aud: ['https://api.example', `${world.tenant.origin}/userinfo`],
      scope: 'openid profile write:things',
    })
    expect(tokens.scope).toBe('openid profile write:things')
  })

  it('keep nothing of a claim that was set to undefined afterwards', async () => {
    const world = start([
      onLogin(`api.idToken.setCustomClaim('plan', 'gold')`),
      onLogin(`api.idToken.setCustomClaim('plan', undefined)`),
    ])
    expect(decodeJwt((await world.tokens()).id_token)).not.toHaveProperty('plan')
  })
})

describe('the event', () => {
  it('assesses the risk of a login by those before it that were let through', async () => {
    const world = start([
      onLogin(`const { confidence, assessments: { ImpossibleTravel, NewDevice } } =
          event.authentication.riskAssessment
        console.log(confidence, ImpossibleTravel.code, NewDevice.code)
        if (event.request.query.stop) api.access.deny('no')`),
    ])
    const from = (ip: string, agent: string) => {
      const headers = { 'x-forwarded-for': ip, 'user-agent': agent }
      return { headers }
    }
    const logInWith = async (browser: World['browser'], parameters = '') => {
      const query = `client_id=${CLIENT}&redirect_uri=${CALLBACK}&response_type=code&scope=openid&state=s${parameters}`
      await browser.visit(`${world.tenant.origin}/authorize?${query}`)
      if (browser.page.url.includes('/u/login'))
        await browser.submit(undefined, { username: EMAIL, password: PASSWORD })
      return legs(world).at(-1)?.log.trim()
    }
    const home = world.otherBrowser(from('192.0.2.1', 'One'))
    const thief = world.otherBrowser(from('203.0.113.1', 'Two'))
    expect(await logInWith(home)).toBe('high initial_login initial_login')
    expect(await logInWith(home)).toBe('high minimal_travel_from_last_login match')
    const robbed = 'low impossible_travel_from_last_login no_match'
    expect(await logInWith(thief, '&stop=yes')).toBe(robbed)
    expect(await logInWith(thief)).toBe(robbed)
    world.tenant.clock.advanceSeconds(2 * 24 * 3600)
    expect(await logInWith(home)).toBe('medium substantial_travel_from_last_login match')
  })

  it('tells the request, the session and the transaction of the login', async () => {
    const world = start([onLogin('console.log(JSON.stringify(event))')])
    await world.logIn({ ui_locales: 'fr en', acr_values: 'high', login_hint: EMAIL, my_own: 'x' })
    const event = JSON.parse(legs(world)[0]?.log ?? '')
    expect(event.request).toMatchObject({
      method: 'POST',
      hostname: 'tenant.localhost',
      query: { my_own: 'x', response_type: 'code' },
      body: {},
    })
    expect(event.transaction).toMatchObject({
      protocol: 'oidc-basic-profile',
      redirect_uri: CALLBACK,
      response_mode: 'query',
      response_type: ['code'],
      requested_scopes: ['openid', 'profile', 'email'],
      state: 'the-state-of-the-application',
      ui_locales: ['fr', 'en'],
      acr_values: ['high'],
      login_hint: EMAIL,
      locale: 'fr',
      metadata: {},
    })
    expect(event.authentication.methods).toEqual([
      { name: 'pwd', timestamp: expect.stringMatching(/^\d{4}-/) },
    ])
    expect(event.stats).toEqual({ logins_count: 1 })
    expect(event.session).toMatchObject({ user_id: user(world)?.user_id })
    expect(JSON.stringify(event)).not.toContain(PASSWORD)
  })

  it('hides the password and the secret of a password grant from Actions', async () => {
    const world = start([onLogin('console.log(JSON.stringify(event))')])
    expect((await world.token(password)).status).toBe(200)
    const log = legs(world)[0]?.log ?? ''
    const event = JSON.parse(log)
    expect(event.transaction.protocol).toBe('oauth2-password')
    expect(event.request.body).toMatchObject({ grant_type: 'password', username: EMAIL })
    expect(log).not.toContain(PASSWORD)
    expect(log).not.toContain('a-secret-only-this-test-knows')
    expect(event).not.toHaveProperty('session')
  })

  it('tells of the refresh token in its exchange, and of the session it came from', async () => {
    const world = start([onLogin('console.log(JSON.stringify(event))')])
    const tokens = await world.tokens({ scope: 'openid offline_access' })
    await world.token(refresh(tokens))
    const event = JSON.parse(legs(world)[1]?.log ?? '')
    expect(event.transaction.protocol).toBe('oauth2-refresh-token')
    expect(event.refresh_token).toMatchObject({ session_id: event.session.id, rotating: false })
    expect(event.stats.logins_count).toBe(1)
    expect(JSON.stringify(event)).not.toContain(tokens.refresh_token)
  })

  it('can be overridden by a test', async () => {
    const world = start([onLogin('console.log(event.security_context.ja4)')], {
      eventOverrides: { 'post-login': { security_context: { ja4: 'fingerprint' } } },
    })
    await world.logIn()
    expect(legs(world)[0]?.log.trim()).toBe('fingerprint')
  })
})

describe('a denial', () => {
  it('goes to the application as access_denied with the reason, and no later Action runs', async () => {
    const world = start([onLogin(`api.access.deny('not today')`), onLogin('')])
    await world.logIn()
    expect(world.told()).toEqual({
      error: 'access_denied',
      error_description: 'not today',
      state: 'the-state-of-the-application',
    })
    expect(legs(world)).toHaveLength(1)
    expect(world.tenant.logs().map(({ type }) => type)).toEqual(['f'])
  })

  it('leaves the session: the next login is denied without a password', async () => {
    const world = start([onLogin(`api.access.deny('no')`)])
    await world.logIn()
    const end = await world.authorize()
    expect(end.pathname).toBe('/callback')
    expect(world.told().error).toBe('access_denied')
  })

  it('does not take back metadata: aggregated over the Actions, written once', async () => {
    const world = start([
      onLogin(`
        api.user.setAppMetadata('plan', 'silver'); api.user.setUserMetadata('seen', [1])
        api.user.setAppMetadata('old', null)`),
      onLogin(`
        console.log(JSON.stringify(event.user.app_metadata))
        api.user.setAppMetadata('plan', 'gold'); api.access.deny('no')`),
    ])
    world.tenant.users.update(user(world)?.user_id ?? '', { app_metadata: { old: 1, kept: 2 } })
    await world.logIn()
    expect(legs(world)[1]?.log.trim()).toBe('{"old":1,"kept":2}')
    expect(user(world)?.app_metadata).toEqual({ plan: 'gold', kept: 2 })
    expect(user(world)?.user_metadata).toEqual({ seen: [1] })
    expect(world.tenant.trace.of('user.updated')).toHaveLength(1)
  })

  it.each([
    ['session.revoke', `api.session.revoke('revoked')`, 'revoked'],
    ['validation.error', `api.validation.error('code', 'message')`, 'message'],
    ['an exception', `throw new Error('broken')`, 'broken'],
  ])('also comes from %s', async (_what, code, description) => {
    const world = start([onLogin(code)])
    await world.logIn()
    expect(world.told()).toMatchObject({ error: 'access_denied', error_description: description })
  })

  it('at the token endpoint is 403 with the reason, and nothing is issued', async () => {
    const world = start([
      onLogin(`if (event.transaction.protocol !== 'oidc-basic-profile') api.access.deny('no')`),
    ])
    const tokens = await world.tokens({ scope: 'openid offline_access' })
    for (const parameters of [refresh(tokens), password])
      expect(await world.token(parameters)).toMatchObject({
        status: 403,
        error: 'access_denied',
        error_description: 'no',
      })
    expect(world.tenant.trace.of('tokens.issued')).toHaveLength(1)
  })
})

describe('a redirect', () => {
  const REDIRECT = `api.redirect.sendUserTo('${SITE}/verify')`

  it('suspends, resumes the same Action once at /continue, then the next ones', async () => {
    const world = start([
      onLogin(''),
      onLogin(
        `api.transaction.setMetadata('nonce', 'n1'); ${REDIRECT}`,
        `console.log(event.transaction.metadata.nonce, event.request.query.answer, event.session.id)
         api.authentication.recordMethod('https://site.example/method')`,
      ),
      onLogin('console.log(JSON.stringify(event.transaction.metadata))'),
    ])
    await world.logIn()
    const state = world.visits[0]?.searchParams.get('state') ?? ''
    await world.browser.visit(`${world.tenant.origin}/continue?state=${state}&answer=yes`)
    expect(world.told()).toHaveProperty('code')
    expect(legs(world).map(({ entrypoint }) => entrypoint)).toEqual([
      'onExecutePostLogin',
      'onExecutePostLogin',
      'onContinuePostLogin',
      'onExecutePostLogin',
    ])
    expect(legs(world)[2]?.log).toMatch(/^n1 yes \w{32}/)
    expect(legs(world)[3]?.log.trim()).toBe('{"nonce":"n1"}')
    await world.browser.visit(`${world.tenant.origin}/continue?state=${state}`)
    expect(world.browser.page.text).toContain('invalid_request')
  })

  it('shows the method that was recorded to the next login of the session', async () => {
    const world = start([
      onLogin(
        `const done = event.authentication.methods.some(({ name }) => name === '${SITE}/m')
         console.log(done); if (!done) ${REDIRECT}`,
        `api.authentication.recordMethod('${SITE}/m')`,
      ),
    ])
    await world.logIn()
    await backAtContinue(world)
    await world.authorize()
    expect(world.told()).toHaveProperty('code')
    expect(legs(world).at(-1)?.log.trim()).toBe('true')
    expect(world.visits).toHaveLength(1)
  })

  it('keeps what each of two logins recorded that were under way at once in one session', async () => {
    const seen = 'console.log(event.authentication.methods.map(({ name }) => name).join())'
    const world = start([
      onLogin(
        `${seen}; if (event.request.query.check) ${REDIRECT}`,
        `api.authentication.recordMethod('${SITE}/' + event.request.query.check)`,
      ),
    ])
    await world.logIn()
    await world.authorize({ check: 'yes' })
    await world.authorize({ check: 'yes' })
    const states = world.visits.map(({ searchParams }) => searchParams.get('state'))
    expect(new Set(states).size).toBe(2)
    for (const [index, state] of states.entries())
      await world.browser.visit(`${world.tenant.origin}/continue?state=${state}&check=${index}`)
    await world.authorize()
    expect(legs(world).at(-1)?.log.trim()).toBe(`pwd,${SITE}/0,${SITE}/1`)
  })

  it('keeps the recorded method when a refresh token of before is exchanged', async () => {
    const world = start([
      onLogin(
        `const done = event.authentication.methods.some(({ name }) => name === '${SITE}/m')
         console.log(done)
         if (!done && api.redirect.canRedirect() && event.request.query.check) ${REDIRECT}`,
        `api.authentication.recordMethod('${SITE}/m')`,
      ),
    ])
    const tokens = await world.tokens({ scope: 'openid offline_access' })
    await world.authorize({ check: 'yes' })
    await backAtContinue(world)
    expect((await world.token(refresh(tokens))).status).toBe(200)
    await world.authorize({ check: 'yes' })
    expect(world.told()).toHaveProperty('code')
    expect(legs(world).at(-1)?.log.trim()).toBe('true')
    expect(world.visits).toHaveLength(1)
  })

  it('with prompt=none is interaction_required, and canRedirect says so before', async () => {
    const world = start([
      onLogin(`console.log(api.redirect.canRedirect())
        if (event.request.query.prompt === 'none') ${REDIRECT}`),
    ])
    await world.logIn()
    await world.authorize({ prompt: 'none' })
    expect(world.told()).toMatchObject({ error: 'interaction_required' })
    expect(legs(world).map(({ log }) => log.trim())).toEqual(['true', 'false'])
    expect(world.visits).toEqual([])
    expect(world.tenant.logs().at(-1)?.type).toBe('fsa')
  })

  it('while the browser is away leaves a session that a silent login of a lenient Action uses', async () => {
    const world = start([onLogin(`if (api.redirect.canRedirect()) ${REDIRECT}`)])
    await world.logIn()
    expect(world.visits).toHaveLength(1)
    await world.authorize({ prompt: 'none' })
    expect(world.told()).toHaveProperty('code')
  })

  it('fails a password grant and a refresh', async () => {
    const world = start([
      onLogin(`if (event.transaction.protocol !== 'oidc-basic-profile') ${REDIRECT}`),
    ])
    const tokens = await world.tokens({ scope: 'openid offline_access' })
    for (const parameters of [refresh(tokens), password])
      expect(await world.token(parameters)).toMatchObject({
        status: 403,
        error: 'interaction_required',
      })
    expect(world.tenant.trace.of('tokens.issued')).toHaveLength(1)
  })

  it('of another browser cannot be continued', async () => {
    const world = start([onLogin(REDIRECT)])
    await world.logIn()
    const state = world.visits[0]?.searchParams.get('state') ?? ''
    const thief = world.otherBrowser()
    await thief.visit(`${world.tenant.origin}/continue?state=${state}`)
    expect(thief.page.text).toContain('invalid_request')
    await backAtContinue(world)
    expect(world.told()).toHaveProperty('code')
  })
})

describe('multifactor.enable', () => {
  const at = (world: World) => new URL(world.browser.page.url).pathname

  it('asks after all Actions and all redirects, and the ID token says so', async () => {
    const world = start(
      [
        onLogin(`api.multifactor.enable('any'); api.redirect.sendUserTo('${SITE}/verify')`),
        onLogin(`console.log(JSON.stringify(event.authentication.methods.map((m) => m.name)))`),
      ],
      withFactors('otp'),
    )
    await world.logIn()
    expect(world.visits).toHaveLength(1)
    await backAtContinue(world)
    expect(at(world)).toBe('/u/mfa-challenge')
    expect(legs(world)).toHaveLength(3)
    expect(legs(world)[2]?.log.trim()).toBe('["pwd"]')
    await drive.passChallenge(world.browser, world.tenant, EMAIL)
    const { code = '' } = world.told()
    const tokens = await world.token({
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
    })
    expect(decodeJwt(tokens.id_token).amr).toEqual(['mfa'])
  })

  it.each([
    ['none', 'any', 'none'],
    ['the last one', 'guardian', 'none'],
  ])('takes %s', async (_what, first, second) => {
    const world = start(
      [
        onLogin(`api.multifactor.enable('${first}')`),
        onLogin(`api.multifactor.enable('${second}')`),
      ],
      withFactors('otp'),
    )
    await world.logIn()
    expect(world.told()).toHaveProperty('code')
  })

  it('enrols a user who has no factor of the provider', async () => {
    const world = start(
      [onLogin(`api.multifactor.enable('google-authenticator')`)],
      withFactors('phone'),
    )
    await world.logIn()
    expect(at(world)).toBe('/u/mfa-enroll')
    expect(world.browser.page.text).toContain('authenticator app')
  })

  it('remembers the browser for thirty days where it may', async () => {
    const world = start(
      [onLogin(`api.multifactor.enable('any', { allowRememberBrowser: true })`)],
      withFactors('push-notification'),
    )
    await world.logIn()
    await drive.passChallenge(world.browser, world.tenant, EMAIL)
    await world.authorize()
    expect(world.told()).toHaveProperty('code')
    world.tenant.clock.advanceSeconds(31 * 24 * 3600)
    await world.logIn()
    expect(at(world)).toBe('/u/mfa-challenge')
  })

  it('leaves it to the person whether guardian remembers the browser', async () => {
    const world = start(
      [onLogin(`api.multifactor.enable('guardian', { allowRememberBrowser: true })`)],
      withFactors('push-notification'),
    )
    await world.logIn()
    expect(world.browser.page.text).toContain('Remember this browser')
    await drive.passChallenge(world.browser, world.tenant, EMAIL)
    await world.authorize()
    expect(at(world)).toBe('/u/mfa-challenge')
    await world.browser.submit('Approve', { remember_browser: 'true' }, 'approve')
    await world.authorize()
    expect(world.told()).toHaveProperty('code')
  })

  it('without leave to remember asks every time', async () => {
    const world = start(
      [onLogin(`api.multifactor.enable('any')`)],
      withFactors('push-notification'),
    )
    await world.logIn()
    await drive.passChallenge(world.browser, world.tenant, EMAIL)
    await world.authorize()
    expect(at(world)).toBe('/u/mfa-challenge')
  })

  it('gives way to a challenge of api.authentication', async () => {
    const world = start(
      [
        onLogin(
          `api.multifactor.enable('any'); api.authentication.challengeWith({ type: 'push-notification' })`,
        ),
      ],
      withFactors('otp', 'push-notification'),
    )
    await world.logIn()
    await drive.passChallenge(world.browser, world.tenant, EMAIL)
    expect(world.told()).toHaveProperty('code')
  })

  it('is login_required for a silent login and mfa_required at the token endpoint', async () => {
    const world = start(
      [
        onLogin(`if (event.request.query.response_type !== 'code' || event.request.query.prompt)
          api.multifactor.enable('any')`),
      ],
      withFactors('otp'),
    )
    await world.logIn()
    await world.authorize({ prompt: 'none' })
    expect(world.told()).toMatchObject({
      error: 'login_required',
      error_description: 'Multifactor authentication required',
    })
    expect(await world.token(password)).toMatchObject({ status: 403, error: 'mfa_required' })
  })

  it('fails the login for a provider there is not', async () => {
    const world = start([onLogin(`api.multifactor.enable('sms-by-pigeon')`)])
    await world.logIn()
    expect(world.told()).toMatchObject({ error: 'access_denied' })
  })
})

describe('challenges and enrolments', () => {
  const at = (world: World) => new URL(world.browser.page.url).pathname

  it('come between two Actions, and the next one sees the factor', async () => {
    const world = start(
      [
        onLogin(`api.authentication.challengeWith({ type: 'otp' })`),
        onLogin(`console.log(event.authentication.methods.at(-1).type)`),
      ],
      withFactors('otp'),
    )
    await world.logIn()
    expect(legs(world)).toHaveLength(1)
    await drive.passChallenge(world.browser, world.tenant, EMAIL)
    expect(legs(world)[1]?.log.trim()).toBe('otp')
    expect(world.told()).toHaveProperty('code')
  })

  it('are asked for again in the next login of the session: passing counts for one transaction', async () => {
    const world = start(
      [onLogin(`api.authentication.challengeWith({ type: 'push-notification' })`)],
      withFactors('push-notification'),
    )
    await world.logIn()
    await drive.passChallenge(world.browser, world.tenant, EMAIL)
    expect(world.told()).toHaveProperty('code')
    await world.authorize()
    expect(at(world)).toBe('/u/mfa-challenge')
  })

  it('enrol an authenticator app with a code it shows', async () => {
    const { TOTP } = await import('otpauth')
    const world = start([onLogin(`api.authentication.enrollWith({ type: 'otp' })`)])
    await world.logIn()
    expect(at(world)).toBe('/u/mfa-enroll')
    const secret = /\b[A-Z2-7]{32}\b/.exec(world.browser.page.text)?.[0] ?? ''
    await world.browser.submit(undefined, { code: '000000' })
    expect(world.browser.page.text).toContain('That is not right')
    const code = new TOTP({ secret }).generate({ timestamp: world.tenant.clock.now() })
    await world.browser.submit(undefined, { code })
    expect(world.told()).toHaveProperty('code')
    expect(user(world)?.factors).toEqual([{ type: 'otp', secret }])
    expect(world.tenant.logs().map(({ type }) => type)).toContain('gd_enrollment_complete')
  })

  it('enrol a phone by a code that was sent to it, after a choice', async () => {
    const world = start([
      onLogin(`api.authentication.enrollWithAny([{ type: 'otp' }, { type: 'phone' }])`),
    ])
    await world.logIn()
    await world.browser.submit(undefined, {}, 'phone')
    await world.browser.submit(undefined, { phone_number: '+1 555 0123' })
    const sent = world.tenant.phoneInbox.latest('+1 555 0123')
    await world.browser.submit(undefined, { code: sent?.code ?? '' })
    expect(world.told()).toHaveProperty('code')
    expect(user(world)?.factors).toMatchObject([{ type: 'phone', phone_number: '+1 555 0123' }])
  })

  it.each([
    ['voice', 'voice'],
    ['sms', 'sms'],
    ['both', 'sms'],
    ['by pigeon', 'sms'],
  ])('reach a phone that is enrolled with preferredMethod %s', async (preferredMethod, via) => {
    const world = start([
      onLogin(`api.authentication.enrollWith(
        { type: 'phone', options: { preferredMethod: '${preferredMethod}' } },
        { additionalFactors: [{ type: 'otp' }] })`),
    ])
    await world.logIn()
    await world.browser.submit(undefined, { phone_number: '+1 555 0123' })
    const sent = world.tenant.phoneInbox.latest('+1 555 0123')
    expect(sent?.via).toBe(via)
    await world.browser.submit(undefined, { code: sent?.code ?? '' })
    const kept = preferredMethod === 'by pigeon' ? 'sms' : preferredMethod
    expect(user(world)?.factors).toMatchObject([{ type: 'phone', preferredMethod: kept }])
  })

  it('skip the picker when one factor is left, and fail when none is', async () => {
    const anyOf = onLogin(
      `api.authentication.enrollWithAny([{ type: 'otp' }, { type: 'push-notification' }])`,
    )
    const one = start([anyOf], withFactors('otp'))
    await one.logIn()
    expect(one.browser.page.text).toContain('Push notification')
    await one.browser.submit()
    expect(one.told()).toHaveProperty('code')
    await one.authorize()
    expect(one.told()).toMatchObject({ error: 'access_denied' })
  })

  it('take nothing for an enrolment that is no factor', async () => {
    const world = start([onLogin(`api.authentication.enrollWith({ type: 'email' })`)])
    await world.logIn()
    expect(world.told()).toMatchObject({ error: 'access_denied' })
  })

  it('survive selectors that are none', async () => {
    const world = start([onLogin('api.authentication.challengeWithAny([null, 7, {}])')])
    await world.logIn()
    expect(world.told()).toMatchObject({ error: 'access_denied' })
  })
})

describe('session and refresh token', () => {
  const offline = { scope: 'openid offline_access' }

  it('session.revoke ends the session and its refresh tokens, unless they are to be kept', async () => {
    for (const [options, status] of [
      ['', 403],
      [', { preserveRefreshTokens: true }', 200],
    ] as const) {
      const world = start([
        onLogin(`if (event.request.query.revoke) api.session.revoke('gone'${options})`),
      ])
      const tokens = await world.tokens(offline)
      await world.authorize({ revoke: '1' })
      expect(world.told()).toMatchObject({ error: 'access_denied', error_description: 'gone' })
      await world.authorize({ prompt: 'none' })
      expect(world.told()).toMatchObject({ error: 'login_required' })
      expect((await world.token(refresh(tokens))).status).toBe(status)
    }
  })

  it('session.setExpiresAt and setIdleExpiresAt only shorten; the earliest wins', async () => {
    for (const method of ['setExpiresAt', 'setIdleExpiresAt']) {
      const world = start([
        onLogin(`if (event.stats.logins_count === 1 && !event.request.query.prompt) {
          api.session.${method}(Date.now() + 60000)
          api.session.${method}(Date.now() + 9e12) }`),
        onLogin(`console.log(event.session.expires_at, event.session.idle_expires_at)`),
      ])
      await world.logIn()
      world.tenant.clock.advanceSeconds(50)
      await world.authorize({ prompt: 'none' })
      const alive = world.told()
      expect(alive).toHaveProperty('code')
      world.tenant.clock.advanceSeconds(11)
      await world.authorize({ prompt: 'none' })
      // Coming by starts the idle time anew; the absolute one stays.
      if (method === 'setExpiresAt') expect(world.told()).toMatchObject({ error: 'login_required' })
      else expect(world.told()).toHaveProperty('code')
    }
  })

  it('session.setMetadata is seen by the next Action and the next login', async () => {
    const world = start([
      onLogin(`if (!event.request.query.prompt) api.session.setMetadata('risk', 'low')`),
      onLogin('console.log(JSON.stringify(event.session.metadata))'),
    ])
    await world.logIn()
    await world.authorize({ prompt: 'none' })
    expect([legs(world)[1]?.log.trim(), legs(world)[3]?.log.trim()]).toEqual([
      '{"risk":"low"}',
      '{"risk":"low"}',
    ])
  })

  it('session.setCookieMode writes the cookie again without an age', async () => {
    const world = start([onLogin(`api.session.setCookieMode('non-persistent')`)])
    await world.authorize()
    const answer = await world.browser.request(world.browser.page.url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ username: EMAIL, password: PASSWORD }).toString(),
    })
    const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('auth0='))
    expect(cookie).toBeDefined()
    expect(cookie).not.toMatch(/max-age|expires/i)
  })

  it('refreshToken.revoke denies the exchange and ends the token', async () => {
    const world = start([
      onLogin(`if (event.refresh_token && event.request.body.scope === 'openid')
        api.refreshToken.revoke('gone')`),
    ])
    const tokens = await world.tokens(offline)
    expect((await world.token(refresh(tokens))).status).toBe(200)
    expect(await world.token({ ...refresh(tokens), scope: 'openid' })).toMatchObject({
      error: 'access_denied',
      error_description: 'gone',
    })
    expect(await world.token(refresh(tokens))).toMatchObject({ error: 'invalid_grant' })
  })

  it('refreshToken.revoke does nothing where no refresh token is exchanged', async () => {
    const world = start([onLogin(`if (!event.refresh_token) api.refreshToken.revoke('gone')`)])
    const tokens = await world.tokens(offline)
    expect(tokens.status).toBe(200)
    expect((await world.token(refresh(tokens))).status).toBe(200)
  })

  it('refreshToken.setExpiresAt counts for the token the login issues', async () => {
    const world = start([
      onLogin(`if (!event.refresh_token) api.refreshToken.setExpiresAt(Date.now() + 3_600_000)`),
    ])
    const tokens = await world.tokens(offline)
    world.tenant.clock.advanceSeconds(3000)
    expect((await world.token(refresh(tokens))).status).toBe(200)
    world.tenant.clock.advanceSeconds(700)
    expect((await world.token(refresh(tokens))).status).toBe(403)
  })

  it('refreshToken.setMetadata stays with the token', async () => {
    const world = start([
      onLogin(`if (!event.refresh_token) api.refreshToken.setMetadata('device', 'phone')
        else console.log(JSON.stringify(event.refresh_token.metadata))`),
    ])
    await world.token(refresh(await world.tokens(offline)))
    expect(legs(world)[1]?.log.trim()).toBe('{"device":"phone"}')
  })
})

describe('setPrimaryUser', () => {
  const users = [
    { email: EMAIL, password: PASSWORD, user_id: 'auth0|one' },
    {
      email: 'primary@example.com',
      user_id: 'auth0|two',
      identities: [
        { provider: 'auth0', user_id: 'two', connection: 'db', isSocial: false },
        { provider: 'auth0', user_id: 'one', connection: 'db', isSocial: false },
      ],
    },
    { email: 'stranger@example.com', user_id: 'auth0|three' },
  ]

  it('makes the tokens for the primary user the identity is linked to', async () => {
    const world = start([onLogin(`api.authentication.setPrimaryUser('auth0|two')`)], { users })
    expect(decodeJwt((await world.tokens()).id_token)).toMatchObject({
      sub: 'auth0|two',
      email: 'primary@example.com',
    })
  })

  it.each(['auth0|three', 'auth0|nobody'])('fails the login for %s', async (id) => {
    const world = start([onLogin(`api.authentication.setPrimaryUser('${id}')`)], { users })
    await world.logIn()
    expect(world.told()).toMatchObject({ error: 'access_denied' })
    expect(world.told()).not.toHaveProperty('code')
  })
})

describe('a form', () => {
  it('comes back to the continue handler of the same Action', async () => {
    const world = start([
      onLogin(
        `api.prompt.render('ap_form', { fields: { nick: '' } })`,
        'console.log(event.prompt.fields.nick)',
      ),
    ])
    await world.logIn()
    await world.browser.submit(undefined, { nick: 'Ada' })
    expect(legs(world)[1]?.log.trim()).toBe('Ada')
    expect(world.told()).toHaveProperty('code')
  })
})
