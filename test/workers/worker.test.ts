/**
 * The bundle that would be deployed, on the real runtime (workerd), against the real database through
 * Hyperdrive's local stand-in. Not the whole round trip: that the same application runs there at all.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { OWN_POST } from '../support/app.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'
import { liveToken, seedTenant, serviceEnvironment } from '../support/environment.ts'
import { formOf, textOf } from '../support/page.ts'
import { CONTINUE_SECRET, openToken, SUBJECT } from '../support/tokens.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const ORIGIN = 'https://verify.example.com'
const out = mkdtempSync(join(tmpdir(), 'redirect-verifier-worker-'))
const bundle = join(out, 'worker.js')

/** What wrangler.toml says, so that a change there is a change here. */
const [, compatibilityDate = ''] =
  /^compatibility_date = "([^"]+)"/m.exec(readFileSync(join(ROOT, 'wrangler.toml'), 'utf8')) ?? []

let database: FreshDatabase
let outdated: FreshDatabase
beforeAll(async () => {
  const wrangler = createRequire(import.meta.url).resolve('wrangler/bin/wrangler.js')
  const built = spawnSync(
    process.execPath,
    [wrangler, 'deploy', '--dry-run', '--minify', '--outdir', out],
    {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' },
    },
  )
  if (built.status !== 0) throw new Error(`the bundle was not built: ${built.stderr}`)
  database = await freshDatabase()
  await seedTenant(database.url)
  outdated = await freshDatabase()
  await outdated.sql`delete from schema_migration`
})
afterAll(() => rmSync(out, { recursive: true, force: true }))

function worker(bindings: Record<string, string> = {}, url = database.url) {
  const lines: string[] = []
  const miniflare = new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.js', contents: readFileSync(bundle, 'utf8') }],
    modulesRoot: '/',
    compatibilityDate,
    compatibilityFlags: ['nodejs_compat'],
    hyperdrives: { HYPERDRIVE: url },
    bindings: { ...serviceEnvironment(ORIGIN, 'header:cf-connecting-ip'), ...bindings },
    handleRuntimeStdio(output: Readable, errors: Readable) {
      for (const stream of [output, errors]) {
        stream.on('data', (piece: Buffer) => lines.push(piece.toString('utf8')))
      }
    },
  })
  onTestFinished(() => miniflare.dispose())
  const headers = { ...OWN_POST, origin: ORIGIN, 'cf-connecting-ip': '203.0.113.7' }
  return {
    miniflare,
    lines,
    get: (path: string, accept = 'text/html') =>
      miniflare.dispatchFetch(`${ORIGIN}${path}`, { headers: { accept } }),
    post: (token: string, state: string) =>
      miniflare.dispatchFetch(`${ORIGIN}/verify`, {
        method: 'POST',
        headers,
        cf: { country: 'CH', asn: 64_500, latitude: '47.37690', longitude: '8.54170' },
        body: new URLSearchParams({ session_token: token, state, script: '1' }).toString(),
      }),
  }
}

const link = (token: string, state: string) =>
  `/verify?${new URLSearchParams({ session_token: token, state })}`

it('is below one mebibyte, compressed', () => {
  expect(statSync(bundle).size).toBeGreaterThan(10_000)
  expect(gzipSync(readFileSync(bundle)).length).toBeLessThan(1024 * 1024)
})

describe('on workerd', () => {
  it('verifies: the page, the decision, the record with what the edge knows', async () => {
    const { get, post } = worker()
    const token = liveToken()
    const arrival = await get(link(token, 'state-1'))
    expect(arrival.status).toBe(200)
    expect(arrival.headers.get('set-cookie')).toMatch(/^__Host-rv=[A-Za-z0-9_-]{43}; /)
    expect(arrival.headers.get('content-security-policy')).toContain("form-action 'self'")
    expect(formOf(await arrival.text()).fields.session_token).toBe(token)

    const leaving = await post(token, 'state-1')
    const form = formOf(await leaving.text())
    expect(leaving.status).toBe(200)
    expect(form.action).toBe('https://acme.eu.auth0.com/continue?state=state-1')
    const claims = openToken(form.fields.session_token as string, CONTINUE_SECRET)
    expect(claims).toMatchObject({ sub: SUBJECT, state: 'state-1', flow: 'password_reset' })

    const [row] = await database.sql`
      select facts #> '{request,visit_network}' as network from assessment where id = ${claims.jti as string}`
    expect(row?.network).toMatchObject({
      country: 'CH',
      asn: 64_500,
      latitude: 47.4,
      longitude: 8.5,
      family: 4,
    })
  })

  it('serves one request after another and several at once in one isolate', async () => {
    const { post, get } = worker()
    const tokens = Array.from({ length: 5 }, () => liveToken())
    const answers = await Promise.all(tokens.map((token, i) => post(token, `state-many-${i}`)))
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200])
    const repeat = await post(tokens[0] as string, 'state-many-0')
    expect(repeat.status).toBe(200)
    expect((await post(tokens[0] as string, 'state-other')).status).toBe(400)
    expect((await get('/livez')).status).toBe(200)
  })

  it('learns the names of its tenants after its first answer', async () => {
    const { get } = worker()
    const page = async () => textOf(await (await get('/verify')).text())
    await page()
    await expect.poll(page).toContain('Acme Bank')
  })

  it('is ready, and is not where the schema is too old', async () => {
    expect((await worker().get('/readyz')).status).toBe(200)
    expect((await worker({}, outdated.url).get('/readyz')).status).toBe(503)
  })

  it('settles on schedule what a request left open', async () => {
    const { post, miniflare } = worker()
    const token = liveToken()
    const form = formOf(await (await post(token, 'state-open')).text())
    const { jti } = openToken(form.fields.session_token as string, CONTINUE_SECRET)
    const id = jti as string
    await database.sql`
      update assessment set decision = null, settled_at = null, outcome = null, assessed = null,
        score = null, opened_at = opened_at - interval '2 minutes'
      where id = ${id}`
    const service = await miniflare.getWorker()
    await service.scheduled({ cron: '*/5 * * * *' })
    const settled = async () => {
      const [row] = await database.sql`select decision from assessment where id = ${id}`
      return row?.decision
    }
    await expect.poll(settled, { timeout: 10_000 }).toMatchObject({ mode: 'enforce' })
  })

  it('answers 503 when it is misconfigured, and names the fault in the log without a value', async () => {
    const { get, lines } = worker({ RV_SECRETS: '{"acme":{"session":["canary"]}}' })
    const response = await get('/livez')
    expect(response.status).toBe(503)
    expect(await response.text()).toBe('{"status":"unavailable"}')
    await expect.poll(() => lines.join('')).toContain('RV_SECRETS.acme')
    expect(lines.join('')).not.toContain('canary')
  })
})
