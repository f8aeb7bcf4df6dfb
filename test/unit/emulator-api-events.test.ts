/** The events of both triggers (contract 2.2 and 3.1), and that their types fit what Actions do. */
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { FactorSelector } from '../../src/emulator/runtime/execution.ts'
import {
  buildPostChallengeEvent,
  type PostChallengeEventInput,
} from '../../src/emulator/triggers/post-challenge-event.ts'
import type {
  PostChallengeApi,
  PostChallengeEvent,
  PostChallengeHandler,
} from '../../src/emulator/triggers/post-challenge-types.ts'
import {
  buildPostLoginEvent,
  type PostLoginEventInput,
} from '../../src/emulator/triggers/post-login-event.ts'
import type {
  PostLoginApi,
  PostLoginEvent,
  PostLoginHandler,
} from '../../src/emulator/triggers/post-login-types.ts'

const CREATED = '2025-01-02T03:04:05.000Z'
const RESET: PostChallengeEventInput = {
  tenantName: 'acme',
  client: { client_id: 'app_1', name: 'Shop' },
  connection: { id: 'con_1', name: 'Username-Password-Authentication', strategy: 'auth0' },
  loginsCount: 62,
  methods: [{ name: 'email', timestamp: CREATED }],
  request: { method: 'GET', ip: '192.0.2.7', hostname: 'acme.localhost' },
  user: { user_id: 'auth0|abc', created_at: CREATED, updated_at: CREATED },
}

describe('the post-challenge event', () => {
  it('event: every required member is there, and no optional one that nobody gave', () => {
    expect(buildPostChallengeEvent(RESET)).toEqual({
      authentication: { methods: [{ name: 'email', timestamp: CREATED }] },
      authorization: { roles: [] },
      client: { client_id: 'app_1', name: 'Shop', metadata: {} },
      configuration: {},
      connection: { id: 'con_1', name: 'Username-Password-Authentication', strategy: 'auth0' },
      request: {
        method: 'GET',
        ip: '192.0.2.7',
        hostname: 'acme.localhost',
        query: {},
        body: {},
        geoip: {},
      },
      stats: { logins_count: 62 },
      tenant: { id: 'acme' },
      transaction: { locale: 'en', ui_locales: [] },
      user: {
        user_id: 'auth0|abc',
        created_at: CREATED,
        updated_at: CREATED,
        email_verified: false,
        app_metadata: {},
        user_metadata: {},
        identities: [
          {
            connection: 'Username-Password-Authentication',
            isSocial: false,
            provider: 'auth0',
            user_id: 'abc',
          },
        ],
      },
    })
  })

  it('event: has no session, refresh_token, resource_server, security_context or asn', () => {
    const event = buildPostChallengeEvent(RESET)
    for (const name of ['session', 'refresh_token', 'resource_server', 'security_context']) {
      expect(event).not.toHaveProperty(name)
    }
    expect(event.request).not.toHaveProperty('asn')
    expect(event.transaction).not.toHaveProperty('id')
    expect(event.transaction).not.toHaveProperty('metadata')
  })

  it('event: secrets are left to the runtime', () => {
    expect(buildPostChallengeEvent(RESET)).not.toHaveProperty('secrets')
  })

  it('event.user.enrolledFactors: unknown is absent, none is an empty list', () => {
    expect(buildPostChallengeEvent(RESET).user).not.toHaveProperty('enrolledFactors')
    const user = { ...RESET.user, enrolledFactors: [] }
    expect(buildPostChallengeEvent({ ...RESET, user }).user.enrolledFactors).toEqual([])
  })

  it('event.authentication.riskAssessment: holds a third party alone', () => {
    const akamai = { akamaiUserRisk: { score: 50 } }
    expect(buildPostChallengeEvent({ ...RESET, akamai }).authentication.riskAssessment).toEqual({
      supplemental: { akamai },
    })
  })

  it('event: the optional parts appear when they are given', () => {
    const given = {
      customDomain: { domain: 'login.acme.test', domain_metadata: { env: 'test' } },
      organization: { id: 'org_1', name: 'acme', display_name: 'Acme', metadata: {} },
      prompt: { id: 'ap_1', fields: { pet: 'cat' }, vars: {} },
    }
    expect(buildPostChallengeEvent({ ...RESET, ...given })).toMatchObject({
      custom_domain: given.customDomain,
      organization: given.organization,
      prompt: given.prompt,
    })
  })

  it('event: the same input gives the same event', () => {
    expect(JSON.stringify(buildPostChallengeEvent(RESET))).toBe(
      JSON.stringify(buildPostChallengeEvent(structuredClone(RESET))),
    )
  })

  it('event: an override reaches any depth, replaces lists and takes members away', () => {
    const event = buildPostChallengeEvent(
      { ...RESET, roles: ['a', 'b'] },
      {
        authorization: { roles: ['c'] },
        request: { geoip: { countryCode: 'DE' }, hostname: undefined },
        user: { app_metadata: { plan: 'gold' } },
      },
    )
    expect(event.authorization.roles).toEqual(['c'])
    expect(event.request).toEqual({
      method: 'GET',
      ip: '192.0.2.7',
      query: {},
      body: {},
      geoip: { countryCode: 'DE' },
    })
    expect(event.user.app_metadata).toEqual({ plan: 'gold' })
    expect(event.user.user_id).toBe('auth0|abc')
  })
})

