/**
 * The operator's pages. Mounted behind the gate, which has told who acts before anything here runs, and
 * after whatever else lives below `/admin`: the last route answers for every address that is left.
 */
import { Hono } from 'hono'
import type { AdminApp, AdminDeps } from '../admin-deps.ts'
import { addAssessment } from './assessment.tsx'
import { addAssessments } from './assessments.tsx'
import { ASSETS } from './assets.ts'
import { addAudit } from './audit.tsx'
import { addBacktest } from './backtest.tsx'
import { addCompare } from './compare.tsx'
import { sendFailure, sendMissing } from './errors.tsx'
import { addLists } from './lists.tsx'
import { addOverview } from './overview.tsx'
import { addPolicies } from './policies.tsx'
import { addPolicySteps } from './policy-steps.tsx'
import { addTenants } from './tenants.tsx'
import { addTokens } from './tokens.tsx'
import { addUsers } from './users.tsx'

/** Paths are below `/admin`. */
export function createAdminPages(deps: AdminDeps): AdminApp {
  const app: AdminApp = new Hono()
  app.onError((error, c) => sendFailure(c, error))
  const { notice } = deps
  if (notice !== undefined) {
    app.use(async (c, next) => {
      c.set('notice', notice)
      await next()
    })
  }

  app.get('/assets/:name', (c) => {
    const asset = ASSETS.get(c.req.param('name'))
    if (asset === undefined) return sendMissing(c)
    // The name changes with the content.
    c.header('Cache-Control', 'private, max-age=31536000, immutable')
    return c.body(asset.text, 200, { 'Content-Type': asset.type })
  })

  addTenants(app, deps)
  // Nothing but a configured tenant may be named in a path.
  app.use('/tenants/:tenant/*', async (c, next) => {
    const tenant = c.req.param('tenant')
    return deps.tenants.has(tenant) ? await next() : sendMissing(c, 'There is no such tenant.')
  })
  addOverview(app, deps)
  addAssessments(app, deps)
  addAssessment(app, deps)
  addPolicies(app, deps)
  addPolicySteps(app, deps)
  addCompare(app, deps)
  addBacktest(app, deps)
  addLists(app, deps)
  addUsers(app, deps)
  addAudit(app, deps)
  addTokens(app, deps)
  app.all('*', (c) => sendMissing(c))
  return app
}
