/** E-mail domains: as lists have them, one on a line, and as an address names them. */
import type { LineNote } from './lists.ts'

/** RFC 1035 in ASCII; other scripts in their `xn--` form, as mail itself carries them. */
const DOMAIN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/

export interface DomainFeed {
  readonly domains: readonly string[]
  readonly notes: readonly LineNote[]
}

export function parseDomains(text: string): DomainFeed {
  const lines = new Map<string, number>()
  const notes: LineNote[] = []
  for (const [index, content] of text.split('\n').entries()) {
    const domain = content.replace(/#.*$/, '').trim().replace(/^@/, '').toLowerCase()
    if (domain === '') continue
    const line = index + 1
    const first = lines.get(domain)
    if (!DOMAIN.test(domain)) {
      notes.push({ line, kind: 'malformed', detail: 'no domain in ASCII, such as example.com' })
    } else if (first === undefined) lines.set(domain, line)
    else notes.push({ line, kind: 'overlap', detail: `repeats line ${first}` })
  }
  return { domains: [...lines.keys()], notes }
}

/** What follows the last @, which alone divides a quoted name from its domain. */
const ADDRESS = /^[^\s].*@([^@\s]+)$/

/**
 * The names under which the domain of an e-mail address may be listed: itself, and each domain that it
 * is a part of, since whoever runs `trash.example` runs `mail.trash.example`. Empty for anything else.
 */
export function listedNamesOf(address: string): readonly string[] {
  const [, written = ''] = ADDRESS.exec(address) ?? []
  const domain = written.toLowerCase()
  if (!DOMAIN.test(domain)) return []
  const labels = domain.split('.')
  return labels.slice(0, -1).map((_, from) => labels.slice(from).join('.'))
}
