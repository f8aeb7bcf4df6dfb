/** While the secret of the pseudonyms is replaced: both are shown to the store, one is learned under. */
import { describe, expect, it } from 'vitest'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { readEvents } from '../../src/verifier/learn-events.ts'
import { openingOf } from '../../src/verifier/request-facts.ts'
import { DEVICE, sessionOf } from '../support/app.ts'
import { IDENTIFIER_SECRET } from '../support/tokens.ts'

const OLD_SECRET = 'oLd3Bl9sQm4xRb7tZn0cLf5yHj8pDg1aEo6uTi3XkQw'
const old = createIdentifiers(OLD_SECRET)
const now = createIdentifiers(IDENTIFIER_SECRET)
const rotating = createIdentifiers(IDENTIFIER_SECRET, OLD_SECRET)

const opening = (identifiers: typeof now) =>
  openingOf(
    {
      session: { ...sessionOf(), address: () => '203.0.113.7' },
      state: 'S1',
      binding: 'browser-1',
      visit: {
        address: '2001:db8:1:2::9',
        network: {},
        deviceId: DEVICE,
        client: { script: true },
      },
      assessmentId: '00000000-0000-4000-8000-000000000001',
      engineVersion: '1',
      knownPolicies: [],
    },
    identifiers,
  )

describe('an opening', () => {
  it('names the user, both addresses and the device under the new secret, and beside it under the old one', () => {
    const { user, tokenAddress, visitAddress, device } = opening(old)
    expect(opening(rotating)).toEqual({
      ...opening(now),
      previous: { user, tokenAddress, visitAddress, device },
    })
  })

  it('stores nothing under the old secret: the facts are the new one’s', () => {
    expect(opening(rotating).request).toEqual(opening(now).request)
    expect(JSON.stringify(opening(rotating).request)).not.toContain(opening(old).device)
  })

  it('keeps tokens, states and browsers bound as they were', () => {
    const { tokenKey, stateHash, bindingHash } = opening(old)
    expect(opening(rotating)).toMatchObject({ tokenKey, stateHash, bindingHash })
  })

  it('has no second name when there is no previous secret', () => {
    expect(opening(now)).not.toHaveProperty('previous')
  })
})

it('an event of the log names its user under both', () => {
  const item = {
    log_id: '1',
    data: { type: 's', date: '2026-11-04T00:15:10Z', user_id: 'auth0|1' },
  }
  const period = { from: 0, until: 4_000_000_000 }
  const [event] = readEvents([item], 'acme', rotating, period).events
  expect(event).toMatchObject({
    user: now.pseudonym('acme', 'user', 'auth0|1'),
    previousUser: old.pseudonym('acme', 'user', 'auth0|1'),
  })
  expect(readEvents([item], 'acme', now, period).events[0]).not.toHaveProperty('previousUser')
})
