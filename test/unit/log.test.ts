/** The log: what is listed is written, and nothing else ever is, whatever a caller passes by force. */
import fc from 'fast-check'
import '../support/seed.ts'
import { describe, expect, it } from 'vitest'
import { createLog, type Log, type LogEvent } from '../../src/verifier/log.ts'
import { NOW, sessionToken } from '../support/tokens.ts'

function logging() {
  const lines: string[] = []
  return {
    lines,
    log: createLog(
      (line) => lines.push(line),
      () => NOW,
    ),
  }
}

/** As a caller does that got round the compiler. */
type ForcedLog = (event: string, fields: Readonly<Record<string, unknown>>) => void
const forced = (log: Log) => log as unknown as ForcedLog

const REQUEST = {
  request_id: '0d3f6a52-7c1e-4b8e-9c55-2f6d1f0a9b31',
  tenant_id: 'acme',
  method: 'POST',
  route: '/verify',
  status: 400,
  code: 'token_spent',
  duration_ms: 12.5,
} as const

describe('the log', () => {
  it('writes one JSON object in one line, with the time and the event', () => {
    const { lines, log } = logging()
    log('request', REQUEST)
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toContain('\n')
    expect(JSON.parse(lines[0] as string)).toEqual({ time: NOW, event: 'request', ...REQUEST })
  })

  it('writes the fields of an assessment', () => {
    const { lines, log } = logging()
    const fields = {
      assessment_id: REQUEST.request_id,
      reference: '1MZP-MWKW',
      flow: 'password_reset',
      outcome: 'step_up',
      assessed: 'deny',
      mode: 'enforce',
      reasons: 'new_device,new_country',
      policy_version: 3,
      fresh: true,
      degraded: false,
      key_index: 1,
      token_age_seconds: -2,
      store_error: '57P01',
    } as const
    log('assessment', fields)
    expect(JSON.parse(lines[0] as string)).toEqual({ time: NOW, event: 'assessment', ...fields })
  })

  it('leaves out what is not given', () => {
    const { lines, log } = logging()
    log('request', { status: 200, tenant_id: undefined })
    expect(JSON.parse(lines[0] as string)).toEqual({ time: NOW, event: 'request', status: 200 })
  })

  it.each<readonly [string, Readonly<Record<string, unknown>>]>([
    ['a field that no event has', { message: 'boom' }],
    ['a field of another event', { outcome: 'allow' }],
    ['the time', { time: 0 }],
    ['a token as code', { code: sessionToken() }],
    ['an e-mail address as tenant', { tenant_id: 'a@b.example' }],
    ['an address as tenant', { tenant_id: '203.0.113.7' }],
    ['a path with a query as route', { route: '/verify?session_token=x' }],
    ['a path that somebody asked for as route', { route: '/verify/%00' }],
    ['a state as request id', { request_id: 'hKFo2SBpb2tTNkxQ' }],
    ['a line break in a code', { code: 'a\n{"event":"forged"}' }],
    ['an object', { code: { toString: () => 'token_spent' } }],
    ['a list', { status: [400] }],
    ['text for a number', { status: '400' }],
    ['no number', { status: Number.NaN }],
    ['an error', { code: new Error('select * from secret') }],
  ])('drops %s', (_, fields) => {
    const { lines, log } = logging()
    forced(log)('request', fields)
    expect(JSON.parse(lines[0] as string)).toEqual({ time: NOW, event: 'request' })
  })

  it.each([
    'new_device, new_country',
    'new_device,',
    'a@b.example',
    '203.0.113.7',
    Array(33).fill('code').join(','),
  ])('drops as reasons %s', (reasons) => {
    const { lines, log } = logging()
    forced(log)('assessment', { reasons })
    expect(JSON.parse(lines[0] as string)).toEqual({ time: NOW, event: 'assessment' })
  })

  it('lets others hear what it writes, and nothing that it does not', () => {
    const heard: unknown[] = []
    const log = createLog(
      () => {},
      () => NOW,
      (event, fields) => void heard.push([event, fields]),
    )
    forced(log)('request', { status: 200, message: 'boom', code: sessionToken() })
    forced(log)('unheard_of', REQUEST)
    expect(heard).toEqual([['request', { time: NOW, event: 'request', status: 200 }]])
  })

  it.each(['unheard_of', 'toString', '__proto__', 'constructor'])('drops the event %s', (event) => {
    const { lines, log } = logging()
    forced(log)(event, REQUEST)
    expect(lines).toEqual([])
  })

  it('has no field that lets a secret of any usual form through', () => {
    const secrets = [
      sessionToken(),
      'person@mail.example',
      '203.0.113.77',
      '2001:db8:1:2::77',
      'auth0|6510a1b2c3d4e5f60718293a',
      'postgres://user:pass@db/app',
      'Key (subject)=(auth0|1) already exists.',
      '-----BEGIN KEY-----',
    ]
    const names = ['starting', 'request', 'assessment', 'readiness', 'failure', 'stopping'] as const
    for (const event of names satisfies readonly LogEvent[]) {
      for (const secret of secrets) {
        const { lines, log } = logging()
        const every = new Proxy({}, { get: () => secret })
        forced(log)(event, every)
        expect(JSON.parse(lines[0] as string)).toEqual({ time: NOW, event })
      }
    }
  })

  it('writes flat values only, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const { lines, log } = logging()
        forced(log)('assessment', new Proxy({}, { get: () => value }))
        for (const written of Object.values(JSON.parse(lines[0] as string))) {
          expect(['string', 'number', 'boolean']).toContain(typeof written)
        }
      }),
    )
  })

  it('does not compile with a field or a value that is not listed', () => {
    const { log } = logging()
    // @ts-expect-error a field that no event has
    log('request', { message: 'boom' })
    // @ts-expect-error a code that is no rejection
    log('request', { code: 'who knows' })
    // @ts-expect-error an event that does not exist
    log('rumour', {})
    expect(log).toBeTypeOf('function')
  })
})
