/** What a page's form sends, read into text; and the proof that our own page sent it. */
import type { AdminContext } from '../admin-deps.ts'
import { bringsToken } from '../csrf.ts'

/** The hidden field of every form that changes something; the gate asks for it by this name. */
export const CSRF_FIELD = 'csrf'

/** Absent and repeated fields read as empty; files are no text. */
export type FormFields = (name: string) => string

/** One field of a form that is sent by its address, cut to `most` characters. */
export const queryText = (c: AdminContext, name: string, most = 100): string =>
  storable((c.req.query(name) ?? '').trim()).slice(0, most)

/** Postgres takes no U+0000, and no browser types one: what was sent is refused or stored as damaged. */
const storable = (text: string) => text.replaceAll('\0', '\ufffd')

/**
 * Undefined when the form does not carry the signed-in browser's token. The gate has asked before: a
 * change must not hang on the order in which two parts are mounted.
 */
export async function readForm(c: AdminContext): Promise<FormFields | undefined> {
  const expected = c.get('csrfToken')
  if (expected !== undefined && !(await bringsToken(c, expected))) return undefined
  const body: Record<string, unknown> = await c.req.parseBody({ all: true })
  return (name) => {
    const value = Object.hasOwn(body, name) ? body[name] : undefined
    return typeof value === 'string' ? storable(value.replaceAll('\r\n', '\n')) : ''
  }
}
