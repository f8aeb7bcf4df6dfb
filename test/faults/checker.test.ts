/** The checker itself: one history that holds, and one change away from it each promise that does not. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { check, type Expectation } from './checker.ts'
import type { Answer, Evidence, Operation, Transaction } from './history.ts'
import { CONTINUE_ORIGIN, MARK, secretPattern, sign, spellings } from './tenant.ts'

const hash: Expectation['hash'] = (purpose, value) =>
  createHash('sha256').update(`${purpose} ${value}`).digest('hex')
const EXPECTED: Expectation = {
  hash,
  continueOrigin: CONTINUE_ORIGIN,
  deadline: 1000,
  secret: secretPattern(['the session secret']),
}
const transactionOf = (name: string): Transaction => ({
  tokenId: `token ${name}`,
  subject: `subject ${name}`,
  state: `state-${name}`,
  token: `text ${name}`,
  address: '198.18.0.1',
})
const ANN = transactionOf('ann')
const BOB = transactionOf('bob')

function answered(
  { state }: Transaction,
  assessmentId: string,
  changes: Partial<Answer> = {},
): Operation['result'] {
  const answer: Answer = {
    assessmentId,
    outcome: 'allow',
    degraded: false,
    action: `${CONTINUE_ORIGIN}/continue?state=${state}`,
    token: 'R',
    issuedAt: 0,
    expiresAt: 120,
    ...changes,
  }
  return { kind: 'ok', answer }
}

const operation = (changes: Partial<Operation> = {}): Operation => {
  const transaction = changes.transaction ?? ANN
  return {
    kind: 'verify',
    transaction,
    state: transaction.state,
    browser: `browser of ${transaction.tokenId}`,
    start: 0,
    end: 100,
    result: answered(transaction, `record of ${transaction.tokenId}`),
    ...changes,
  }
}

/** Ann and Bob verify, Bob's answer is lost, a thief of Ann's link is refused. */
const GOOD: Evidence = {
  operations: [
    operation(),
    operation({ kind: 'again', start: 200, end: 300 }),
    operation({ kind: 'stolen', browser: 'thief', result: { kind: 'refused', status: 400 } }),
    operation({ transaction: BOB, result: { kind: 'unknown', why: 'ECONNRESET' } }),
    operation({
      transaction: BOB,
      result: { kind: 'unavailable', status: 503, retryAfter: true },
    }),
  ],
  continued: [
    {
      transaction: ANN,
      assessmentId: 'record of token ann',
      outcome: 'allow',
      degraded: false,
    },
  ],
  tables: {
    redemptions: [ANN, BOB].map(({ tokenId, state, subject }) => ({
      token_key: hash('token', tokenId),
      state_hash: hash('state', state),
      subject_hash: hash('subject', subject),
      assessment_id: `record of ${tokenId}`,
    })),
    claims: [ANN, BOB].map(({ tokenId, state }) => ({
      state_hash: hash('state', state),
      token_key: hash('token', tokenId),
    })),
    assessments: [
      { id: 'record of token ann', outcome: 'allow' },
      // Committed, not acknowledged, not written back yet.
      { id: 'record of token bob', outcome: null },
    ],
  },
  log: ['{"event":"request","status":200}'],
}

const more = (...operations: Operation[]): Evidence => ({
  ...GOOD,
  operations: [...GOOD.operations, ...operations],
})
const tables = (changes: Partial<Evidence['tables']>): Evidence => ({
  ...GOOD,
  tables: { ...GOOD.tables, ...changes },
})
const [annRow, bobRow] = GOOD.tables.redemptions as [
  Evidence['tables']['redemptions'][number],
  Evidence['tables']['redemptions'][number],
]
const degraded = { degraded: true, assessmentId: 'of nobody' }

