/** Lists of e-mail domains, one on a line, in the form in which a domain is looked up. */
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
