/**
 * A browser without a window, for tests and the demo: keeps cookies by the rules that bite in this flow,
 * follows redirects across origins, fills in forms. Runs no script: a page that would send itself on is
 * sent on by `autoSubmit` or `followRefresh`.
 */
import { createCookies } from './cookies.ts'
import { encodeForm, type Hop, type Navigation, navigate as startNavigation } from './navigation.ts'
import { createNetworkFetch } from './network.ts'
import type { Form, Link, Page } from './page.ts'

export type { Hop } from './navigation.ts'

export type OriginFetch = (request: Request) => Response | Promise<Response>

export interface BrowserOptions {
  /** Origin → what answers for it in process. Every other origin is asked over the network. */
  readonly routes?: Readonly<Record<string, OriginFetch>>
  /** Sent as `X-Forwarded-For`: the address the tenant takes the browser to have. */
  readonly ip?: string
  readonly userAgent?: string
  /** `Accept-Language`. */
  readonly language?: string
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
  /** Certificates (PEM) to trust besides the usual ones. */
  readonly certificates?: readonly string[]
  /** When cookies expire is judged by this clock. */
  readonly now?: () => Date
  readonly timeoutMs?: number
}

export type FormValues = Readonly<Record<string, string>>

export interface Browser {
  /** The page on screen; throws before the first one. */
  readonly page: Page
  readonly hops: readonly Hop[]
  /** As if typed into the address bar. */
  visit(url: string): Promise<Page>
  /** A link of the page, or the first whose words contain this text. */
  click(link: Link | string): Promise<Page>
  /**
   * Fills in and sends a form: the page's first by default, or the first with this id, this button text
   * or this path in its action. `button` is the text or value of the one pressed.
   */
  submit(form?: Form | string, values?: FormValues, button?: string): Promise<Page>
  /** What the page's script would do: the form marked for it, else the only one. */
  autoSubmit(): Promise<Page>
  /** Where the page's `<meta http-equiv="refresh">` leads. */
  followRefresh(): Promise<Page>
  /** A form POST from the page on screen to any address. */
  post(url: string, values: FormValues): Promise<Page>
  /** One request with the cookies of a same-site script; no redirect, the page stays. */
  request(url: string, init?: RequestInit): Promise<Response>
  /** Sends an origin to this function from now on. */
  route(origin: string, fetch: OriginFetch): void
  /** Cookies a request to this address could carry. */
  cookies(url: string): Promise<Readonly<Record<string, string>>>
  clearCookies(): Promise<void>
}

const DEFAULT_USER_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36'
export function createBrowser(options: BrowserOptions & { readonly now: () => Date }): Browser {
  const routes = new Map(Object.entries(options.routes ?? {}))
  const network = createNetworkFetch(options.certificates ?? [], options.timeoutMs ?? 30_000)
  const hops: Hop[] = []
  let page: Page | undefined
  const jar = createCookies(options.now)

  const send = async (request: Request): Promise<Response> => {
    const answer = await (routes.get(new URL(request.url).origin) ?? network)(request)
    await jar.store(answer.headers.getSetCookie(), request.url)
    return answer
  }

  const standing: Readonly<Record<string, string>> = {
    'user-agent': options.userAgent ?? DEFAULT_USER_AGENT,
    'accept-language': options.language ?? 'en-GB,en;q=0.9',
    ...(options.ip === undefined ? {} : { 'x-forwarded-for': options.ip }),
    ...options.headers,
  }

  const navigate = async (start: Navigation): Promise<Page> => {
    page = await startNavigation({ cookies: jar, standing, hops, send }, start)
    return page
  }

  const current = (): Page => {
    if (!page) throw new Error('The browser shows no page yet: visit one first.')
    return page
  }

  const submit = (form: Form, values: FormValues, pressed: string | undefined) => {
    const button =
      pressed === undefined
        ? form.buttons[0]
        : form.buttons.find(({ text, value }) => text.includes(pressed) || value === pressed)
    if (pressed !== undefined && !button)
      throw new Error(
        `The form has no button "${pressed}", only: ${form.buttons.map(({ text }) => text).join(', ')}.`,
      )
    const sent: (readonly [string, string])[] = form.fields.filter(([name]) => !(name in values))
    sent.push(...Object.entries(values))
    if (button?.name) sent.push([button.name, button.value])
    const action = button?.action ?? form.action
    if (form.method === 'POST')
      return navigate({ url: action, method: 'POST', values: sent, from: current() })
    const url = new URL(action)
    url.search = encodeForm(sent)
    return navigate({ url: url.href, from: current() })
  }

  const findForm = (what: string | undefined): Form => {
    const { forms, title } = current()
    const found =
      what === undefined
        ? forms[0]
        : (forms.find(({ id }) => id === what) ??
          forms.find(({ buttons }) => buttons.some(({ text }) => text.includes(what))) ??
          forms.find(({ action }) => new URL(action).pathname.includes(what)))
    if (!found) throw new Error(`The page "${title}" has no form ${what ?? ''}.`)
    return found
  }

  return {
    get page() {
      return current()
    },
    hops,
    visit: (url) => navigate({ url }),
    click: async (link) => {
      const found =
        typeof link === 'string'
          ? current().links.find(({ text, href }) => text.includes(link) || href === link)
          : link
      if (!found) throw new Error(`The page "${current().title}" has no link "${String(link)}".`)
      return navigate({ url: found.href, from: current() })
    },
    submit: async (form, values = {}, button) =>
      submit(
        typeof form === 'object' ? form : findForm(form),
        values,
        // Found by the text of a button: that is the one pressed.
        button ??
          (typeof form === 'string' &&
          findForm(form).buttons.some(({ text }) => text.includes(form))
            ? form
            : undefined),
      ),
    autoSubmit: async () => {
      const { forms, title } = current()
      const form = forms.find(({ autoSubmit }) => autoSubmit) ?? forms[0]
      if (!form || (forms.length > 1 && !form.autoSubmit))
        throw new Error(`The page "${title}" has no one form that would send itself.`)
      return submit(form, {}, undefined)
    },
    followRefresh: async () => {
      const { refresh, title } = current()
      if (refresh === undefined) throw new Error(`The page "${title}" refreshes to nowhere.`)
      return navigate({ url: refresh, from: current() })
    },
    post: (url, values) =>
      navigate({ url, method: 'POST', values: Object.entries(values), from: page }),
    request: async (url, init = {}) => {
      const headers = new Headers({ ...standing, accept: '*/*' })
      for (const [name, value] of new Headers(init.headers)) headers.set(name, value)
      const cookies = await jar.matching(url, 'strict')
      if (cookies.length > 0 && !headers.has('cookie'))
        headers.set('cookie', cookies.map((cookie) => cookie.cookieString()).join('; '))
      return send(new Request(url, { ...init, headers, redirect: 'manual' }))
    },
    route: (origin, fetch) => {
      routes.set(origin, fetch)
    },
    cookies: async (url) =>
      Object.fromEntries(
        (await jar.matching(url, undefined)).map(({ key, value }) => [key, value]),
      ),
    clearCookies: jar.clear,
  }
}
