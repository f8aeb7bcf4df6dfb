/** Names that stand for the event or a part of it: parameters, and what is taken out of it. */
import type { Export } from './exports-of.ts'
import { bare, is, isFunction, type Node, nameOf, type Of, pathOf } from './syntax.ts'

/** Members of the event that an alias may be made of by destructuring a parameter. */
const EVENT_MEMBERS = new Set(
  'authentication authorization client connection configuration custom_domain organization prompt refresh_token request resource_server secrets security_context session stats tenant transaction user'.split(
    ' ',
  ),
)

/** Name → the path into the event it stands for. */
export function eventAliases(
  all: readonly Node[],
  exports: readonly Export[],
): ReadonlyMap<string, readonly string[]> {
  const aliases = new Map<string, readonly string[]>([['event', ['event']]])

  const take = (pattern: Node, path: readonly string[]) => {
    if (is(pattern, 'Identifier')) aliases.set(pattern.name, path)
    if (is(pattern, 'AssignmentPattern')) take(pattern.left, path)
    if (!is(pattern, 'ObjectPattern')) return
    for (const property of pattern.properties) {
      if (!is(property, 'Property')) continue
      const name = nameOf(property.key, property.computed)
      if (name !== undefined) take(property.value, [...path, name])
    }
  }
  for (const { value, name } of exports) {
    const first = isFunction(value) && /^on[A-Z]/.test(name) ? value.params[0] : undefined
    if (first) take(first, ['event'])
  }
  for (const node of all) {
    // A helper that takes the event apart: `({ user, client }) => …`.
    if (isFunction(node)) {
      for (const parameter of node.params) {
        const keys = is(parameter, 'ObjectPattern')
          ? parameter.properties.flatMap((one) =>
              is(one, 'Property') ? (nameOf(one.key, one.computed) ?? []) : [],
            )
          : []
        if (keys.length > 0 && keys.every((key) => EVENT_MEMBERS.has(key)))
          take(parameter, ['event'])
      }
    }
    if (is(node, 'VariableDeclarator') && node.init) {
      const init = is(bare(node.init), 'LogicalExpression')
        ? (bare(node.init) as Of<'LogicalExpression'>).left
        : node.init
      const path = pathOf(init)
      const alias = path && aliases.get(path[0] as string)
      if (path && alias) take(node.id, [...alias, ...path.slice(1)])
    }
  }
  return aliases
}
