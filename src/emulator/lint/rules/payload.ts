/** What goes to the other site: the payload of the session token and the query of the redirect. */
import type { ActionSource } from '../action-source.ts'
import type { Fault, Rule } from '../finding.ts'
import { objectsOf, optionOf } from '../objects-of.ts'
import { bare, is, type Node, nameOf, nodesIn, type Of, pathOf } from '../syntax.ts'

/** Members of `event.user` that name or describe a person. */
const PERSONAL = new Set(
  'email name given_name family_name nickname username picture phone_number identities app_metadata user_metadata'.split(
    ' ',
  ),
)

/** Claims `encodeToken` sets itself, before the payload. */
const STANDARD = new Set(['iss', 'sub', 'iat', 'exp', 'ip'])
/** Claims that make a session token look like its own answer. */
const OF_THE_ANSWER = new Set(['state', 'decision'])

/** Every expression that leaves for the other site. */
function sentAway(action: ActionSource): readonly Node[] {
  return action.calls.flatMap((call) => {
    if (call.method === 'redirect.encodeToken') return optionOf(action, call, 0, 'payload') ?? []
    if (call.method === 'redirect.sendUserTo') return optionOf(action, call, 1, 'query') ?? []
    return []
  })
}

/** The expressions a payload is made of: itself, and what objects it names or calls for hold. */
function partsOf(action: ActionSource, node: Node, depth = 4): readonly Node[] {
  if (depth === 0) return []
  const objects = objectsOf(action, node)
  const inner = [...nodesIn(node), ...objects.flatMap((object) => [...nodesIn(object)])]
  const called = inner.filter(
    (one) => is(one, 'CallExpression') && is(one.callee, 'Identifier') && one !== bare(node),
  )
  return [...new Set([...inner, ...called.flatMap((one) => partsOf(action, one, depth - 1))])]
}

/** A hash of a value is not the value. */
const isHashed = (action: ActionSource, node: Node) =>
  action
    .ancestorsOf(node)
    .some(
      (outer) =>
        is(outer, 'CallExpression') &&
        [...nodesIn(outer.callee)].some(
          (one) =>
            is(one, 'CallExpression') &&
            /create(Hash|Hmac)$/.test(pathOf(one.callee)?.at(-1) ?? ''),
        ),
    )

/** `encodeToken` written inside the query signs with this: what it signs is looked at by itself. */
const isSigningSecret = (action: ActionSource, node: Node) => {
  const chain = [node, ...action.ancestorsOf(node)]
  return chain.some((inner, index) => {
    if (!is(inner, 'Property') || nameOf(inner.key, inner.computed) !== 'secret') return false
    const call = chain[index + 2]
    return action.calls.some((one) => one.node === call && one.method === 'redirect.encodeToken')
  })
}

/** Whether two values are equal, or one is there, does not tell the value. */
const isOnlyAsked = (action: ActionSource, node: Node) => {
  const chain = [node, ...action.ancestorsOf(node)]
  return chain.some((inner, index) => {
    const outer = chain[index + 1]
    if (is(outer, 'BinaryExpression'))
      return /^([!=]==?|[<>]=?|in|instanceof)$/.test(outer.operator)
    if (is(outer, 'ConditionalExpression')) return outer.test === inner
    return is(outer, 'UnaryExpression') && /^(!|typeof)$/.test(outer.operator)
  })
}

/** A name that says where a value is put or found, and is no value. */
const isKey = (action: ActionSource, node: Node) => {
  const parent = action.parentOf(node)
  if (is(parent, 'MemberExpression')) return parent.property === node && !parent.computed
  return is(parent, 'Property') && parent.key === node && parent.value !== node
}

/** The longest path: `event.user` inside `event.user.email` is not an expression of its own. */
const isInner = (action: ActionSource, node: Node) => {
  const parent = action.parentOf(node)
  return is(parent, 'MemberExpression') && parent.object === node
}

function eventPartsSent(
  action: ActionSource,
  matches: (path: readonly string[], node: Node) => boolean,
): readonly { readonly at: Node; readonly path: readonly string[] }[] {
  const found = new Map<number, { at: Node; path: readonly string[] }>()
  for (const root of sentAway(action))
    for (const node of partsOf(action, root)) {
      const path = action.eventPath(node)
      if (!path || isKey(action, node) || isInner(action, node)) continue
      if (isHashed(action, node) || isOnlyAsked(action, node)) continue
      if (matches(path, node)) found.set(node.start, { at: node, path })
    }
  return [...found.values()]
}

export const secretInPayload: Rule = {
  id: 'secret-in-payload',
  severity: 'error',
  why: 'The token is signed, not encrypted, and travels in the address: browsers, logs and the other site can read everything in it.',
  fix: 'Send nothing from event.secrets. A secret signs the token; it is never part of it.',
  source: 'Auth0 docs, Action coding guidelines: no sensitive data in tokens or URLs',
  check: (action) =>
    eventPartsSent(
      action,
      (path, node) => path[1] === 'secrets' && !isSigningSecret(action, node),
    ).map(({ at, path }) => ({
      at,
      message: `${path.slice(0, 3).join('.')} is sent to the other site.`,
    })),
}

export const personalDataInPayload: Rule = {
  id: 'personal-data-in-payload',
  severity: 'error',
  why: 'The payload can be read by anybody who sees the address: browser history, proxies, logs. Auth0 asks authors to keep personal data out.',
  fix: 'Send the user id (`sub` is in the token already) and let the other site fetch the rest over its own connection.',
  source: 'Auth0 docs, Action coding guidelines and Redirect with Actions',
  check: (action) =>
    eventPartsSent(action, (path, node) => isPersonal(action, path, node)).map(({ at, path }) => ({
      at,
      message: `${path.slice(0, 3).join('.')} is sent to the other site.`,
    })),
}

function isPersonal(action: ActionSource, path: readonly string[], node: Node): boolean {
  if (path[1] !== 'user') return false
  if (path.length > 2) return PERSONAL.has(path[2] as string)
  // The whole user: handed to a function of ours it may still be thinned out.
  const parent = action.parentOf(node)
  return is(parent, 'Property') || is(parent, 'SpreadElement')
}

export const payloadOverridesClaims: Rule = {
  id: 'payload-overrides-claims',
  severity: 'error',
  why: 'The payload is spread over the claims Auth0 sets: iss, sub, iat, exp or ip of yours replaces the real one. `state` or `decision` lets the token pass for its own answer.',
  fix: 'Choose other names. The life of the token is the option expiresInSeconds.',
  source: '@auth0/actions, encodeToken: claims first, then the payload',
  check: (action) =>
    action.calls
      .filter(({ method }) => method === 'redirect.encodeToken')
      .flatMap((call) => objectsOf(action, optionOf(action, call, 0, 'payload')))
      .flatMap((object) => object.properties.flatMap((one) => claimFault(one))),
}

function claimFault(property: Node): readonly Fault[] {
  if (!is(property, 'Property')) return []
  const { key, computed } = property as Of<'Property'>
  const name = nameOf(key, computed) ?? ''
  if (STANDARD.has(name))
    return [{ at: key, message: `The payload replaces the standard claim "${name}".` }]
  if (OF_THE_ANSWER.has(name))
    return [{ at: key, message: `The payload carries "${name}", which belongs to the answer.` }]
  return []
}
