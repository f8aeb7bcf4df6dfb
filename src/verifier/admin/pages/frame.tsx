/** The frame of every page: where one is, who one is, what was just done; and the answer it is sent as. */
import type { Child } from 'hono/jsx'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { AdminContext } from '../admin-deps.ts'
import { SCRIPT_ADDRESS, STYLE_ADDRESS } from './assets.ts'
import { flashText } from './flash.ts'
import { Csrf } from './marks.tsx'
import { pathOf, tenantPath } from './paths.ts'
import { may } from './permissions.ts'

export type Section =
  | 'tenants'
  | 'overview'
  | 'assessments'
  | 'policies'
  | 'backtest'
  | 'lists'
  | 'users'
  | 'audit'
  | 'tokens'

export interface View {
  readonly title: string
  readonly section?: Section
  /** Absent: the page is of the service as a whole. */
  readonly tenant?: string
  readonly status?: ContentfulStatusCode
}

/** Ends the session; the gate answers it. */
export const SIGN_OUT = pathOf(['logout'])

export function sendPage(
  c: AdminContext,
  view: View,
  content: Child,
): Response | Promise<Response> {
  const page = (
    <Frame c={c} view={view}>
      {content}
    </Frame>
  )
  // JSX has no element for the doctype.
  return c.html(`<!doctype html>${String(page)}`, view.status ?? 200)
}

function Frame(props: {
  readonly c: AdminContext
  readonly view: View
  readonly children?: Child
}) {
  const { c, view } = props
  const flash = flashText(c.req.query('done'))
  const notice = c.get('notice')
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <title>
          {[view.title, view.tenant, 'redirect-verifier'].filter((part) => part).join(' · ')}
        </title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={STYLE_ADDRESS} />
        <script src={SCRIPT_ADDRESS} defer />
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to the content
        </a>
        {notice === undefined ? null : (
          <aside class="notice" aria-label="Notice">
            {notice}
          </aside>
        )}
        <Top c={c} view={view} />
        <main id="content" tabindex={-1}>
          {flash === undefined ? null : (
            <div class="flash" role="status">
              {flash}
            </div>
          )}
          {props.children}
        </main>
        <footer>
          <p>All times are UTC. Users, addresses and devices are shown as pseudonyms.</p>
        </footer>
      </body>
    </html>
  )
}

function Top({ c, view }: { readonly c: AdminContext; readonly view: View }) {
  const { role } = c.get('actor')
  return (
    <header class="top">
      <div class="bar">
        <a class="brand" href={pathOf([])}>
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M12 1l9 4v6c0 5.5-3.8 10-9 12-5.2-2-9-6.5-9-12V5zm-1.5 15l7-7-1.5-1.5-5.5 5.500-2.5-2.500L7 12z" />
          </svg>
          redirect-verifier
        </a>
        {view.tenant === undefined ? null : (
          <span class="tenant">
            <span>
              Tenant <b>{view.tenant}</b>
            </span>
          </span>
        )}
        <div class="who">
          <span>
            {c.get('displayName')} ({role})
          </span>
          {c.get('csrfToken') === undefined ? null : (
            <form method="post" action={SIGN_OUT}>
              <Csrf token={c.get('csrfToken')} />
              <button class="plain small" type="submit">
                Sign out
              </button>
            </form>
          )}
        </div>
      </div>
      <nav class="sections" aria-label="Sections">
        <ul>
          {linksOf(c, view.tenant).map(({ section, label, href }) => (
            <li>
              <a href={href} {...(section === view.section ? { 'aria-current': 'page' } : {})}>
                {label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </header>
  )
}

interface Link {
  readonly section: Section
  readonly label: string
  readonly href: string
}

function linksOf(c: AdminContext, tenant: string | undefined): readonly Link[] {
  const actor = c.get('actor')
  const tokens: readonly Link[] = may(actor, 'tokens')
    ? [{ section: 'tokens', label: 'API tokens', href: pathOf(['tokens']) }]
    : []
  if (tenant === undefined) {
    const audit: readonly Link[] = may(actor, 'serviceAudit')
      ? [{ section: 'audit', label: 'Audit of the service', href: pathOf(['audit']) }]
      : []
    return [{ section: 'tenants', label: 'Tenants', href: pathOf([]) }, ...tokens, ...audit]
  }
  const own = (section: Section, label: string): Link => ({
    section,
    label,
    href: tenantPath(tenant, section === 'overview' ? [] : [section]),
  })
  return [
    own('overview', 'Overview'),
    own('assessments', 'Assessments'),
    own('policies', 'Policies'),
    ...(may(actor, 'backtest') ? [own('backtest', 'Backtest')] : []),
    own('lists', 'Lists'),
    ...(may(actor, 'users') ? [own('users', 'Users')] : []),
    own('audit', 'Audit'),
    ...tokens,
  ]
}

/** The page's first heading, with what can be done about the whole of it on the other side. */
export const Heading = (props: {
  readonly title: Child
  readonly lead?: Child
  readonly children?: Child
}) => (
  <div class="heading">
    <div>
      <h1>{props.title}</h1>
      {props.lead === undefined ? null : <p class="lead">{props.lead}</p>}
    </div>
    {props.children}
  </div>
)

/** A choice of views of the same page, as links. */
export const Segments = (props: {
  readonly label: string
  readonly choices: readonly {
    readonly label: string
    readonly href: string
    readonly chosen: boolean
  }[]
}) => (
  <nav aria-label={props.label}>
    <ul class="segments">
      {props.choices.map(({ label, href, chosen }) => (
        <li>
          <a href={href} {...(chosen ? { 'aria-current': 'true' } : {})}>
            {label}
          </a>
        </li>
      ))}
    </ul>
  </nav>
)
