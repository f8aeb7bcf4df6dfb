/** The Node entry as the demo starts it: a real server on loopback, a real database, real tokens. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type NodeOptions, startNode } from '../../src/node.ts'
import { OWN_POST } from '../support/app.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'
import { liveToken, seedTenant, serviceEnvironment } from '../support/environment.ts'
import { formOf, textOf } from '../support/page.ts'
import { CONTINUE_SECRET, openToken, SUBJECT } from '../support/tokens.ts'

const ORIGIN = 'http://verify.localhost:8400'

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
  await seedTenant(database.url)
})

async function start(databaseUrl = database.url, options: NodeOptions = {}) {
  const lines: Record<string, unknown>[] = []
  const env = { ...serviceEnvironment(ORIGIN), DATABASE_URL: databaseUrl }
  const service = await startNode(env, {
    write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
    ...options,
  })
  onTestFinished(service.stop)
  const base = `http://127.0.0.1:${service.port}`
  const open = (token: string, state: string) =>
    fetch(`${base}/verify?${new URLSearchParams({ session_token: token, state })}`, {
      headers: { accept: 'text/html' },
    })
  const post = (token: string, state: string, cookie = OWN_POST.cookie) =>
    fetch(`${base}/verify`, {
      method: 'POST',
      headers: { accept: 'text/html', origin: ORIGIN, cookie },
      body: new URLSearchParams({ session_token: token, state, script: '1' }),
    })
  return { ...service, base, lines, open, post }
}

const rows = async () => {
  const [row] = await database.sql`
    select (select count(*) from redemption)::int as redemptions,
      (select count(*) from assessment)::int as assessments,
      (select count(*) from assessment where decision is not null)::int as settled`
  return row as { redemptions: number; assessments: number; settled: number }
}

describe('the service', () => {
  it('answers a verification with a signed token and leaves one settled record', async () => {
    const { open, post, stop, lines } = await start()
    const before = await rows()
    const token = liveToken()
    const arrival = await open(token, 'state-1')
    const page = await arrival.text()
    expect(arrival.status).toBe(200)
    expect(textOf(page)).toContain('Acme Bank')
    expect(formOf(page).fields.session_token).toBe(token)
    expect(await rows()).toEqual(before)

    const cookie = (arrival.headers.getSetCookie()[0] as string).split(';')[0] as string
    const leaving = await post(token, 'state-1', cookie)
    const form = formOf(await leaving.text())
    expect(leaving.status).toBe(200)
    expect(form.action).toBe('https://acme.eu.auth0.com/continue?state=state-1')
    const claims = openToken(form.fields.session_token as string, CONTINUE_SECRET)
    expect(claims).toMatchObject({ sub: SUBJECT, state: 'state-1', flow: 'password_reset' })

    const repeat = formOf(await (await post(token, 'state-1', cookie)).text())
    const again = openToken(repeat.fields.session_token as string, CONTINUE_SECRET)
    expect(again).toMatchObject({ jti: claims.jti, decision: claims.decision })
    expect((await post(token, 'state-1')).status).toBe(400)

    await stop()
    expect(await rows()).toEqual({
      redemptions: before.redemptions + 1,
      assessments: before.assessments + 1,
      settled: before.settled + 1,
    })
    expect(lines.map((line) => line.event)).toEqual([
      'starting',
      'listening',
      'request',
      'assessment',
      'request',
      'assessment',
      'request',
      'request',
      'stopped',
    ])
    expect(JSON.stringify(lines)).not.toContain(token.slice(-20))
    expect(JSON.stringify(lines)).not.toContain('state-1')
  })

  it('sends both cookies, each by itself, and every header once, until the last answer', async () => {
    const { open, drain } = await start()
    const names = async () => {
      const { headers } = await open(liveToken(), 'state-1')
      const cookies = headers.getSetCookie().map((cookie) => cookie.split('=')[0])
      expect(cookies).toEqual(['__Host-rv', '__Host-rv-device'])
      expect(headers.get('content-security-policy')?.match(/default-src/g)).toHaveLength(1)
      expect(headers.get('referrer-policy')).toBe('same-origin')
      expect(headers.get('strict-transport-security')).toContain('max-age=')
      return headers.get('connection')
    }
    expect(await names()).toBe('keep-alive')
    await drain()
    expect(await names()).toBe('close')
  })

  it('is ready, and says so once in the log', async () => {
    const { base, lines } = await start()
    for (let i = 0; i < 3; i += 1) expect((await fetch(`${base}/readyz`)).status).toBe(200)
    expect(lines.filter((line) => line.event === 'readiness')).toMatchObject([{ ready: true }])
  })

  it('is not ready while its clock is far from the database', async () => {
    const clock = () => Math.floor(Date.now() / 1000) + 60
    const { base, lines } = await start(database.url, { clock })
    expect((await fetch(`${base}/readyz`)).status).toBe(503)
    const [readiness] = lines.filter((line) => line.event === 'readiness')
    expect(readiness).toMatchObject({ ready: false })
    expect(readiness?.clock_skew_seconds).toBeGreaterThan(55)
  })

  it('starts without Postgres, is alive and not ready, and asks people to try again', async () => {
    const nobody = createServer().listen(0, '127.0.0.1')
    await once(nobody, 'listening')
    const { port } = nobody.address() as { port: number }
    nobody.close()
    await once(nobody, 'close')
    const { base, open, post, lines } = await start(`postgres://x:y@127.0.0.1:${port}/z`)
    expect((await fetch(`${base}/livez`)).status).toBe(200)
    expect((await fetch(`${base}/readyz`)).status).toBe(503)
    const token = liveToken()
    expect((await open(token, 's')).status).toBe(200)
    const refused = await post(token, 's')
    expect(refused.status).toBe(503)
    expect(textOf(await refused.text())).toContain('Your link still works')
    expect(JSON.stringify(lines)).not.toContain('postgres://')
  })

  it('goes on serving while a body stays away', async () => {
    const { base, port } = await start()
    const socket = await half(port)
    expect((await fetch(`${base}/livez`)).status).toBe(200)
    socket.destroy()
  })

  it('finishes what is under way when it stops, and takes nothing new', async () => {
    const { stop, port, base } = await start()
    const socket = await half(port)
    const answer = text(socket)
    const stopped = stop()
    expect(stop()).toBe(stopped)
    await expect(fetch(`${base}/livez`)).rejects.toThrow()
    socket.write('x')
    expect(await answer).toMatch(/^HTTP\/1\.1 400 /)
    await stopped
  })
})

/** A post whose last byte is still to come. */
async function half(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const head = [
    'POST /verify HTTP/1.1',
    'Host: verify.localhost',
    `Origin: ${ORIGIN}`,
    `Cookie: ${OWN_POST.cookie}`,
    'Content-Type: application/x-www-form-urlencoded',
    'Content-Length: 9',
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\nstate=12`)
  // The server has read the head once it has accepted the connection and answered somebody else.
  await (await fetch(`http://127.0.0.1:${port}/livez`)).text()
  return socket
}

async function text(socket: Socket): Promise<string> {
  let all = ''
  for await (const piece of socket) all += String(piece)
  return all
}

describe('the program', () => {
  const ENTRY = fileURLToPath(new URL('../../src/node.ts', import.meta.url))
  const run = (env: Record<string, string>) => {
    const child = spawn(process.execPath, ['--import', 'tsx', ENTRY], {
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    onTestFinished(() => {
      child.kill('SIGKILL')
    })
    return child
  }

  it('names every fault at once, shows no value, and exits with a failure', async () => {
    const child = run({
      RV_TENANTS: '[{"id":"CANARY"}]',
      RV_SECRETS: '{"canary":"canary"}',
      RV_PUBLIC_ORIGIN: 'canary',
      RV_CLIENT_ADDRESS: 'canary',
      RV_UNKNOWN: 'canary',
    })
    const [errors, output, [code]] = await Promise.all([
      text(child.stderr as unknown as Socket),
      text(child.stdout as unknown as Socket),
      once(child, 'exit'),
    ])
    expect(code).toBe(1)
    expect(output + errors).not.toMatch(/canary/i)
    for (const name of [
      'DATABASE_URL must be set',
      'RV_TENANTS',
      'RV_IDENTIFIER_SECRET must be set',
      'RV_PUBLIC_ORIGIN',
      'RV_CLIENT_ADDRESS',
      'RV_UNKNOWN',
    ]) {
      expect(errors).toContain(name)
    }
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('stops in order on %s', async (signal) => {
    const child = run({ ...serviceEnvironment(ORIGIN), DATABASE_URL: database.url })
    let output = ''
    child.stdout.on('data', (piece) => {
      output += String(piece)
      if (output.includes('"listening"') && !output.includes('"stopping"')) child.kill(signal)
    })
    const [code] = await once(child, 'exit')
    expect(code).toBe(0)
    const events = output
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { event: string }).event)
    expect(events).toEqual(['starting', 'listening', 'stopping', 'stopped'])
  })

  it('says what to do when the port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    onTestFinished(() => {
      taken.close()
    })
    const { port } = taken.address() as { port: number }
    const env = { ...serviceEnvironment(ORIGIN), DATABASE_URL: database.url, RV_PORT: `${port}` }
    const child = run(env)
    const [errors, [code]] = await Promise.all([
      text(child.stderr as unknown as Socket),
      once(child, 'exit'),
    ])
    expect(code).toBe(1)
    expect(errors).toContain('EADDRINUSE: choose another RV_HOST or RV_PORT')
  })
})
