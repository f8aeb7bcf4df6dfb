/** `api.access.deny`: what it is given, and what still runs after it. */
import type { ActionSource } from '../action-source.ts'
import type { Fault, Rule } from '../finding.ts'
import { is, isFunction, type Node, ownNodesIn, pathOf } from '../syntax.ts'

const DENY = 'access.deny'

export const denyTwoArguments: Rule = {
  id: 'deny-two-arguments',
  severity: 'error',
  why: 'In these triggers deny takes one argument, the text for people. Of two, the user is shown the first, which was meant as a code.',
  fix: "Give the sentence alone: api.access.deny('We cannot reset your password online.').",
  source:
    'Auth0 docs, post-challenge and post-login API objects: deny(reason); an example there has this mistake',
  check: ({ calls, exports }) =>
    exports.some(({ name }) => /(PostLogin|PostChallenge)$/.test(name))
      ? calls
          .filter(({ method, node }) => method === DENY && node.arguments.length > 1)
          .map(({ node }) => ({ at: node, message: 'deny was given two arguments; it takes one.' }))
      : [],
}

export const workAfterDeny: Rule = {
  id: 'work-after-deny',
  severity: 'error',
  why: 'deny only records the denial. It does not throw and does not return: what follows still runs, with its side effects.',
  fix: 'return api.access.deny(…), so that nothing runs after it.',
  source:
    'Auth0 docs, API object: deny stops the flow after the Action; @auth0/actions, deny records a command',
  check: (action) =>
    action.calls
      .filter(({ method }) => method === DENY)
      .flatMap(({ node }): readonly Fault[] => {
        const after = whatRunsAfter(action, node)
        return after ? [{ at: node, message: 'Code after this deny still runs.' }] : []
      }),
}

/** The first statement with an effect that runs after this call in the same function. */
function whatRunsAfter(action: ActionSource, call: Node): Node | undefined {
  let statement: Node = call
  for (const parent of action.ancestorsOf(call)) {
    if (isFunction(parent) || is(parent, 'ReturnStatement') || parent.type === 'ThrowStatement')
      return undefined
    const list = is(parent, 'BlockStatement') || is(parent, 'Program') ? parent.body : undefined
    const following = list ?? (is(parent, 'SwitchCase') ? parent.consequent : [])
    for (const next of following.slice(following.indexOf(statement) + 1)) {
      if (following.includes(statement) && hasEffect(next)) return next
      if (following.includes(statement) && leaves(next)) return undefined
    }
    statement = parent
  }
  return undefined
}

const leaves = ({ type }: Node) => /^(Return|Throw|Break|Continue)Statement$/.test(type)

/** Calls something that is not the console, or changes something. */
function hasEffect(statement: Node): boolean {
  for (const node of ownNodesIn(statement)) {
    if (is(node, 'AssignmentExpression') || is(node, 'UpdateExpression')) return true
    const calls = is(node, 'CallExpression') || is(node, 'NewExpression')
    if (calls && pathOf(node.callee)?.[0] !== 'console') return true
  }
  return false
}
