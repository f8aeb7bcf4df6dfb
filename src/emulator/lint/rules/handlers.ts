/** Whether Auth0 would find and run the handlers at all. */
import type { ActionSource } from '../action-source.ts'
import type { Export } from '../exports-of.ts'
import type { Fault, Rule } from '../finding.ts'
import { bare, is, isFunction, nodesIn } from '../syntax.ts'

/** Handlers of every trigger: one of another trigger is no mistake of this kind. */
const HANDLERS = [
  'onExecutePostLogin',
  'onContinuePostLogin',
  'onExecutePostChallenge',
  'onContinuePostChallenge',
  'onExecutePreUserRegistration',
  'onExecutePostUserRegistration',
  'onExecutePostChangePassword',
  'onExecuteSendPhoneMessage',
  'onExecuteCredentialsExchange',
  'onExecuteCustomTokenExchange',
  'onExecuteCustomEmailProvider',
  'onExecuteCustomPhoneProvider',
  'onExecuteEventStream',
  'onExecutePostIdentifier',
  'onExecutePostCredentialValidation',
]

/** Execute handler → the one that goes on after a redirect or a form. */
export const CONTINUE_OF: Readonly<Record<string, string>> = {
  onExecutePostLogin: 'onContinuePostLogin',
  onExecutePostChallenge: 'onContinuePostChallenge',
}

export const wrongHandlerName: Rule = {
  id: 'wrong-handler-name',
  severity: 'error',
  why: 'Auth0 calls handlers by their exact names. One with another name is never called, and nothing says so.',
  fix: 'Export onExecutePostChallenge and onContinuePostChallenge (password reset), or onExecutePostLogin and onContinuePostLogin (login).',
  source: 'Auth0 docs, Actions triggers; @auth0/actions, names of the handlers',
  check: ({ exports, program }) => {
    const misnamed = exports
      .filter(({ name }) => /^on[A-Z_]/.test(name) || /^(on)?(execute|continue)/i.test(name))
      .filter(({ name }) => !HANDLERS.includes(name))
    if (misnamed.length > 0)
      return misnamed.map(({ name, at }) => ({
        at,
        message: `Auth0 knows no handler "${name}". Did you mean "${nearestTo(name)}"?`,
      }))
    return exports.some(({ name }) => HANDLERS.includes(name))
      ? []
      : [{ at: program, message: 'This file exports no handler that Auth0 would call.' }]
  },
}

export const syncHandler: Rule = {
  id: 'sync-handler',
  severity: 'error',
  why: 'Auth0 looks at the kind of the function: one that is not declared async is refused with "Invalid function signature", even when it returns a promise. Every login or reset then fails.',
  fix: 'Write exports.NAME = async (event, api) => { … } and wrap nothing around it. Compile TypeScript to ES2017 or later.',
  source: '@auth0/actions, check of the handler before each execution',
  check: ({ exports }) =>
    exports.filter(({ name }) => HANDLERS.includes(name)).flatMap((one) => faultOf(one)),
}

function faultOf({ name, at, value }: Export): readonly Fault[] {
  if (isFunction(value)) {
    if (value.async && !value.generator) return []
    return [{ at, message: `"${name}" is not an async function.` }]
  }
  if (!is(bare(value), 'CallExpression')) return []
  return [
    { at, message: `"${name}" is what a call returns: Auth0 takes only an async function itself.` },
  ]
}

export const missingContinueHandler: Rule = {
  id: 'missing-continue-handler',
  severity: 'error',
  why: 'After a redirect or a form Auth0 calls the continue handler of the same Action. Without one the flow fails when the user comes back.',
  fix: 'Export the continue handler, check there what came back, and deny by default.',
  source: 'Auth0 docs, Redirect with Actions and Forms: render',
  check: (action) =>
    Object.entries(CONTINUE_OF).flatMap(([execute, next]) => {
      const handler = action.handler(execute)
      if (!handler || action.handler(next)) return []
      const away = ['redirect.sendUserTo', 'prompt.render'].flatMap((method) =>
        action.callsFrom(handler, method),
      )
      return away.slice(0, 1).map(({ node, method }) => ({
        at: node,
        message: `"${execute}" calls api.${method}, but the file exports no "${next}".`,
      }))
    }),
}

export const noCanRedirect: Rule = {
  id: 'no-can-redirect',
  severity: 'error',
  why: 'post-login also runs for prompt=none, refresh tokens and password grants, where nobody can be sent anywhere: the login fails with interaction_required.',
  fix: 'Ask api.redirect.canRedirect() first and decide what a login without a browser may do: deny, or go on.',
  source: 'Auth0 docs, Redirect with Actions; @auth0/actions, canRedirect',
  check: (action) => {
    // A continue handler runs in a browser that has just been sent here: it need not ask.
    const handler = action.handler('onExecutePostLogin')
    const [first] = action.callsFrom(handler, 'redirect.sendUserTo')
    const asks =
      action.callsFrom(handler, 'redirect.canRedirect').length > 0 || looksAtProtocol(action)
    if (!first || asks) return []
    return [{ at: first.node, message: 'The user is sent away without asking canRedirect().' }]
  },
}

/** Reading `event.transaction.protocol` is the older way to ask. */
const looksAtProtocol = ({ program, eventPath }: ActionSource) =>
  [...nodesIn(program)].some((node) => eventPath(node)?.join('.') === 'event.transaction.protocol')

function nearestTo(name: string): string {
  const known = HANDLERS.map((handler) => ({ handler, away: distance(name, handler) }))
  known.sort((a, b) => a.away - b.away)
  return known[0]?.handler ?? ''
}

/** Levenshtein, letters in any case. */
function distance(a: string, b: string): number {
  const [from, to] = [a.toLowerCase(), b.toLowerCase()]
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= to.length; j += 1) {
      const same = from[i - 1] === to[j - 1] ? 0 : 1
      next.push(Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + same))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
