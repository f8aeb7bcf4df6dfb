/** A version that is being written: where it begins, how its text is read, and the form it is typed into. */
import type { Flow } from '../../domain/session.ts'
import type { PolicyVersion } from '../../ports-admin.ts'
import { parsePolicy } from '../../schema/policy-document.ts'
import type { AdminContext } from '../admin-deps.ts'
import { Textarea } from './fields.tsx'
import { jsonText } from './format.ts'
import { Heading, sendPage } from './frame.tsx'
import { Card, Csrf, Faults } from './marks.tsx'
import { tenantPath } from './paths.ts'

interface Draft {
  readonly text: string
  readonly faults: readonly string[]
}

export const sendDraft = (c: AdminContext, tenant: string, { text, faults }: Draft) =>
  sendPage(
    c,
    {
      title: 'New policy version',
      section: 'policies',
      tenant,
      ...(faults.length > 0 ? { status: 422 } : {}),
    },
    <>
      <Heading
        title="Store a new version"
        lead="It is checked whole and stored as a draft: it decides nothing until it is activated."
      />
      {faults.length > 0 ? (
        <Faults title="This is no policy yet" faults={faults.slice(0, 50)} />
      ) : null}
      <Card>
        <form class="form" method="post" action={tenantPath(tenant, ['policies'])}>
          <Csrf token={c.get('csrfToken')} />
          <Textarea
            label="Policy document, as JSON"
            name="document"
            hint="It begins as the version in force, under the next free number. “flow” and “version” say what it is for."
            value={text}
            required
          />
          <div class="actions">
            <button type="submit">Check and store as a draft</button>
            <a href={tenantPath(tenant, ['policies'])}>Cancel</a>
          </div>
        </form>
      </Card>
    </>,
  )

/** The document, or every fault with its place. */
export function parsePolicyText(text: string): ReturnType<typeof parsePolicy> {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (error) {
    const { message } = error as SyntaxError
    const [, position] = /position (\d+)/.exec(message) ?? []
    const place = position === undefined ? '' : `${placeIn(text, Number(position))}: `
    return { ok: false, error: [`${place}this is no JSON: ${message}`] }
  }
  return parsePolicy(body)
}

function placeIn(text: string, position: number): string {
  const before = text.slice(0, position).split('\n')
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`
}

export const nextVersion = (versions: readonly PolicyVersion[], flow: Flow): number =>
  Math.max(0, ...versions.filter((one) => one.flow === flow).map(({ version }) => version)) + 1

/** The version in force, or the newest one, under the next free number; empty where there is none. */
export function startingPoint(versions: readonly PolicyVersion[], flow: Flow): string {
  const own = versions.filter((one) => one.flow === flow)
  const base = own.find(({ status }) => status === 'active') ?? own[0]
  if (typeof base?.body !== 'object' || base.body === null) return ''
  return jsonText({ ...base.body, version: nextVersion(versions, flow) })
}
