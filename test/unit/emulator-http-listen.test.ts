/**
 * The tenant on a port, seen over the network: http on a `*.localhost` name, and HTTPS with its own
 * certificate.
 */
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, expect, it } from 'vitest'
import { createBrowser, createTenant, drive, type Tenant } from '../../src/emulator/index.ts'
import { action, EMAIL, NEW_PASSWORD, OLD_PASSWORD } from '../support/emulated-tenant.ts'

const tenants: Tenant[] = []
const tenantOf = (...given: Parameters<typeof createTenant>) => {
  const tenant = createTenant(...given)
  tenants.push(tenant)
  return tenant
}
afterEach(async () => {
  await Promise.all(tenants.splice(0).map((tenant) => tenant.close()))
})

const USERS = [{ email: EMAIL, password: OLD_PASSWORD }]

it.each([
  ['http', false],
  ['https', true],
])('carries a whole reset over %s', async (scheme, https) => {
  const tenant = tenantOf({
    users: USERS,
    actions: {
      'password-reset-post-challenge': [
        { name: 'a', code: action('console.log(event.request.hostname, event.request.ip)') },
      ],
    },
  })
  const { origin, certificate } = await tenant.listen({ https })
  expect(origin).toMatch(new RegExp(`^${scheme}://tenant\\.localhost:\\d+$`))
  expect(tenant.origin).toBe(origin)
  const browser = createBrowser(certificate ? { certificates: [certificate] } : {})
  await drive.resetPassword(browser, tenant, { email: EMAIL, newPassword: NEW_PASSWORD })
  expect(browser.page.title).toContain('Your password has been changed')
  expect(await tenant.users.checkPassword(EMAIL, NEW_PASSWORD)).toBe(true)
  expect(Object.keys(await browser.cookies(origin))).toEqual(['auth0'])
  expect(tenant.trace.of('action.ran')[0]?.data.log.trim()).toBe('tenant.localhost 127.0.0.1')
})

it('refuses a certificate nobody vouched for', async () => {
  const tenant = tenantOf()
  const { origin } = await tenant.listen({ https: true })
  await expect(createBrowser().visit(origin)).rejects.toThrow()
})

it('answers on loopback alone', async () => {
  const tenant = tenantOf()
  const { port } = await tenant.listen()
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)
  // A machine without a network has nothing that could be reached from outside.
  if (!outside) return
  const reached = await new Promise((resolve) => {
    const socket = connect({ host: outside.address, port, timeout: 2000 })
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('timeout', () => resolve(false))
    socket.once('close', () => socket.destroy())
  })
  expect(reached).toBe(false)
})

it('gives a tenant of another name its own host in events, and answers as tenant.localhost', async () => {
  const tenant = tenantOf({
    host: 'acme.eu.auth0.com',
    users: USERS,
    actions: {
      'password-reset-post-challenge': [
        { name: 'a', code: action('console.log(event.request.hostname, event.custom_domain)') },
      ],
    },
  })
  expect(tenant.origin).toBe('https://acme.eu.auth0.com')
  const { origin } = await tenant.listen()
  expect(new URL(origin).hostname).toBe('tenant.localhost')
  await drive.resetPassword(createBrowser(), tenant, { email: EMAIL })
  expect(tenant.trace.of('action.ran')[0]?.data.log.trim()).toBe('acme.eu.auth0.com undefined')
})

it('shows the custom domain the browser used, with its metadata', async () => {
  const tenant = tenantOf({
    users: USERS,
    customDomains: [{ domain: 'login.localhost', domain_metadata: { brand: 'x' } }],
    actions: {
      'password-reset-post-challenge': [
        {
          name: 'a',
          code: action('console.log(event.request.hostname, JSON.stringify(event.custom_domain))'),
        },
      ],
    },
  })
  const browser = createBrowser({ routes: { 'http://login.localhost': tenant.fetch } })
  await browser.visit(
    `http://login.localhost/u/reset-password/request?client_id=${tenant.clients.all()[0]?.client_id}`,
  )
  await browser.submit(undefined, { email: EMAIL })
  await drive.openResetLink(browser, tenant, EMAIL)
  expect(tenant.trace.of('action.ran')[0]?.data.log.trim()).toBe(
    'login.localhost {"domain":"login.localhost","domain_metadata":{"brand":"x"}}',
  )
})

it('frees its port when closed', async () => {
  const tenant = tenantOf()
  const first = await tenant.listen()
  await first.close()
  const again = await tenant.listen({ port: first.port })
  expect(again.port).toBe(first.port)
  await expect(tenant.listen({ port: again.port })).rejects.toThrow(/EADDRINUSE/)
})
