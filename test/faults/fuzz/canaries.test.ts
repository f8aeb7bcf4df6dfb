/**
 * A word of its own through every input of the whole service, accepted and refused: afterwards no log
 * line, no metric, no span, no table, no header and no page holds one of them, but for the fields that
 * are made to carry it.
 */
import { connect } from 'node:net'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import { startNode } from '../../../src/node.ts'
import { startCollector } from '../../support/collector.ts'
import { type FreshDatabase, freshDatabase } from '../../support/database.ts'
import { liveToken, seedTenant, serviceEnvironment, TENANT } from '../../support/environment.ts'
import { attributesOf } from '../../support/page.ts'
import { CONTINUE_SECRET, IDENTIFIER_SECRET, SESSION_SECRET } from '../../support/tokens.ts'

const ORIGIN = 'http://verify.localhost:8400'
const STREAM_TOKEN = 'S9xVb8nQe4zKj7sWy0cRf3uLh6mPa9dGo2iYk5rXtJw'
const WORD = /canary\d+q/i

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
  await seedTenant(database.url)
})

const HEADERS = [
  'accept',
  'accept-language',
  'authorization',
  'cf-connecting-ip',
  'forwarded',
  'if-none-match',
  'origin',
  'referer',
  'sec-ch-ua',
  'sec-ch-ua-platform',
  'sec-fetch-dest',
  'sec-fetch-site',
  'sec-purpose',
  'traceparent',
  'user-agent',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-request-id',
]
const FIELDS = ['script', 'webdriver', 'elapsed_ms', 'time_zone', 'language', 'platform', 'other']
const FACTS = [
  'flow',
  'account_age_days',
  'factors',
  'first_challenge',
  'email_verified',
  'country',
  'language',
  'latitude',
  'email',
  'name',
  'anything',
]

