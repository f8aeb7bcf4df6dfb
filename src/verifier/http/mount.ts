/**
 * Puts the operator's part beside the verification under one listener. Where there is no such part
 * nothing is put in between, and its addresses are unknown ones like any other.
 */

type Fetch = (request: Request, env?: unknown) => Response | Promise<Response>

export function mountAdmin(verification: Fetch, admin: Fetch | undefined): Fetch {
  if (admin === undefined) return verification
  return (request, env) =>
    isAdminUrl(request.url) ? admin(request, env) : verification(request, env)
}

/** Looked for in the text, because parsing an address costs a verification more than all of this. */
export function isAdminUrl(url: string): boolean {
  const path = url.indexOf('/', url.indexOf('://') + 3)
  if (path === -1 || !url.startsWith('/admin', path)) return false
  const next = url.charAt(path + '/admin'.length)
  return next === '' || next === '/' || next === '?'
}
