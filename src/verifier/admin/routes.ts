/** Every route of the operator's API, in the order in which the reference shows them. */

import type { AdminRoute } from './route.ts'
import { ACCESS_ROUTES } from './routes-access.ts'
import { ASSESSMENT_ROUTES } from './routes-assessments.ts'
import { LIST_ROUTES } from './routes-lists.ts'
import { POLICY_ROUTES } from './routes-policies.ts'
import { POLICY_WORK_ROUTES } from './routes-policy-work.ts'

export const ROUTES: readonly AdminRoute[] = [
  ...ASSESSMENT_ROUTES,
  ...POLICY_ROUTES,
  ...POLICY_WORK_ROUTES,
  ...LIST_ROUTES,
  ...ACCESS_ROUTES,
]
