/** The objects behind an expression, for rules about payloads and options. */
import type { ActionSource, ApiCall } from './action-source.ts'
import { bare, is, memberOf, type Node, type Of, ownNodesIn, pathOf } from './syntax.ts'

/** The objects an expression may come to: literals, names, spreads, what a function of ours returns. */
export function objectsOf(
  action: ActionSource,
  node: Node | undefined,
  depth = 4,
): readonly Of<'ObjectExpression'>[] {
  if (!node || depth === 0) return []
  const value = bare(node)
  const again = (other: Node | null | undefined) => objectsOf(action, other ?? undefined, depth - 1)
  if (is(value, 'ObjectExpression'))
    return [
      value,
      ...value.properties.flatMap((one) => (is(one, 'SpreadElement') ? again(one.argument) : [])),
    ]
  if (is(value, 'Identifier')) return again(action.initOf(value.name, value))
  if (is(value, 'ConditionalExpression'))
    return [...again(value.consequent), ...again(value.alternate)]
  if (is(value, 'LogicalExpression')) return [...again(value.left), ...again(value.right)]
  if (is(value, 'CallExpression')) {
    if (pathOf(value.callee)?.join('.') === 'Object.assign') return value.arguments.flatMap(again)
    const called = is(value.callee, 'Identifier')
      ? action.functionNamed(value.callee.name)
      : undefined
    if (!called) return []
    if (!is(called.body, 'BlockStatement')) return again(called.body)
    return [...ownNodesIn(called.body)].flatMap((inner) =>
      is(inner, 'ReturnStatement') ? again(inner.argument) : [],
    )
  }
  return []
}

/** A member of the options an `api` method was given, when they are written as an object. */
export function optionOf(
  action: ActionSource,
  { node }: ApiCall,
  position: number,
  name: string,
): Node | undefined {
  return objectsOf(action, node.arguments[position])
    .map((object) => memberOf(object, name))
    .find((member) => member !== undefined)
}
