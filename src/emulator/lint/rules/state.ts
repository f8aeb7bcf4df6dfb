/** What an Action keeps between executions, and what it must not rely on. */
import type { ActionSource, ApiCall } from '../action-source.ts'
import type { Fault, Rule } from '../finding.ts'
import { is, type Node, nodesIn, pathOf, textOf } from '../syntax.ts'
import { CONTINUE_OF } from './handlers.ts'

export const cacheAsNonceStore: Rule = {
  id: 'cache-as-nonce-store',
  severity: 'error',
  why: 'api.cache is shared by all users of the trigger, evicts when it likes and may be another one after the redirect: a nonce in it gets lost, and so does the user; a one-time mark in it can be replayed.',
  fix: 'In a login keep it in api.transaction.setMetadata. In a password reset rely on the `state` and `sub` of the answer and let your site make the token one-time.',
  source:
    'Auth0 docs, API object: items of the cache may be gone in later transactions; Actions limitations',
  check: (action) =>
    Object.entries(CONTINUE_OF).flatMap(([execute, next]): readonly Fault[] => {
      const written = action.callsFrom(action.handler(execute), 'cache.set')
      const read = action.callsFrom(action.handler(next), 'cache.get')
      return read
        .filter((one) => written.some((other) => mayBeSameKey(one, other)))
        .map(({ node }) => ({
          at: node,
          message: `"${next}" relies on what "${execute}" put into the cache before the redirect.`,
        }))
    }),
}

/** Two literals that differ are two keys; anything else may be the same. */
function mayBeSameKey(one: ApiCall, other: ApiCall): boolean {
  const [a, b] = [textOf(one.node.arguments[0]), textOf(other.node.arguments[0])]
  return a === undefined || b === undefined || a === b
}

/** Calls that change what they are called on. */
const CHANGES = new Set('add append push set splice unshift'.split(' '))
/** Parts of the event that are the same for every user. */
const SAME_FOR_ALL = new Set(['secrets', 'configuration', 'tenant', 'client'])

export const moduleLevelState: Rule = {
  id: 'module-level-state',
  severity: 'error',
  why: 'One warm instance serves many users: what one of them leaves in a variable of the module, the next one meets. After a redirect it may be another instance and be gone.',
  fix: 'Keep what belongs to a user inside the handler.',
  source:
    'Auth0 docs, Actions limitations and Node 22 migration: the module is loaded once per instance',
  check: (action) =>
    [...nodesIn(action.program)].flatMap((node): readonly Fault[] => {
      const change = changeOf(node)
      const name = change && pathOf(change.target)?.[0]
      if (!change || name === undefined || !action.isModuleName(name, node)) return []
      if (!action.functionAround(node)) return []
      return change.values.some((value) => isAboutUser(action, value))
        ? [{ at: node, message: `"${name}" outlives this user, but is given something of theirs.` }]
        : []
    }),
}

function changeOf(
  node: Node,
): { readonly target: Node; readonly values: readonly Node[] } | undefined {
  if (is(node, 'AssignmentExpression')) {
    const keys = is(node.left, 'MemberExpression') && node.left.computed ? [node.left.property] : []
    return { target: targetOf(node.left), values: [node.right, ...keys] }
  }
  if (!is(node, 'CallExpression') || !is(node.callee, 'MemberExpression')) return undefined
  const method = pathOf(node.callee)?.at(-1) ?? ''
  return CHANGES.has(method) ? { target: node.callee.object, values: node.arguments } : undefined
}

/** `seen[id].at` → `seen`: a computed member is part of the same object. */
const targetOf = (node: Node): Node =>
  is(node, 'MemberExpression') && node.computed ? targetOf(node.object) : node

function isAboutUser(action: ActionSource, value: Node, depth = 3): boolean {
  return [...nodesIn(value)].some((node) => {
    const path = action.eventPath(node)
    if (path && path.length > 1) return !SAME_FOR_ALL.has(path[1] as string)
    if (path) return isWhole(action, node)
    const validated =
      is(node, 'CallExpression') && /\.validateToken$/.test(pathOf(node.callee)?.join('.') ?? '')
    if (validated) return true
    const init =
      depth > 0 && is(node, 'Identifier') && !action.isModuleName(node.name, node)
        ? action.initOf(node.name, node)
        : undefined
    return init !== undefined && isAboutUser(action, init, depth - 1)
  })
}

/** `event` itself, and not the beginning of `event.secrets`. */
const isWhole = (action: ActionSource, node: Node) => {
  const parent = action.parentOf(node)
  return !(is(parent, 'MemberExpression') && parent.object === node)
}
