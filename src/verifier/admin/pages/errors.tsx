/** The pages of what did not work, in the same frame: no such page, not allowed, no store. */

import { StoreError } from '../../ports.ts'
import { isBadCursor } from '../../ports-admin.ts'
import type { AdminContext } from '../admin-deps.ts'
import { Heading, sendPage } from './frame.tsx'
import { Card } from './marks.tsx'
import { pathOf } from './paths.ts'
import { type Permission, roleFor } from './permissions.ts'

/** The tenant of the address, once it is known to be one: only then is it a place to go back to. */
export const sendMissing = (c: AdminContext, what = 'There is no such page.', tenant?: string) =>
  sendPage(
    c,
    { title: 'Not found', status: 404, ...(tenant === undefined ? {} : { tenant }) },
    <>
      <Heading title="Not found" />
      <Card>
        <p>{what}</p>
        <p>
          <a href={pathOf([])}>To the first page</a>
        </p>
      </Card>
    </>,
  )

export const sendForbidden = (c: AdminContext, permission: Permission, tenant?: string) =>
  sendPage(
    c,
    { title: 'Not allowed', status: 403, ...(tenant === undefined ? {} : { tenant }) },
    <>
      <Heading title="Not allowed" />
      <Card>
        <p>
          This needs the role {roleFor(permission)}; you are {c.get('actor').role}. Nothing was
          changed.
        </p>
      </Card>
    </>,
  )

/** The form is from before signing in, or from another site. */
export const sendStale = (c: AdminContext) =>
  sendPage(
    c,
    { title: 'Form not accepted', status: 403 },
    <>
      <Heading title="Form not accepted" />
      <Card>
        <p>
          The form was opened before you signed in, or it is not from these pages. Nothing was
          changed. Go back, load the page again, and send it once more.
        </p>
      </Card>
    </>,
  )

const here = (c: AdminContext) => {
  const { pathname, search } = new URL(c.req.url)
  return `${pathname}${search}`
}

/** The address was cut short or changed: what it continued is not known. */
const sendLostPlace = (c: AdminContext) =>
  sendPage(
    c,
    { title: 'No such part of the list', status: 400 },
    <>
      <Heading title="No such part of the list" />
      <Card>
        <p>The address does not continue any list here.</p>
        <p>
          <a href={new URL(c.req.url).pathname}>To the beginning of the list</a>
        </p>
      </Card>
    </>,
  )

/** Says what is known: whether a change went through is not, once the answer got lost. */
export function sendFailure(c: AdminContext, error: unknown) {
  if (isBadCursor(error)) return sendLostPlace(c)
  if (!(error instanceof StoreError)) throw error
  c.header('Retry-After', '10')
  const changing = c.req.method === 'POST' && error.kind === 'unknown'
  return sendPage(
    c,
    { title: 'Store not available', status: 503 },
    <>
      <Heading title="The store is not available" />
      <Card>
        <p>
          {changing
            ? 'It is not known whether the change was made: look before you send it again.'
            : 'Nothing can be read or changed at the moment. Verifications are answered as the configuration says for this case.'}
        </p>
        {c.req.method === 'GET' ? (
          <p>
            <a class="button" href={here(c)}>
              Try again
            </a>
          </p>
        ) : null}
        <p class="quiet small">
          What the database says is in the log of the service, under <code>{error.code}</code>.
        </p>
      </Card>
    </>,
  )
}
