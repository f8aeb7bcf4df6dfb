/**
 * The part of the ESTree syntax tree that the rules look at, with ways to walk it. Which parser made the
 * tree is no matter here.
 */

/** Offsets in UTF-16 units, end exclusive. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
}

interface FunctionMembers {
  readonly id: Node | null
  readonly params: readonly Node[]
  readonly body: Node
  readonly async: boolean
  readonly generator: boolean
}

interface Operands {
  readonly operator: string
  readonly left: Node
  readonly right: Node
}

interface Branches {
  readonly test: Node
  readonly consequent: Node
  readonly alternate: Node | null
}

interface Invocation {
  readonly callee: Node
  readonly arguments: readonly Node[]
}

interface Wrapping {
  readonly argument: Node | null
}

/** https://github.com/estree/estree, as far as it is used. */
interface Members {
  Program: { readonly body: readonly Node[] }
  Identifier: { readonly name: string }
  Literal: { readonly value: unknown }
  TemplateLiteral: { readonly expressions: readonly Node[] }
  MemberExpression: { readonly object: Node; readonly property: Node; readonly computed: boolean }
  CallExpression: Invocation
  NewExpression: Invocation
  ChainExpression: { readonly expression: Node }
  AwaitExpression: Wrapping
  SpreadElement: Wrapping
  RestElement: Wrapping
  ReturnStatement: Wrapping
  UpdateExpression: Wrapping
  UnaryExpression: Wrapping & { readonly operator: string }
  ExpressionStatement: { readonly expression: Node }
  BlockStatement: { readonly body: readonly Node[] }
  SwitchCase: { readonly consequent: readonly Node[] }
  IfStatement: Branches
  ConditionalExpression: Branches
  TryStatement: {
    readonly block: Node
    readonly handler: (Node & { readonly body: Node }) | null
    readonly finalizer: Node | null
  }
  AssignmentExpression: Operands
  AssignmentPattern: Operands
  BinaryExpression: Operands
  LogicalExpression: Operands
  VariableDeclaration: { readonly declarations: readonly Node[]; readonly kind: string }
  VariableDeclarator: { readonly id: Node; readonly init: Node | null }
  FunctionDeclaration: FunctionMembers
  FunctionExpression: FunctionMembers
  ArrowFunctionExpression: FunctionMembers
  ObjectExpression: { readonly properties: readonly Node[] }
  ObjectPattern: { readonly properties: readonly Node[] }
  ArrayExpression: { readonly elements: readonly (Node | null)[] }
  Property: { readonly key: Node; readonly value: Node; readonly computed: boolean }
}

export type Of<Type extends keyof Members> = Node & { readonly type: Type } & Members[Type]
export type FunctionNode = Of<
  'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression'
>

export function is<Type extends keyof Members>(
  node: Node | null | undefined,
  type: Type,
): node is Of<Type> {
  return node?.type === type
}

export const isFunction = (node: Node | null | undefined): node is FunctionNode =>
  is(node, 'FunctionDeclaration') ||
  is(node, 'FunctionExpression') ||
  is(node, 'ArrowFunctionExpression')

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

export function childrenOf(node: Node): readonly Node[] {
  return Object.values(node).flatMap((member) =>
    Array.isArray(member) ? member.filter(isNode) : isNode(member) ? [member] : [],
  )
}

/** Every node under this one and itself, in the order of the source; `enter` says whether to go in. */
export function* nodesIn(node: Node, enter: (node: Node) => boolean = () => true): Generator<Node> {
  yield node
  for (const child of childrenOf(node)) if (enter(child)) yield* nodesIn(child, enter)
}

/** The same without what stands in inner functions: that runs at another time. */
export const ownNodesIn = (node: Node): Generator<Node> =>
  nodesIn(node, (child) => !isFunction(child))

export const contains = (outer: Node, inner: Node) =>
  outer.start <= inner.start && inner.end <= outer.end

/** `a?.b` and `await a` are about `a.b` and `a`. */
export function bare(node: Node): Node {
  if (is(node, 'ChainExpression')) return bare(node.expression)
  if (is(node, 'AwaitExpression') && node.argument) return bare(node.argument)
  return node
}

export const textOf = (node: Node | null | undefined): string | undefined =>
  is(node, 'Literal') && typeof node.value === 'string' ? node.value : undefined

/** The name a property or a member is reached by, when the source says it. */
export function nameOf(key: Node, computed: boolean): string | undefined {
  if (!computed && is(key, 'Identifier')) return key.name
  return textOf(key)
}

/** `a.b['c']` → `['a', 'b', 'c']`; undefined when it is no such chain. */
export function pathOf(node: Node): readonly string[] | undefined {
  const start = bare(node)
  if (is(start, 'Identifier')) return [start.name]
  if (!is(start, 'MemberExpression')) return undefined
  const before = pathOf(start.object)
  const name = nameOf(start.property, start.computed)
  return before && name !== undefined ? [...before, name] : undefined
}

/** The value of an object's member, by name. */
export function memberOf(object: Node | undefined, name: string): Node | undefined {
  if (!is(object, 'ObjectExpression')) return undefined
  return object.properties
    .filter((property) => is(property, 'Property'))
    .find(({ key, computed }) => nameOf(key, computed) === name)?.value
}