describe('the checker', () => {
  it('finds nothing in a history that holds', () => {
    expect(check(GOOD, EXPECTED)).toEqual([])
  })

  it('lets a degraded answer differ from the record, as long as it adds friction', () => {
    const result = answered(ANN, 'of nobody', { degraded: true, outcome: 'step_up' })
    expect(check(more(operation({ result })), EXPECTED)).toEqual([])
  })

  it.each<[string, string, Evidence]>([
    [
      'I1',
      'an answer whose record was lost',
      tables({ assessments: GOOD.tables.assessments.slice(1) }),
    ],
    ['I1', 'an answer whose token is unspent', tables({ redemptions: [bobRow] })],
    [
      'I1',
      'a record for another state',
      tables({ redemptions: [{ ...annRow, state_hash: hash('state', 'x') }, bobRow] }),
    ],
    [
      'I1',
      'a record for another subject',
      tables({ redemptions: [{ ...annRow, subject_hash: 'x' }, bobRow] }),
    ],
    [
      'I1',
      'half a pair that nobody saw',
      tables({ assessments: GOOD.tables.assessments.slice(0, 1) }),
    ],
    ['I1', 'a forged token that is answered', more(operation({ kind: 'forged' }))],
    [
      'I1',
      'an answer that the tenant took and no record holds',
      {
        ...GOOD,
        continued: [{ transaction: BOB, assessmentId: 'x', outcome: 'allow', degraded: false }],
      },
    ],
    ['I2', 'two decisions for one token', more(operation({ result: answered(ANN, 'another') }))],
    [
      'I2',
      'a second outcome under the same record',
      more(operation({ result: answered(ANN, 'record of token ann', { outcome: 'deny' }) })),
    ],
    [
      'I2',
      'one token answered for two states',
      more(
        operation({
          state: 'state-x',
          result: answered({ ...ANN, state: 'state-x' }, 'record of token ann'),
        }),
      ),
    ],
    [
      'I2',
      'one state answered for two tokens',
      more(operation({ transaction: { ...BOB, state: ANN.state } })),
    ],
    [
      'I2',
      'a stored outcome that was not the one sent',
      tables({
        assessments: [
          { id: 'record of token ann', outcome: 'deny' },
          ...GOOD.tables.assessments.slice(1),
        ],
      }),
    ],
    [
      'I2',
      'a record that belongs to no token',
      tables({ assessments: [...GOOD.tables.assessments, { id: 'stray', outcome: null }] }),
    ],
    [
      'I2',
      'a spent token without a claim on its state',
      tables({ claims: GOOD.tables.claims.slice(1) }),
    ],
    [
      'I3',
      'a second browser that is answered',
      more(operation({ kind: 'stolen', browser: 'thief' })),
    ],
    [
      'I4',
      'a degraded allow',
      more(operation({ result: answered(ANN, 'x', { ...degraded, outcome: 'allow' }) })),
    ],
    [
      'I5',
      'a way back to another host',
      more(
        operation({
          result: answered(ANN, 'record of token ann', {
            action: `${CONTINUE_ORIGIN}.evil.example/continue?state=${ANN.state}`,
          }),
        }),
      ),
    ],
    ['I6', 'a mark in the log', { ...GOOD, log: [`{"state":"${MARK}x"}`] }],
    ['I6', 'a token in the log', { ...GOOD, log: [`{"where":"${sign({}, 'k')}"}`] }],
    ['I6', 'an address in the log', { ...GOOD, log: ['{"where":"198.18.3.4"}'] }],
    ['I6', 'a secret in the log', { ...GOOD, log: ['the session secret'] }],
    ['I7', 'an answer after the deadline', more(operation({ end: 1001 }))],
    [
      'I7',
      'a refusal for now that does not say when',
      more(operation({ result: { kind: 'unavailable', status: 503, retryAfter: false } })),
    ],
    [
      'I7',
      'a failure of its own',
      more(operation({ result: { kind: 'broken', what: 'status 500' } })),
    ],
  ])('%s: finds %s', (invariant, _what, evidence) => {
    const found = check(evidence, EXPECTED).map((finding) => finding.invariant)
    expect(found).toContain(invariant)
  })

  it('shows the history of the token that it is about, and of no other', () => {
    const second = operation({ kind: 'stolen', browser: 'thief' })
    const [finding] = check(more(second), EXPECTED)
    expect(finding?.history).toContain(second)
    expect(finding?.history.every(({ transaction }) => transaction === ANN)).toBe(true)
  })
})

describe('the spellings that the thieves use', () => {
  it('are other texts that a lenient decoder reads alike', () => {
    const token = sign({ a: 1 }, 'key')
    const bytes = (text: string) =>
      Buffer.from(text.split('.')[2] ?? '', 'base64url').toString('hex')
    expect(spellings(token).length).toBeGreaterThanOrEqual(5)
    for (const text of spellings(token)) {
      expect(text).not.toBe(token)
      expect(bytes(text)).toBe(bytes(token))
    }
  })
})
