/** What an Action exports, in each of the ways CommonJS has. */
import { is, type Node, nameOf, pathOf } from './syntax.ts'

export interface Export {
  readonly name: string
  readonly at: Node
  /** What was exported; a name is followed to its function. */
  readonly value: Node
}

/** `exports.x = …`, `module.exports.x = …` and `module.exports = { x: … }`. */
export function exportsOf(
  all: readonly Node[],
  functionNamed: (name: string) => Node | undefined,
  initOf: (name: string, near: Node) => Node | undefined,
): readonly Export[] {
  const follow = (value: Node): Node =>
    is(value, 'Identifier')
      ? (functionNamed(value.name) ?? initOf(value.name, value) ?? value)
      : value
  return all
    .filter((node) => is(node, 'AssignmentExpression'))
    .flatMap((node): Export[] => {
      const path = pathOf(node.left) ?? []
      const under = path[0] === 'module' && path[1] === 'exports' ? path.slice(2) : path.slice(1)
      const ours = path[0] === 'exports' || (path[0] === 'module' && path[1] === 'exports')
      if (!ours) return []
      if (under.length === 1)
        return [{ name: under[0] as string, at: node.left, value: follow(node.right) }]
      const object = follow(node.right)
      if (under.length > 1 || !is(object, 'ObjectExpression')) return []
      return object.properties
        .filter((property) => is(property, 'Property'))
        .flatMap((property) => {
          const name = nameOf(property.key, property.computed)
          return name === undefined
            ? []
            : [{ name, at: property.key, value: follow(property.value) }]
        })
    })
}
