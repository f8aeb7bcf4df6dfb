/**
 * `/continue`: where the third-party site sends the browser back to (contract 1.4).
 * GET with everything in the query, or a browser's urlencoded POST. Never JSON, never a server.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Context, Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import { type Altered, alterContinueToken } from '../tenant/faults-continue-token.ts'
import type { RequestFacts } from '../tenant/request-facts.ts'
import type { Transaction } from '../tenant/transactions.ts'
import { invalidRequest } from './invalid-request.tsx'
import { documentOf, Page } from './page.tsx'
import { factsOf, formOf, goTo, isGlance, transactionOf } from './surface.ts'

export function mountContinue(app: Hono, core: TenantCore) {
  app.on(['GET', 'POST'], '/continue', async (c) => {
    if (isGlance(c)) return c.body(null, 503)
    if (core.faults.continueDelayMs > 0) await wait(core.faults.continueDelayMs)
    if (core.faults.continueFails) {
      struck(core, 'continueFails', 'answers 500')
      return failed(core, c, 'The tenant could not answer. This fault was switched on.')
    }
    const body = c.req.method === 'POST' ? await formOf(c) : {}
    if (body === undefined) return invalidRequest(core, c, 'body_not_urlencoded')
    const inBody = core.switches.bodyOnlyState === 'accepted' ? body.state : undefined
    // By what the Action will be shown: of a repeated one the last, over any that the body names.
    const request = factsOf(core, c, body)
    const transaction = transactionOf(core, c, request.query.state ?? inBody, 'redirect')
    if (typeof transaction === 'string') return invalidRequest(core, c, transaction)
    if (core.faults.expiredTransaction) {
      struck(core, 'expiredTransaction', 'the hour of the transaction is over', transaction)
      return invalidRequest(core, c, 'transaction_expired')
    }
    const answer = answerAsReceived(core, transaction, request)
    if (!answer.ok)
      return failed(core, c, `The fault continueToken could not be made: ${answer.detail}.`)
    return goTo(c, await core.hops.resume(transaction, answer.request))
  })
}

/** The request with the answer of the other site, changed when a fault says so. */
function answerAsReceived(
  core: TenantCore,
  transaction: Transaction,
  request: RequestFacts,
): Altered {
  const fault = core.faults.continueToken
  if (fault === 'intact') return { ok: true, request, parameter: '' }
  const altered = alterContinueToken(request, fault, {
    secrets: Object.values(transaction.actions[transaction.position]?.secrets ?? {}),
    nowSeconds: core.clock.now() / 1000,
    otherUserId:
      core.users.all().find(({ user_id }) => user_id !== transaction.userId)?.user_id ??
      `${transaction.userId}0`,
  })
  if (altered.ok)
    struck(core, 'continueToken', `${altered.parameter} is ${fault.replace('_', ' ')}`, transaction)
  return altered
}

function struck(core: TenantCore, fault: string, detail: string, transaction?: Transaction) {
  core.trace.record('fault.struck', {
    who: 'tenant',
    text: `FAULT ${fault}: ${detail}`,
    transaction: transaction?.id,
    data: { fault, detail },
  })
}

const failed = (core: TenantCore, c: Context, text: string) =>
  c.html(
    documentOf(
      <Page title="Something went wrong" tenant={core.displayName} mood="bad">
        <p class="lead">{text}</p>
      </Page>,
    ),
    500,
  )
