import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { openWorld, passVerifier, placeOf } from '../support/world.ts'

const database = await freshDatabase()

describe.each([
  ['checked by validateToken as well', true],
  ['checked by the Action alone', false],
])('a reset that nothing speaks against, sub %s', (_, validateTokenChecksSub) => {
  const tenant = { switches: { validateTokenChecksSub } }

  it('goes through, and leaves one record that says so', async () => {
    const world = await openWorld(database, { tenant })
    const email = world.addUser()
    const { browser, page } = await world.arrive(email)
    expect(placeOf(page)).toBe('arrival')
    expect(placeOf(await browser.autoSubmit())).toBe('leaving')
    expect(placeOf(await browser.autoSubmit())).toBe('new password')
    expect(await world.passwordOf(email)).toBe('old')
    expect(placeOf(await world.setPassword(browser))).toBe('done')
    expect(await world.passwordOf(email)).toBe('new')

    const records = await world.records()
    expect(records).toHaveLength(1)
    expect(records[0]).toMatchObject({ outcome: 'allow', assessed: 'allow' })
    expect(world.actionLog()).toMatchObject([
      { wire: 1, outcome: 'sent' },
      {
        wire: 1,
        outcome: 'allow',
        reference: records[0]?.reference,
        assessment: records[0]?.id,
      },
    ])
  })
})

describe('the way back', () => {
  it('is a form post: the continue token stands in no address', async () => {
    const world = await openWorld(database)
    const { browser } = await world.arrive(world.addUser())
    await passVerifier(browser)
    const back = browser.hops.find(({ url }) => new URL(url).pathname === '/continue')
    expect(back?.method).toBe('POST')
    expect([...new URL(back?.url ?? '').searchParams.keys()]).toEqual(['state'])
  })

  it('is a plain navigation where the tenant asks for one', async () => {
    const world = await openWorld(database, { settings: { continueMethod: 'get' } })
    const email = world.addUser()
    const { browser } = await world.arrive(email)
    const leaving = await browser.autoSubmit()
    expect(leaving.forms).toEqual([])
    expect(placeOf(await browser.click('Continue'))).toBe('new password')
    expect(browser.hops.at(-2)?.method).toBe('GET')
    await world.setPassword(browser)
    expect(await world.passwordOf(email)).toBe('new')
  })

  it('leads on to another site when a result URL asks for it', async () => {
    const world = await openWorld(database, {
      tenant: { switches: { resultUrlAt: 'continue' } },
      actions: (reference) => [
        reference,
        {
          name: 'result-url',
          code: `exports.onExecutePostChallenge = async (event, api) => {
            api.transaction.setResultUrl('http://app.localhost:9/done')
          }`,
        },
      ],
    })
    const { browser } = await world.arrive(world.addUser())
    browser.route('http://app.localhost:9', () => new Response('welcome'))
    const page = await passVerifier(browser)
    expect(page.url).toBe('http://app.localhost:9/done')
  })
})

/** Somebody's own Action, with a name of its own for the token. */
const OTHER_PARAMETER = `
exports.onExecutePostChallenge = async (event, api) => {
  const token = api.redirect.encodeToken({
    secret: event.secrets.RV_SESSION_SECRET,
    payload: { facts: { flow: 'password_reset', factors: [] } },
  })
  api.redirect.sendUserTo(event.secrets.RV_URL + '/verify', { query: { rv_ticket: token } })
}
exports.onContinuePostChallenge = async (event, api) => {
  const answer = api.redirect.validateToken({
    secret: event.secrets.RV_CONTINUE_SECRET,
    tokenParameterName: 'rv_ticket',
  })
  if (answer.decision !== 'allow') api.access.deny('no')
}
`

it('takes and returns the token under the name that the tenant was given', async () => {
  const world = await openWorld(database, {
    tenantEntry: { token_parameter: 'rv_ticket' },
    actions: ({ secrets }) => [
      { name: 'own-action', code: OTHER_PARAMETER, ...(secrets ? { secrets } : {}) },
    ],
  })
  const email = world.addUser()
  const { browser, page } = await world.arrive(email)
  expect(new URL(page.url).searchParams.has('rv_ticket')).toBe(true)
  expect(placeOf(await passVerifier(browser))).toBe('new password')
  expect(await world.records()).toMatchObject([{ outcome: 'allow' }])
})

it('refuses the token under any other name than the one that the tenant was given', async () => {
  const world = await openWorld(database, { tenantEntry: { token_parameter: 'rv_ticket' } })
  const { page } = await world.arrive(world.addUser())
  expect(placeOf(page)).toBe('refused by the verifier')
  expect(page.status).toBe(400)
  expect(await world.records()).toEqual([])
})
