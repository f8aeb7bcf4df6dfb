/** Which record a completion confirms: one clear case of each kind, and everything that makes it unclear. */
import { describe, expect, it } from 'vitest'
import { confirmedByClaim, confirmedByEvent } from '../../src/verifier/confirm.ts'
import type { CandidateRecord, DueEvent, ResetClaim } from '../../src/verifier/ports-learning.ts'

const AT = 1_800_000_000
const HOUR = 3600
const DAY = 86_400

const recordOf = (id: string, changes: Partial<CandidateRecord> = {}): CandidateRecord => ({
  id,
  openedAt: id,
  at: AT - 600,
  outcome: 'allow',
  assessed: 'allow',
  confirmed: false,
  enforced: true,
  addresses: ['7', '8'],
  device: '5',
  factorSeen: false,
  lastResetAgeDays: 30,
  ...changes,
})
const without = (record: CandidateRecord, ...names: (keyof CandidateRecord)[]): CandidateRecord =>
  Object.fromEntries(
    Object.entries(record).filter(([name]) => !names.includes(name as keyof CandidateRecord)),
  ) as unknown as CandidateRecord

describe('a password change that the log tells of', () => {
  const eventOf = (records: readonly CandidateRecord[], changes: Partial<DueEvent> = {}) => ({
    key: 'k',
    kind: 'reset' as const,
    user: '1',
    at: AT,
    address: '7',
    records,
    ...changes,
  })
  const confirmed = (...records: CandidateRecord[]) => confirmedByEvent(eventOf(records))?.id

  it.each([
    ['was allowed', {}],
    ['was seen at the address by one side alone', { addresses: ['7'] }],
    ['was stepped up by an Action that enforces', { outcome: 'step_up', assessed: 'step_up' }],
    [
      'was stepped up, and a factor succeeded',
      { outcome: 'step_up', assessed: 'step_up', enforced: false, factorSeen: true },
    ],
    ['was allowed to an Action that observes', { enforced: false }],
    ['came without a device cookie', { device: undefined }],
  ] as const)('confirms the one record that %s', (_case, changes) => {
    expect(confirmed(recordOf('r', changes as Partial<CandidateRecord>))).toBe('r')
  })

  it.each([
    ['was denied', { outcome: 'deny', assessed: 'deny' }],
    ['was denied for want of a factor', { outcome: 'deny', assessed: 'step_up' }],
    ['was let through by monitoring alone', { outcome: 'allow', assessed: 'step_up' }],
    ['was let through by monitoring, a denial', { outcome: 'allow', assessed: 'deny' }],
    [
      'was stepped up by an Action that observes',
      { outcome: 'step_up', assessed: 'step_up', enforced: false },
    ],
    ['was seen at other addresses', { addresses: ['8', '9'] }],
    ['was seen at no address', { addresses: [] }],
    ['is confirmed already', { confirmed: true }],
  ] as const)('confirms no record that %s', (_case, changes) => {
    expect(confirmed(recordOf('r', changes as Partial<CandidateRecord>))).toBeUndefined()
  })

  it('confirms a stepped-up login only where its factor was seen: a session logs in without one', () => {
    const login = (changes: Partial<CandidateRecord>) =>
      confirmedByEvent(eventOf([recordOf('r', changes)], { kind: 'login' }))?.id
    const steppedUp = { outcome: 'step_up', assessed: 'step_up' } as const
    expect(login({})).toBe('r')
    expect(login({ ...steppedUp, factorSeen: true })).toBe('r')
    expect(login({ ...steppedUp, factorSeen: false })).toBeUndefined()
  })

  it('confirms no record that nobody has settled', () => {
    expect(confirmed(without(recordOf('r'), 'outcome', 'assessed'))).toBeUndefined()
  })

  it('without an address confirms nothing', () => {
    const { address: _address, ...event } = eventOf([recordOf('r')])
    expect(confirmedByEvent(event)).toBeUndefined()
  })

  it('confirms nothing when there is no record', () => {
    expect(confirmed()).toBeUndefined()
  })

  it('tells two transactions apart by their addresses', () => {
    const elsewhere = recordOf('thief', { addresses: ['66'], device: '99' })
    expect(confirmed(elsewhere, recordOf('mine'))).toBe('mine')
    expect(confirmed(recordOf('mine'), elsewhere)).toBe('mine')
  })

  it('takes the newest of several that one browser was allowed', () => {
    expect(confirmed(recordOf('new'), recordOf('old'), recordOf('oldest'))).toBe('new')
  })

  it.each([
    ['another device', { device: '6' }],
    ['no device', { device: undefined }],
    ['a step-up', { outcome: 'step_up', assessed: 'step_up' }],
    ['a denial', { outcome: 'deny', assessed: 'deny' }],
    ['no decision yet', { outcome: undefined }],
  ] as const)('is nobody’s when another record at the address has %s', (_case, changes) => {
    const other = recordOf('other', changes as Partial<CandidateRecord>)
    expect(confirmed(recordOf('r'), other)).toBeUndefined()
    expect(confirmed(other, recordOf('r'))).toBeUndefined()
  })
})

