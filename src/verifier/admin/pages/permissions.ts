/** Who may do what on the pages. Asked twice: for what is shown, and again when it is sent. */
import type { Actor, Role } from '../../ports-admin.ts'
import { permits } from '../roles.ts'

const NEEDS = {
  release: 'operator',
  lists: 'operator',
  draft: 'operator',
  watch: 'operator',
  activate: 'operator',
  backtest: 'operator',
  users: 'admin',
  tokens: 'admin',
  serviceAudit: 'admin',
} as const satisfies Record<string, Role>

export type Permission = keyof typeof NEEDS

export const may = ({ role }: Actor, permission: Permission): boolean =>
  permits(role, NEEDS[permission])

export const roleFor = (permission: Permission): Role => NEEDS[permission]
