/** Cloudflare Access in front: whom its verified token names, with the role that the configuration gives. */
import type { AccessSettings } from '../config-admin.ts'
import type { Role } from '../ports-admin.ts'
import type { AccessCheck } from './admin-deps.ts'
import { highestRole } from './roles.ts'

/** The claims of a token whose signature, issuer, audience and times hold. */
export interface VerifiedAccess {
  readonly subject: string
  readonly email?: string
  readonly claims: Readonly<Record<string, unknown>>
}

/** https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/validating-json/ */
const HEADER = 'cf-access-jwt-assertion'

/** `verify` answers undefined for whatever is no valid token. */
export function createAccessCheck(
  settings: AccessSettings,
  verify: (token: string) => Promise<VerifiedAccess | undefined>,
): AccessCheck {
  return {
    async identify(request) {
      const token = request.headers.get(HEADER)
      const verified = token === null ? undefined : await verify(token)
      if (verified === undefined) return undefined
      const { subject, email } = verified
      const role = roleOf(verified, settings)
      return { subject, displayName: email ?? subject, ...(role === undefined ? {} : { role }) }
    },
  }
}

function roleOf(
  { email, claims }: VerifiedAccess,
  { emails, groups, groupsClaim, defaultRole }: AccessSettings,
): Role | undefined {
  const byEmail = email === undefined ? undefined : emails.get(email.toLowerCase())
  const byGroup = groupsIn(claims, groupsClaim).map((group) => groups.get(group))
  return highestRole([byEmail, ...byGroup, defaultRole])
}

/** Access puts claims that it took over from the identity provider under `custom`. */
function groupsIn(claims: VerifiedAccess['claims'], name: string): readonly string[] {
  const { custom } = claims
  const inner = typeof custom === 'object' && custom !== null ? custom : {}
  const found = [claims, inner as VerifiedAccess['claims']].flatMap((own) =>
    Object.hasOwn(own, name) ? own[name] : [],
  )
  return found.filter((group) => typeof group === 'string')
}
