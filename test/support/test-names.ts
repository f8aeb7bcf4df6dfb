/**
 * The names of the tests of a file as they stand in its source: what `it`, `test` and `describe` are
 * called with and, where a table gives the whole name, the first cells of its rows. No other text counts:
 * a sentence in an assertion or a comment shows nothing.
 */
import { type Node as AnyNode, is, nodesIn, pathOf } from '../../src/emulator/lint/syntax.ts'

const RUNNERS = ['it', 'test', 'describe']
/** Such a test is not run. */
const LEFT_OUT = ['skip', 'todo']
/** The row gives the name, and this test adds nothing to it. */
const WHOLE_NAME = '%s'

/** `program`: the syntax tree of `code`. */
export function* namesIn(program: AnyNode, code: string): Generator<string> {
  const tables = declarationsIn(program)
  for (const node of nodesIn(program)) {
    if (!is(node, 'CallExpression')) continue
    const [title] = node.arguments
    const table = is(node.callee, 'CallExpression') ? node.callee : undefined
    const path = pathOf(table?.callee ?? node.callee) ?? []
    if (!RUNNERS.includes(path[0] ?? '') || path.some((name) => LEFT_OUT.includes(name))) continue
    const name = title && textOf(title, code)
    if (name === undefined) continue
    if (name !== WHOLE_NAME) yield name
    else if (path.at(-1) === 'each' && table?.arguments[0])
      yield* firstCells(table.arguments[0], tables, code)
  }
}

type Declarations = ReadonlyMap<string, AnyNode>

/** By name alone: of two variables of one name the first one counts. */
function declarationsIn(program: AnyNode): Declarations {
  const found = new Map<string, AnyNode>()
  for (const node of nodesIn(program)) {
    if (!is(node, 'VariableDeclarator') || !node.init || !is(node.id, 'Identifier')) continue
    if (!found.has(node.id.name)) found.set(node.id.name, node.init)
  }
  return found
}

/** Of a table as it is written, named, spread, joined, or made of another one row by row. */
function* firstCells(table: AnyNode, tables: Declarations, code: string): Generator<string> {
  const node = bareOf(table)
  if (is(node, 'Identifier')) {
    const declared = tables.get(node.name)
    if (declared) yield* firstCells(declared, tables, code)
  } else if (is(node, 'ArrayExpression')) {
    for (const element of node.elements) if (element) yield* cellOf(element, tables, code)
  } else if (is(node, 'CallExpression') && is(node.callee, 'MemberExpression')) {
    const [made] = node.arguments
    const own = is(made, 'ArrowFunctionExpression') ? [...madeBy(made.body, tables, code)] : []
    // A row that only passes on what the other table says has that table's name.
    if (own.length > 0) yield* own
    else yield* firstCells(node.callee.object, tables, code)
  }
}

/** A row, a whole table, or a name that is the row. */
function* cellOf(element: AnyNode, tables: Declarations, code: string): Generator<string> {
  const node = bareOf(is(element, 'SpreadElement') && element.argument ? element.argument : element)
  const [first] = is(node, 'ArrayExpression') ? node.elements : [node]
  const name = first ? textOf(first, code) : undefined
  if (name !== undefined) yield name
  else if (first && TABLES.includes(bareOf(first).type)) yield* firstCells(node, tables, code)
}

/** What a row does not begin with, but a list of tables does. */
const TABLES = ['Identifier', 'ArrayExpression', 'CallExpression', 'SpreadElement']

const madeBy = (body: AnyNode, tables: Declarations, code: string) =>
  is(bareOf(body), 'ArrayExpression') ? cellOf(body, tables, code) : []

/** A template as it is written, `${…}` and all. */
function textOf(node: AnyNode, code: string): string | undefined {
  if (is(node, 'Literal') && typeof node.value === 'string') return node.value
  return is(node, 'TemplateLiteral') ? code.slice(node.start + 1, node.end - 1) : undefined
}

/** Without parentheses and types. */
function bareOf(node: AnyNode): AnyNode {
  const { expression } = node as AnyNode & { readonly expression?: AnyNode }
  return /^(TS\w+|Parenthesized)Expression$/.test(node.type) && expression
    ? bareOf(expression)
    : node
}