describe('a token that tells the age of the last reset', () => {
  /** The reset lies two days back: within the day that ends two days before the token. */
  const claimOf = (records: readonly CandidateRecord[], changes: Partial<ResetClaim> = {}) => ({
    id: 'claim',
    openedAt: 'claim',
    at: AT,
    lastResetAgeDays: 2,
    records,
    ...changes,
  })
  const inside = { at: AT - 2 * DAY - 12 * HOUR }
  const confirmed = (...records: CandidateRecord[]) => confirmedByClaim(claimOf(records))?.id

  it('confirms the only record of that day', () => {
    expect(confirmed(recordOf('r', inside))).toBe('r')
  })

  it.each([
    ['at the end of the day', AT - 2 * DAY, 'r'],
    ['after it', AT - 2 * DAY + 61, undefined],
    ['at its beginning', AT - 3 * DAY, 'r'],
    ['an hour before it, to be completed in it', AT - 3 * DAY - HOUR, 'r'],
    ['too long before it to be completed in it', AT - 3 * DAY - HOUR - 1100, undefined],
  ])('a record that was opened %s', (_case, at, expected) => {
    expect(confirmed(recordOf('r', { at }))).toBe(expected)
  })

  it.each([
    ['allowed', {}],
    ['denied', { outcome: 'deny', assessed: 'deny' }],
    ['never settled', { outcome: undefined, assessed: undefined }],
    ['confirmed already', { confirmed: true }],
  ] as const)(
    'confirms none of two records, whether the other one was %s or not',
    (_case, changes) => {
      const other = recordOf('other', { ...inside, ...(changes as Partial<CandidateRecord>) })
      expect(confirmed(recordOf('r', inside), other)).toBeUndefined()
      expect(confirmed(other, recordOf('r', inside))).toBeUndefined()
    },
  )

  it('is not confused by a record of another day', () => {
    expect(confirmed(recordOf('later', { at: AT - DAY }), recordOf('r', inside))).toBe('r')
  })

  it.each([
    [0, undefined],
    [1, undefined],
    [2, 'r'],
    [400, 'r'],
  ])(
    'a record whose own token said that the reset before it was %i days old',
    (lastResetAgeDays, expected) => {
      expect(confirmed(recordOf('r', { ...inside, lastResetAgeDays }))).toBe(expected)
    },
  )

  it('confirms no record whose own token said nothing of an earlier reset', () => {
    expect(confirmed(without(recordOf('r', inside), 'lastResetAgeDays'))).toBeUndefined()
  })

  it.each([
    ['a denial', { outcome: 'deny', assessed: 'deny' }],
    ['what only monitoring let through', { assessed: 'step_up' }],
    [
      'a step-up, which a thief may have left unfinished',
      { outcome: 'step_up', assessed: 'step_up' },
    ],
    [
      'a step-up on a day when the user passed some factor',
      { outcome: 'step_up', assessed: 'step_up', factorSeen: true },
    ],
    [
      'a step-up that was only observed',
      { outcome: 'step_up', assessed: 'step_up', enforced: false },
    ],
  ] as const)('never confirms %s', (_case, changes) => {
    expect(confirmed(recordOf('r', { ...inside, ...changes }))).toBeUndefined()
  })

  it('confirms nothing that lies further back than records are surely kept', () => {
    const at = AT - 11 * DAY - 12 * HOUR
    const claim = (age: number) =>
      confirmedByClaim(
        claimOf([recordOf('r', { at: at + (11 - age) * DAY })], { lastResetAgeDays: age }),
      )
    expect(claim(10)?.id).toBe('r')
    expect(claim(11)).toBeUndefined()
  })

  it('says nothing without an age', () => {
    const { lastResetAgeDays: _age, ...claim } = claimOf([recordOf('r', inside)])
    expect(confirmedByClaim(claim)).toBeUndefined()
  })
})
