/**
 * Wraps an `api` object so that a member we do not emulate says so instead of being quietly absent.
 * Members that Auth0 itself does not have on the trigger stay `undefined`, so that calling them throws
 * the same TypeError as there.
 */

/** Names the language or its tools ask any object for; none of them is a member of Auth0's objects. */
const ASKED_BY_THE_LANGUAGE: ReadonlySet<string> = new Set([
  'then',
  'toJSON',
  'inspect',
  '$$typeof',
])

/**
 * @param path how Action code reaches the object, e.g. `api.redirect`
 * @param absent members other triggers have, and this one on Auth0 does not
 */
export function emulated<T extends object>(
  path: string,
  members: T,
  absent: readonly string[] = [],
): T {
  return new Proxy(members, {
    get(target, key, receiver) {
      if (typeof key === 'symbol' || key in target) return Reflect.get(target, key, receiver)
      if (absent.includes(key) || ASKED_BY_THE_LANGUAGE.has(key)) return undefined
      throw new Error(`not emulated: ${path}.${key}`)
    },
  })
}
