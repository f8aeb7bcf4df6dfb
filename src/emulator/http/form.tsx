/**
 * The screen `api.prompt.render` leads to. The tenant does not know the form somebody drew in Auth0's
 * editor: it shows the fields the Action set and those declared for the form's id.
 */
import type { Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import type { FormSeed } from '../tenant/core-options.ts'
import type { PendingHop } from '../tenant/transactions.ts'
import { invalidRequest } from './invalid-request.tsx'
import { documentOf, Page } from './page.tsx'
import { factsOf, formOf, goTo, transactionOf } from './surface.ts'

type Rendered = Extract<PendingHop, { kind: 'form' }>

const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

function Fields({ hop, seed }: { readonly hop: Rendered; readonly seed: FormSeed | undefined }) {
  const declared = new Set((seed?.fields ?? []).map(({ name }) => name))
  const set = Object.entries(hop.fields).filter(([name]) => !declared.has(name))
  return (
    <>
      {(seed?.fields ?? []).map(({ name, label, type, required }) =>
        type === 'checkbox' ? (
          <label class="check">
            <input type="checkbox" name={name} value="true" required={required} />
            {label}
          </label>
        ) : (
          <>
            <label for={`field-${name}`}>{label}</label>
            <input
              id={`field-${name}`}
              name={name}
              type={type ?? 'text'}
              required={required}
              value={name in hop.fields ? shown(hop.fields[name]) : ''}
            />
          </>
        ),
      )}
      {set.map(([name, value]) => (
        <>
          <label for={`field-${name}`}>{name}</label>
          <input id={`field-${name}`} name={name} value={shown(value)} />
        </>
      ))}
    </>
  )
}

function formPage(core: TenantCore, state: string, hop: Rendered) {
  const seed = core.forms.get(hop.promptId)
  const vars = Object.entries(hop.vars)
  return documentOf(
    <Page title={seed?.title ?? 'One more step'} tenant={core.displayName}>
      <p class="lead">{seed?.text ?? 'Please fill in the form to go on.'}</p>
      <form method="post" action={`/u/form?state=${state}`}>
        <input type="hidden" name="state" value={state} />
        <Fields hop={hop} seed={seed} />
        <button type="submit">Continue</button>
      </form>
      <div class="emulated">
        <p>Form {hop.promptId}</p>
        {vars.length > 0 ? (
          <>
            <p>Variables, which a browser of a real tenant never sees:</p>
            <dl>
              {vars.map(([name, value]) => (
                <>
                  <dt>{name}</dt>
                  <dd>{shown(value)}</dd>
                </>
              ))}
            </dl>
          </>
        ) : null}
      </div>
    </Page>,
  )
}

export function mountForm(app: Hono, core: TenantCore) {
  app.on(['GET', 'POST'], '/u/form', async (c) => {
    const body = c.req.method === 'POST' ? await formOf(c) : {}
    if (!body) return invalidRequest(core, c, 'body_not_urlencoded')
    const state = c.req.query('state') ?? body.state ?? ''
    const transaction = transactionOf(core, c, state, 'form')
    if (typeof transaction === 'string') return invalidRequest(core, c, transaction)
    const hop = transaction.pending[0]
    if (hop?.kind !== 'form') return invalidRequest(core, c, 'state_unknown')
    if (c.req.method !== 'POST') return c.html(formPage(core, state, hop))
    const { state: _, ...fields } = body
    const facts = { ...factsOf(core, c), query: {} }
    return goTo(c, await core.hops.submitForm(transaction, fields, facts))
  })
}