it('no word that was sent is kept where nobody looks for it', async () => {
  const lines: string[] = []
  const collector = await startCollector()
  onTestFinished(() => collector.close())
  const service = await startNode(
    {
      ...serviceEnvironment(ORIGIN),
      RV_CLIENT_ADDRESS: 'forwarded:127.0.0.0/8',
      RV_COUNTRY_HEADER: 'x-country',
      RV_ASN_HEADER: 'x-asn',
      RV_LOG_STREAM_TOKENS: JSON.stringify({ [TENANT]: STREAM_TOKEN }),
      DATABASE_URL: database.url,
      RV_METRICS_PORT: '0',
      RV_OTLP_ENDPOINT: collector.endpoint,
    },
    { write: (line) => lines.push(line) },
  )
  onTestFinished(service.stop)
  const base = `http://127.0.0.1:${service.port}`
  let words = 0
  const word = () => {
    words += 1
    return `canary${words}q`
  }
  const seen = new Map<number, number>()
  const kept: string[] = []
  const answers: string[] = []

  /** Everything of an answer but the values of the fields that carry token and state. */
  async function look(what: string, response: Response): Promise<void> {
    const body = await response.text()
    seen.set(response.status, (seen.get(response.status) ?? 0) + 1)
    const told = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n')
    const carried = attributesOf(body)
      .filter(({ name }) => name === 'value' || name === 'action')
      .map(({ value }) => value)
    let rest = body
    for (const value of carried) {
      for (const form of [value, value.replaceAll('&', '&amp;')]) rest = rest.replaceAll(form, '')
    }
    answers.push(told + rest)
    if (WORD.test(told) || WORD.test(rest)) kept.push(what)
  }
  const post = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${base}/verify`, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        origin: ORIGIN,
        cookie: `__Host-rv=${'B'.repeat(43)}`,
        'x-forwarded-for': '198.51.100.7',
        ...headers,
      },
      body: new URLSearchParams({ script: '1', ...fields }),
    })
  const open = (query: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${base}/verify?${new URLSearchParams(query)}`, { redirect: 'manual', headers })
  /** Good in all but what is tried. */
  const good = () => ({
    session_token: liveToken({ sub: `auth0|${word()}`, jti: word(), email: word() }),
    state: word(),
  })

  for (const accept of ['text/html', 'application/json']) {
    for (const name of HEADERS.filter((header) => header !== 'accept')) {
      await look(`posted ${name}`, await post(good(), { accept, [name]: word() }))
      await look(`opened ${name}`, await open(good(), { accept, [name]: word() }))
      await look(`asked ${name}`, await fetch(`${base}/${word()}`, { headers: { [name]: word() } }))
    }
  }
  await look('accept', await post(good(), { accept: word() }))
  for (const cookie of ['__Host-rv', '__Host-rv-device', 'other']) {
    await look(`cookie ${cookie}`, await post(good(), { cookie: `${cookie}=${word()}` }))
  }
  for (const header of ['x-country', 'x-asn'])
    await look(header, await post(good(), { [header]: word() }))
  for (const field of FIELDS) await look(field, await post({ ...good(), [field]: word() }))
  for (const field of FIELDS) await look(field, await open({ ...good(), [word()]: word() }))
  for (const fact of FACTS) {
    const session_token = liveToken({ sub: `auth0|${word()}`, facts: { [fact]: word() } })
    await look(`fact ${fact}`, await post({ session_token, state: word() }))
  }
  for (const claim of [
    'iss',
    'ip',
    'aud',
    'nbf',
    'state',
    'decision',
    'continue_uri',
    'iat',
    'exp',
  ]) {
    const session_token = liveToken({ [claim]: word() })
    await look(`claim ${claim}`, await post({ session_token, state: word() }))
    await look(`claim ${claim}`, await open({ session_token, state: word() }))
  }
  for (const session_token of [
    word(),
    `${word()}.${word()}.${word()}`,
    `${liveToken()}${word()}`,
  ]) {
    await look('token', await post({ session_token, state: word() }))
    await look('token', await open({ session_token, state: word() }))
  }
  await look('body', await fetch(`${base}/verify`, { method: 'POST', body: word() }))
  await look('method', await fetch(`${base}/verify?x=${word()}`, { method: 'PUT', body: word() }))
  const event = {
    log_id: word(),
    data: {
      type: 's',
      date: new Date().toISOString(),
      user_id: `auth0|${word()}`,
      user_name: `${word()}@example.com`,
      ip: '198.51.100.9',
      user_agent: word(),
      client_name: word(),
      hostname: word(),
      details: { prompts: [{ name: word() }] },
    },
  }
  for (const authorization of [`Bearer ${STREAM_TOKEN}`, `Bearer ${word()}`]) {
    const headers = { authorization, 'content-type': 'application/json' }
    for (const body of [
      JSON.stringify([event]),
      `[${word()}`,
      JSON.stringify({ [word()]: event }),
    ]) {
      const hook = await fetch(`${base}/hooks/auth0-logs`, { method: 'POST', headers, body })
      await look('log stream', hook)
    }
  }
  // What no HTTP library would send.
  for (const line of [
    `GET /${word()}\r\n`,
    `${word()} / HTTP/1.1\r\n`,
    `GET / HTTP/1.1\r\n${word()}\r\n`,
  ]) {
    await new Promise<void>((closed) => {
      const socket = connect(service.port, '127.0.0.1', () => socket.end(`${line}\r\n\r\n`))
      let text = ''
      socket.on('data', (piece) => {
        text += String(piece)
      })
      socket.on('error', () => {})
      socket.on('close', () => {
        if (WORD.test(text)) kept.push(`raw ${line}`)
        closed()
      })
    })
  }
  await service.learn()
  await service.sweep()
  const scraped = await fetch(`http://127.0.0.1:${service.metricsPort}/metrics`)
  const metrics = await scraped.text()
  await service.stop()

  expect(kept).toEqual([])
  // The words came far enough to be refused for many reasons, and to be served.
  expect([...seen.keys()].sort()).toEqual(expect.arrayContaining([200, 400, 401, 403, 404, 405]))
  expect(seen.get(200)).toBeGreaterThan(50)
  expect(words).toBeGreaterThan(200)
  expect(lines.filter((line) => WORD.test(line))).toEqual([])
  expect(metrics).toMatch(/^rv_rejections_total\{.*\} \d/m)
  expect(metrics.split('\n').filter((line) => WORD.test(line))).toEqual([])
  expect(collector.spans().length).toBeGreaterThan(100)
  expect(collector.bodies.filter((body) => WORD.test(body))).toEqual([])

  const secrets = [SESSION_SECRET, CONTINUE_SECRET, IDENTIFIER_SECRET, STREAM_TOKEN]
  const rows = await everyRow(database)
  expect(rows.length).toBeGreaterThan(100)
  // A browser's time zone is a word of its own choice, and this is where it is kept.
  const zone = /"+time_zone"+: "+canary\d+q"+/g
  expect(rows.filter((row) => WORD.test(row.replace(zone, '')))).toEqual([])
  for (const text of [...lines, metrics, ...collector.bodies, ...answers, ...rows]) {
    expect(text).not.toMatch(/198\.51\.100\.\d/)
    for (const secret of secrets) expect(text.includes(secret)).toBe(false)
  }
  for (const text of [...lines, metrics, ...collector.bodies]) expect(text).not.toContain('eyJ')
  expect(rows.filter((row) => row.includes('eyJ'))).toEqual([])
})

/** The whole database as text, bytes as hex. */
async function everyRow({ sql }: FreshDatabase): Promise<string[]> {
  const tables = await sql<{ name: string }[]>`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition`
  const rows = await Promise.all(
    tables.map(({ name }) => sql<{ row: string }[]>`select t::text as row from ${sql(name)} as t`),
  )
  return rows.flat().map(({ row }) => row)
}