const LOGIN: PostLoginEventInput = {
  ...RESET,
  methods: [{ name: 'pwd', timestamp: CREATED }],
  transaction: { id: 'tx_1', protocol: 'oidc-basic-profile', redirect_uri: 'https://app/cb' },
}

describe('the post-login event', () => {
  it('event: has a transaction with metadata, and what the login request said', () => {
    expect(buildPostLoginEvent(LOGIN).transaction).toEqual({
      id: 'tx_1',
      protocol: 'oidc-basic-profile',
      redirect_uri: 'https://app/cb',
      acr_values: [],
      locale: 'en',
      metadata: {},
      prompt: [],
      requested_scopes: [],
      ui_locales: [],
    })
  })

  it('event: hands through what only post-login has', () => {
    const given = {
      agent: { agent_id: 'agt_1', name: 'Agent', agent_metadata: {} },
      refresh_token: { id: 'rt_1', created_at: CREATED },
      resource_server: { identifier: 'https://api' },
      security_context: { ja3: 'x', ja4: 'y' },
      session: { id: 'sess_1' },
      session_transfer_token: { client_id: 'app_1', scope: [], request: { ip: '192.0.2.7' } },
    }
    expect(buildPostLoginEvent({ ...LOGIN, ...given })).toMatchObject(given)
    for (const name of Object.keys(given)) {
      expect(buildPostLoginEvent(LOGIN)).not.toHaveProperty(name)
    }
  })

  it('event.request.asn: is there when the tenant knows it', () => {
    const request = { ...LOGIN.request, asn: 'AS64500' }
    expect(buildPostLoginEvent({ ...LOGIN, request }).request.asn).toBe('AS64500')
  })

  it("event.authentication.riskAssessment: Auth0's own, with its codes", () => {
    const riskAssessment = {
      confidence: 'low',
      version: '1',
      assessments: { NewDevice: { code: 'no_match', confidence: 'low' } },
    } as const
    expect(buildPostLoginEvent({ ...LOGIN, riskAssessment }).authentication?.riskAssessment).toBe(
      riskAssessment,
    )
  })

  it('event: an override changes one member alone', () => {
    const event = buildPostLoginEvent(LOGIN, { transaction: { protocol: 'oauth2-refresh-token' } })
    expect(event.transaction?.protocol).toBe('oauth2-refresh-token')
    expect(event.transaction?.id).toBe('tx_1')
  })
})

describe('the types of Action code', () => {
  it('a secret may be missing, and a method says what it returns', () => {
    expectTypeOf<PostChallengeEvent['secrets'][string]>().toEqualTypeOf<string | undefined>()
    expectTypeOf<PostChallengeApi['access']['deny']>().returns.toBeVoid()
    expectTypeOf<PostLoginApi['access']['deny']>().returns.toEqualTypeOf<PostLoginApi>()
    expectTypeOf<PostChallengeApi>().not.toHaveProperty('user')
    expectTypeOf<PostChallengeApi['redirect']>().not.toHaveProperty('canRedirect')
    expectTypeOf<PostLoginEvent>().toHaveProperty('session')
    expectTypeOf<PostChallengeEvent>().not.toHaveProperty('session')
  })

  it('a handler is an async function of event and api', () => {
    const reset: PostChallengeHandler = async (event, api) => {
      const factors = event.user.enrolledFactors?.map(({ type }) => ({ type })) ?? []
      const [first, ...others] = factors
      if (first) api.authentication.challengeWith(first, { additionalFactors: others })
      const { secrets } = event
      const { decision } = api.redirect.validateToken({ secret: secrets.MY_SECRET })
      if (decision !== 'allow') api.access.deny('no')
    }
    const login: PostLoginHandler = async (event, api) => {
      if (event.transaction?.metadata.nonce === undefined) {
        api.transaction.setMetadata('nonce', 'n')
      }
      api.samlResponse.setAudience('x').idToken.setCustomClaim('a', 1)
    }
    expect([reset, login].map((handler) => handler.constructor.name)).toEqual([
      'AsyncFunction',
      'AsyncFunction',
    ])
    expectTypeOf<{ type: string }>().toExtend<FactorSelector>()
  })
})
