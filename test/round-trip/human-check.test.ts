/** The human check over the whole round trip: what an answer is worth to a person, and to a program. */
import { solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/web/sha'
import type { Challenge } from 'altcha-lib/types'
import { expect, it } from 'vitest'
import type { Page } from '../../src/emulator/index.ts'
import { freshDatabase } from '../support/database.ts'
import { openWorld, passVerifier, placeOf } from '../support/world.ts'

const database = await freshDatabase()
const open = () =>
  openWorld(database, { tenantEntry: { human_check: { kind: 'proof_of_work', work: 1000 } } })

function challengeOn({ body }: Page): Challenge {
  const [, text = ''] = /data-challenge="([^"]*)"/.exec(body) ?? []
  return JSON.parse(text.replaceAll('&quot;', '"'))
}

async function answerTo(challenge: Challenge): Promise<string> {
  return JSON.stringify({ challenge, solution: await solveChallenge({ challenge, deriveKey }) })
}

it('a browser that did the work goes on, and its record says so', async () => {
  const world = await open()
  const { browser, page } = await world.arrive(world.addUser())
  await browser.submit(undefined, { human: await answerTo(challengeOn(page)) })
  expect(placeOf(await browser.autoSubmit())).toBe('new password')
  const [record] = await world.records()
  expect(record?.decision?.reasons).toMatchObject([
    expect.anything(),
    { rule: 'human_challenge_passed', signals: { human_challenge: 'passed' } },
  ])
})

it('a browser without script goes on, unproven', async () => {
  const world = await open()
  const { browser } = await world.arrive(world.addUser())
  expect(placeOf(await passVerifier(browser))).toBe('new password')
})

it('the work of one session token is worth nothing with another: the answer is a denial', async () => {
  const world = await open()
  const first = await world.arrive(world.addUser())
  const answer = await answerTo(challengeOn(first.page))
  await first.browser.submit(undefined, { human: answer })
  expect(placeOf(await first.browser.autoSubmit())).toBe('new password')

  const email = world.addUser()
  const second = await world.arrive(email)
  await second.browser.submit(undefined, { human: answer })
  expect(placeOf(await second.browser.autoSubmit())).toBe('stopped')
  expect((await world.records()).at(-1)).toMatchObject({
    outcome: 'deny',
    decision: { codes: expect.arrayContaining(['check_failed']) },
  })
  expect(await world.passwordOf(email)).toBe('old')
})
