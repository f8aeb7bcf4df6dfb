/** The way back: whether the answer is required, read and about this user. */
import type { ActionSource, ApiCall } from '../action-source.ts'
import type { Export } from '../exports-of.ts'
import type { Fault, Rule } from '../finding.ts'
import { bare, contains, is, isFunction, type Node, nodesIn, pathOf } from '../syntax.ts'
import { CONTINUE_OF } from './handlers.ts'

/** Continue handlers that go on after a redirect (after a form there is no token). */
function continueHandlers(action: ActionSource): readonly Export[] {
  return Object.entries(CONTINUE_OF).flatMap(([execute, next]) => {
    const handler = action.handler(next)
    const redirects = action.callsFrom(action.handler(execute), 'redirect.sendUserTo').length > 0
    return handler && redirects ? [handler] : []
  })
}

const STOPS = ['access.deny', 'session.revoke', 'validation.error']

/** Whether what stands here ends the flow: denies, revokes or throws, also through our functions. */
function stops(action: ActionSource, place: Node): boolean {
  const reached = action.reachedFrom({ name: '', at: place, value: place })
  const within = (node: Node) => contains(place, node) || reached.some((one) => contains(one, node))
  if (action.calls.some(({ method, node }) => STOPS.includes(method) && within(node))) return true
  return [...nodesIn(place)].some(({ type }) => type === 'ThrowStatement')
}

/** Statements of the same function that come after this place. */
function afterwards(action: ActionSource, place: Node): readonly Node[] {
  const around = action.functionAround(place)
  return around ? [...nodesIn(around)].filter(({ start }) => start >= place.end) : []
}

const stopsLater = (action: ActionSource, place: Node) =>
  afterwards(action, place).some((node) => /Statement$/.test(node.type) && stops(action, node))

export const tokenNotRequired: Rule = {
  id: 'token-not-required',
  severity: 'error',
  why: 'Whoever has the state can open /continue by hand, without ever having met your site: a bare return goes on with the flow.',
  fix: 'Call api.redirect.validateToken in try/catch in the continue handler, whatever was sent, and deny when it throws.',
  source:
    'Auth0 docs, Redirect with Actions; the sample of the password-reset trigger has this mistake',
  check: (action) => continueHandlers(action).flatMap((handler) => requiredFault(action, handler)),
}

function requiredFault(action: ActionSource, handler: Export): readonly Fault[] {
  const checks = action.callsFrom(handler, 'redirect.validateToken')
  if (checks.length === 0)
    return [
      {
        at: handler.at,
        message: `"${handler.name}" does not check a token: anybody gets through.`,
      },
    ]
  return checks.flatMap(({ node }): readonly Fault[] => {
    const condition = action
      .ancestorsOf(node)
      .find(
        (outer) =>
          is(outer, 'IfStatement') &&
          contains(outer.consequent, node) &&
          [...nodesIn(outer.test)].some((one) => isParameter(action, one)),
      )
    if (
      is(condition, 'IfStatement') &&
      !(condition.alternate && stops(action, condition.alternate)) &&
      !stopsLater(action, condition)
    )
      return [{ at: node, message: 'The token is only checked when one was sent.' }]

    const attempt = action
      .ancestorsOf(node)
      .find((outer) => is(outer, 'TryStatement') && contains(outer.block, node))
    const swallowed =
      is(attempt, 'TryStatement') &&
      attempt.handler !== null &&
      !stops(action, attempt.handler.body) &&
      !stopsLater(action, attempt)
    return swallowed
      ? [{ at: node, message: 'When the token is refused, the catch block lets the flow go on.' }]
      : []
  })
}

const isParameter = ({ eventPath }: ActionSource, node: Node) => {
  const path = eventPath(node)
  return path?.[1] === 'request' && (path[2] === 'query' || path[2] === 'body')
}

export const answerNotRead: Rule = {
  id: 'answer-not-read',
  severity: 'error',
  why: 'A valid token says only that your site signed it. One that says "no" is as valid as one that says "yes".',
  fix: "Compare a claim with exactly what lets the user through, e.g. decision === 'allow', and deny on anything else.",
  source: 'Auth0 docs, Redirect with Actions: verify the data that comes back',
  check: (action) =>
    continueHandlers(action)
      .flatMap((handler) => action.callsFrom(handler, 'redirect.validateToken'))
      .filter((call) => isUnread(action, call))
      .map(({ node }) => ({ at: node, message: 'What validateToken returns is not looked at.' })),
}

function isUnread(action: ActionSource, { node }: ApiCall): boolean {
  const parent = action.ancestorsOf(node).find(({ type }) => type !== 'ChainExpression')
  if (is(parent, 'ExpressionStatement')) return true
  if (!is(parent, 'VariableDeclarator') || !is(parent.id, 'Identifier')) return false
  const { name } = parent.id
  const around = action.functionAround(node)
  return (
    around !== undefined &&
    ![...nodesIn(around)].some(
      (one) => is(one, 'Identifier') && one.name === name && one.start >= node.end,
    )
  )
}

export const subNotCompared: Rule = {
  id: 'sub-not-compared',
  severity: 'warning',
  why: 'An answer about one user must not let another one through. Auth0 is known to compare `sub` itself, but documents it nowhere.',
  fix: 'Deny unless payload.sub === event.user.user_id.',
  source:
    'Auth0 docs, Redirect with Actions: the session belongs to the user; @auth0/actions, expectedSub',
  check: (action) =>
    continueHandlers(action).flatMap((handler): readonly Fault[] => {
      const [first] = action.callsFrom(handler, 'redirect.validateToken')
      if (!first) return []
      const compares = action
        .reachedFrom(handler)
        .some((place) =>
          [...nodesIn(place)].some(
            (node) =>
              is(node, 'BinaryExpression') &&
              /^[!=]==?$/.test(node.operator) &&
              [node.left, node.right].some((side) => isSub(side)) &&
              [node.left, node.right].some((side) => isUserId(action, side)),
          ),
        )
      return compares
        ? []
        : [
            {
              at: first.node,
              message: 'The token’s `sub` is not compared with event.user.user_id.',
            },
          ]
    }),
}

const isSub = (node: Node) => /^sub(ject)?$/.test(pathOf(bare(node))?.at(-1) ?? '')
const isUserId = ({ eventPath, initOf }: ActionSource, node: Node): boolean => {
  const path = eventPath(node)
  if (path?.join('.') === 'event.user.user_id') return true
  const value = is(node, 'Identifier') ? initOf(node.name, node) : undefined
  return value !== undefined && !isFunction(value) && eventPath(value)?.at(-1) === 'user_id'
}
