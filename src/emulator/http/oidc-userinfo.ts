/** `/userinfo` (OpenID Connect Core 5.3): who the bearer of an access token is, as far as its scope goes. */
import type { Context, Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import { userClaims } from '../tenant/tokens-claims.ts'

const refuse = (c: Context) =>
  c.text('Unauthorized', 401, {
    'www-authenticate': 'Bearer error="invalid_token", error_description="The token is not valid."',
  })

export function mountUserinfo(app: Hono, core: TenantCore) {
  app.on(['GET', 'POST'], '/userinfo', (c) => {
    const token = /^bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
    const grant = token === undefined ? undefined : core.loginSide.tokens.grantOf(token)
    const user = grant && core.users.get(grant.subject)
    if (!grant?.scope.includes('openid') || !user) return refuse(c)
    return c.json({
      sub: user.user_id,
      ...grant.idTokenClaims,
      ...userClaims(user, grant.scope),
    })
  })
}
