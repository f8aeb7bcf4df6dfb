/**
 * The driver's cookie jar: `tough-cookie` with the few rules browsers have and it has not.
 */
import type { Cookie, CookieJar } from 'tough-cookie'

export interface Cookies {
  /** Takes the `Set-Cookie` lines of an answer from this address. */
  store(lines: readonly string[], url: string): Promise<void>
  /** Those a request would carry; without a context, all that could ever go there. */
  matching(url: string, context: 'strict' | 'lax' | 'none' | undefined): Promise<readonly Cookie[]>
  clear(): Promise<void>
}

export function createCookies(now: () => Date): Cookies {
  let opened: Promise<CookieJar> | undefined
  /** Loaded at the first use: the package is optional, and only the driver needs it. */
  const jar = () => {
    opened ??= import('tough-cookie').then(({ CookieJar }) => new CookieJar())
    return opened
  }

  return {
    store: async (lines, url) => {
      const { Cookie } = await import('tough-cookie')
      for (const line of lines) {
        const cookie = Cookie.parse(line)
        // `localhost` is a public suffix for browsers, but not in the list the jar knows.
        if (!cookie || cookie.domain === 'localhost') continue
        // The jar counts Max-Age from the last use; RFC 6265 section 5.3 from when it was set.
        if (typeof cookie.maxAge === 'number') {
          cookie.expires = new Date(now().getTime() + cookie.maxAge * 1000)
          cookie.maxAge = null
        }
        await (await jar()).setCookie(cookie, url, { ignoreError: true, now: now() })
      }
    },
    matching: async (url, context) => {
      const cookies = await (await jar()).getCookies(url, {
        // Expiry is judged below, by the clock that was given.
        expire: false,
        ...(context ? { sameSiteContext: context } : {}),
      })
      const moment = now().getTime()
      return cookies.filter((cookie) => {
        const expiry = cookie.expiryTime()
        return expiry === undefined || expiry > moment
      })
    },
    clear: async () => {
      await (await jar()).removeAllCookies()
    },
  }
}
