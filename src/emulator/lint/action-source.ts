/**
 * What a rule asks about an Action's source: its handlers, what each of them can reach, the `api` calls,
 * and which part of the event an expression stands for. Names decide, not a data-flow analysis: a rule
 * would rather miss a mistake than report one that is none.
 */
import { eventAliases } from './event-aliases.ts'
import { type Export, exportsOf } from './exports-of.ts'
import {
  childrenOf,
  contains,
  type FunctionNode,
  is,
  isFunction,
  type Node,
  nodesIn,
  type Of,
  ownNodesIn,
  pathOf,
} from './syntax.ts'

export interface ActionSource {
  readonly program: Of<'Program'>
  /** Everything under the exports, by name. */
  readonly exports: readonly Export[]
  handler(name: string): Export | undefined
  readonly calls: readonly ApiCall[]
  /** Calls of this method that the handler reaches, through functions of the module as well. */
  callsFrom(handler: Export | undefined, method: string): readonly ApiCall[]
  /** The functions a handler reaches, itself included. */
  reachedFrom(handler: Export | undefined): readonly FunctionNode[]
  parentOf(node: Node): Node | undefined
  /** Nearest first. */
  ancestorsOf(node: Node): readonly Node[]
  functionAround(node: Node): FunctionNode | undefined
  /** `['event', 'user', 'email']` for what the expression stands for, aliases followed. */
  eventPath(node: Node): readonly string[] | undefined
  /** What this name was last given as an object, array or anything else, near this node first. */
  initOf(name: string, near: Node): Node | undefined
  /** The function of the module with this name. */
  functionNamed(name: string): FunctionNode | undefined
  /** Whether the name, used here, means something declared at the top of the module. */
  isModuleName(name: string, near: Node): boolean
}

export interface ApiCall {
  /** `redirect.sendUserTo`. */
  readonly method: string
  readonly node: Of<'CallExpression'>
}

/** Namespaces whose methods the rules know. */
const NAMESPACES = new Set(
  'access authentication cache multifactor prompt redirect session transaction validation'.split(
    ' ',
  ),
)

export function readActionSource(program: Of<'Program'>): ActionSource {
  const all = [...nodesIn(program)]
  const parents = new Map<Node, Node>()
  for (const node of all) for (const child of childrenOf(node)) parents.set(child, node)
  const ancestorsOf = (node: Node): readonly Node[] => {
    const parent = parents.get(node)
    return parent ? [parent, ...ancestorsOf(parent)] : []
  }
  const functionAround = (node: Node) => ancestorsOf(node).find(isFunction)

  const declarators = all.filter((node) => is(node, 'VariableDeclarator'))
  const functions = namedFunctions(all)
  const functionNamed = (name: string) => functions.get(name)

  const initOf: ActionSource['initOf'] = (name, near) => {
    const own = declarators.filter(({ id }) => is(id, 'Identifier') && id.name === name)
    const around = [near, ...ancestorsOf(near)]
    const nearest = around.flatMap((outer) =>
      own.filter((one) => functionAround(one) === (isFunction(outer) ? outer : undefined)),
    )[0]
    return (nearest ?? own[0])?.init ?? undefined
  }

  const exports = exportsOf(all, functionNamed, initOf)
  const aliases = eventAliases(all, exports)
  const eventPath = (node: Node): readonly string[] | undefined => {
    const path = pathOf(node)
    const alias = path && aliases.get(path[0] as string)
    return path && alias ? [...alias, ...path.slice(1)] : undefined
  }

  const moduleNames = new Set(program.body.flatMap(declaredBy))
  const calls = all
    .filter((node) => is(node, 'CallExpression'))
    .flatMap((node): ApiCall[] => {
      const path = pathOf(node.callee) ?? []
      const [namespace = '', method = ''] = path.slice(-2)
      const isApi = path.length > 2 || (path.length === 2 && !moduleNames.has(namespace))
      if (!isApi || !NAMESPACES.has(namespace) || aliases.has(path[0] as string)) return []
      return [{ method: `${namespace}.${method}`, node }]
    })

  const reachedFrom = (handler: Export | undefined): readonly FunctionNode[] => {
    const reached = new Set<FunctionNode>()
    const add = (node: Node | undefined) => {
      if (!node) return
      if (isFunction(node)) {
        if (reached.has(node)) return
        reached.add(node)
      }
      for (const inner of nodesIn(node)) {
        if (is(inner, 'Identifier')) add(functions.get(inner.name))
      }
    }
    add(handler?.value)
    return [...reached]
  }

  return {
    program,
    exports,
    handler: (name) => exports.find((one) => one.name === name),
    calls,
    callsFrom: (handler, method) => {
      if (!handler) return []
      const places = [handler.value, ...reachedFrom(handler)]
      return calls.filter(
        (call) => call.method === method && places.some((place) => contains(place, call.node)),
      )
    },
    reachedFrom,
    parentOf: (node) => parents.get(node),
    ancestorsOf,
    functionAround,
    eventPath,
    initOf,
    functionNamed,
    isModuleName: (name, near) =>
      moduleNames.has(name) &&
      !ancestorsOf(near).some((outer) => isFunction(outer) && declaresOwn(outer, name)),
  }
}

/** Whether a function has a parameter or a variable of this name, which hides the module's. */
const declaresOwn = (own: FunctionNode, name: string) =>
  own.params.some((parameter) =>
    [...nodesIn(parameter)].some((node) => is(node, 'Identifier') && node.name === name),
  ) ||
  [...ownNodesIn(own.body)].some(
    (node) => is(node, 'VariableDeclarator') && is(node.id, 'Identifier') && node.id.name === name,
  )

function declaredBy(statement: Node): readonly string[] {
  if (is(statement, 'VariableDeclaration'))
    return statement.declarations.flatMap((one) =>
      is(one, 'VariableDeclarator') && is(one.id, 'Identifier') ? [one.id.name] : [],
    )
  if (is(statement, 'FunctionDeclaration') && is(statement.id, 'Identifier'))
    return [statement.id.name]
  return []
}

function namedFunctions(all: readonly Node[]): ReadonlyMap<string, FunctionNode> {
  const named = new Map<string, FunctionNode>()
  for (const node of all) {
    if (is(node, 'FunctionDeclaration') && is(node.id, 'Identifier')) named.set(node.id.name, node)
    if (is(node, 'VariableDeclarator') && is(node.id, 'Identifier') && isFunction(node.init))
      named.set(node.id.name, node.init)
  }
  return named
}
