/** The part of the Management API (`/api/v2`) that Actions, tests and deploy tools need. */
import { Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import { mountAbsentApi } from './management-absent.ts'
import { mountActionsApi } from './management-actions.ts'
import { refuseManagement } from './management-gate.ts'
import { mountTenantApi } from './management-tenant.ts'
import { mountUsersApi } from './management-users.ts'

export function mountManagement(app: Hono, core: TenantCore) {
  const api = new Hono()
  mountUsersApi(api, core)
  mountActionsApi(api, core)
  mountTenantApi(api, core)
  mountAbsentApi(api, core)
  // Deploy tools pass over what a tenant says it does not have.
  api.all('*', (c) => refuseManagement(c, 404, 'This operation is not emulated.', 'not_emulated'))
  app.route('/api/v2', api)
}
