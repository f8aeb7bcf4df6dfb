/**
 * Requests out of an OpenAPI document: for each operation what it asks for, and the same with something
 * changed that nobody asked for. It knows the document and nothing of who serves it.
 */
import fc, { type Arbitrary } from 'fast-check'

export interface Operation {
  readonly id: string
  readonly method: string
  /** With its parameters in braces. */
  readonly path: string
  readonly role: string | undefined
  readonly statuses: readonly number[]
  readonly parameters: readonly Parameter[]
  readonly body: Schema | undefined
}

export interface Sent {
  readonly method: string
  /** Escaped, with its query. */
  readonly path: string
  /** Undefined: none is sent. */
  readonly body: string | undefined
  readonly contentType: string | undefined
}

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly schema: Schema
}

type Schema = boolean | SchemaObject
interface SchemaObject {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly prefixItems?: readonly Schema[]
  readonly minItems?: number
  readonly maxItems?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: string
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

export function operationsOf({ paths }: Document): readonly Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, described]) => {
        const operation = described as {
          readonly operationId: string
          readonly 'x-role'?: string
          readonly responses: object
          readonly parameters?: readonly Parameter[]
          readonly requestBody?: {
            readonly content: { readonly 'application/json': { readonly schema: Schema } }
          }
        }
        return {
          id: operation.operationId,
          method: method.toUpperCase(),
          path,
          role: operation['x-role'],
          statuses: Object.keys(operation.responses).map(Number),
          parameters: operation.parameters ?? [],
          body: operation.requestBody?.content['application/json'].schema,
        }
      }),
  )
}

const DEEP = `${'['.repeat(5000)}${']'.repeat(5000)}`
/** Each was somebody's downfall once. */
const HOSTILE_TEXTS = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\u202e',
  '..',
  '../..',
  '%00',
  '%2e%2e%2f',
  "' or 1=1 --",
  '{{7*7}}',
  '<script>alert(1)</script>',
  'null',
  '-1',
  '9223372036854775808',
  '1e309',
  'NaN',
  '__proto__',
  'x'.repeat(10_000),
  '٣',
]
const HOSTILE_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  [],
  {},
  [null],
  { __proto__: null, constructor: 'x' },
  ...HOSTILE_TEXTS,
]
const HOSTILE_BODIES = [
  '',
  '{',
  'null',
  '[]',
  '"text"',
  DEEP,
  `{"a":${DEEP}}`,
  '{"__proto__":{"role":"admin"}}',
  '{"a":1,"a":2}',
  '\ufeff{}',
  'x'.repeat(600_000),
]
const CONTENT_TYPES = [
  undefined,
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-16',
  'application/JSON',
]

/** What the operation asks for, to the letter as far as the document says it. */
export function validRequest(
  operation: Operation,
  document: Document,
  known: Readonly<Record<string, readonly string[]>>,
): Arbitrary<Sent> {
  const values = createValues(document)
  const parameters = operation.parameters.map((parameter) => {
    const names = known[parameter.name]
    const described = values(parameter.schema)
    const value = names === undefined ? described : fc.oneof(fc.constantFrom(...names), described)
    return fc.record({
      parameter: fc.constant(parameter),
      value: parameter.required ? value : fc.option(value, { nil: undefined }),
    })
  })
  const body = operation.body === undefined ? fc.constant(undefined) : values(operation.body)
  return fc.tuple(fc.tuple(...parameters), body).map(([given, content]) => ({
    method: operation.method,
    path: pathOf(operation.path, given),
    body: content === undefined ? undefined : JSON.stringify(content),
    contentType: operation.body === undefined ? undefined : 'application/json',
  }))
}

/** The same with one thing wrong, or several. */
export function hostileRequest(
  operation: Operation,
  document: Document,
  known: Readonly<Record<string, readonly string[]>>,
): Arbitrary<Sent> {
  const text = fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string({ unit: 'binary' }))
  const spoilParameter = fc.record({
    name: fc.constantFrom('limit', 'cursor', 'since', 'flow', 'unknown', '__proto__', 'tenant'),
    value: text,
  })
  return fc
    .record({
      valid: validRequest(operation, document, known),
      parameter: fc.option(spoilParameter, { nil: undefined }),
      segment: fc.option(fc.tuple(fc.nat(), text), { nil: undefined, freq: 2 }),
      leaf: fc.option(
        fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(...HOSTILE_VALUES), fc.jsonValue())),
        { nil: undefined },
      ),
      body: fc.option(fc.constantFrom(...HOSTILE_BODIES), { nil: undefined, freq: 2 }),
      contentType: fc.option(fc.constantFrom(...CONTENT_TYPES), { nil: null, freq: 2 }),
      method: fc.option(fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'), {
        nil: undefined,
        freq: 10,
      }),
    })
    .map(({ valid, parameter, segment, leaf, body, contentType, method = valid.method }) => {
      const spoiled = leaf === undefined ? valid.body : withLeaf(valid.body, ...leaf)
      const content = body !== undefined && valid.body !== undefined ? body : spoiled
      return {
        method,
        path: withParameter(withSegment(valid.path, segment), parameter),
        body: method === 'GET' ? undefined : content,
        contentType: contentType === null ? valid.contentType : contentType,
      }
    })
}

function pathOf(
  template: string,
  given: readonly { readonly parameter: Parameter; readonly value: unknown }[],
): string {
  let path = template
  const query = new URLSearchParams()
  for (const { parameter, value } of given) {
    if (value === undefined) continue
    if (parameter.in === 'path') path = path.replace(`{${parameter.name}}`, escaped(String(value)))
    if (parameter.in === 'query') query.set(parameter.name, String(value))
  }
  return query.size === 0 ? path : `${path}?${query}`
}

/** Just beyond what a computer's number holds, where a pattern of digits alone would let it through. */
const NUMBER_EDGES = [
  ...['2147483647', '2147483648', '4294967296', '9007199254740993', '9999999999', '999999999999'],
  ...['9223372036854775807', '9223372036854775808', '-9223372036854775809', '9999999999999999999'],
]
export const EDGES: readonly string[] = [...NUMBER_EDGES, ...HOSTILE_TEXTS]

/** Each parameter of the operation with each of the edges, the others as they should be. */
export function edgeRequests(
  operation: Operation,
  document: Document,
  known: Readonly<Record<string, readonly string[]>>,
): readonly Sent[] {
  const values = createValues(document)
  const usual = operation.parameters
    .filter(({ required }) => required)
    .map((parameter) => {
      const value = known[parameter.name]?.[0] ?? fc.sample(values(parameter.schema), 1)[0]
      return { parameter, value }
    })
  const content = operation.body && fc.sample(values(operation.body), 1)[0]
  return operation.parameters.flatMap((parameter) =>
    EDGES.map((value) => ({
      method: operation.method,
      path: pathOf(operation.path, [
        { parameter, value },
        ...usual.filter((one) => one.parameter.name !== parameter.name),
      ]),
      body: content === undefined ? undefined : JSON.stringify(content),
      contentType: operation.body === undefined ? undefined : 'application/json',
    })),
  )
}

/** Half of a surrogate pair has no escape. */
const HALF = /\p{Surrogate}/gu
const escaped = (text: string) => encodeURIComponent(text.replaceAll(HALF, '\ufffd'))

function withSegment(path: string, segment: readonly [number, string] | undefined): string {
  if (segment === undefined) return path
  const [at, text] = segment
  const [place = '', query] = path.split('?')
  const parts = place.split('/')
  parts[1 + (at % (parts.length - 1))] = escaped(text)
  return [parts.join('/'), ...(query === undefined ? [] : [query])].join('?')
}

function withParameter(
  path: string,
  parameter: { readonly name: string; readonly value: string } | undefined,
): string {
  if (parameter === undefined) return path
  const pair = `${escaped(parameter.name)}=${escaped(parameter.value)}`
  return `${path}${path.includes('?') ? '&' : '?'}${pair}`
}

/** One value of the document, wherever it stands, in place of which another one comes. */
function withLeaf(body: string | undefined, at: number, value: unknown): string | undefined {
  if (body === undefined) return undefined
  let places = 0
  JSON.stringify(JSON.parse(body), (_key, member: unknown) => {
    places += 1
    return member
  })
  let place = -1
  return JSON.stringify(JSON.parse(body), (_key, member: unknown) => {
    place += 1
    return place === at % places ? value : member
  })
}

/** A schema's values. Recursion ends where the schema allows it to, after a few levels. */
function createValues({ components }: Document): (schema: Schema) => Arbitrary<unknown> {
  const NESTING = 4

  function valuesOf(schema: Schema, level: number): Arbitrary<unknown> {
    if (typeof schema === 'boolean') return fc.jsonValue({ maxDepth: 1 })
    if (schema.$ref !== undefined) {
      const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)
      return valuesOf(components.schemas[name] ?? true, level)
    }
    if ('const' in schema) return fc.constant(schema.const)
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
    const choices = schema.anyOf ?? schema.oneOf
    if (choices !== undefined) return oneOf(choices, level)
    const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? [])
    if (types.length === 0) return fc.jsonValue({ maxDepth: 1 })
    return fc.oneof(...types.map((type) => typed(type, schema, level)))
  }

  /** Deep down the choices that hold no other, which stand first in a document of conditions or last. */
  function oneOf(choices: readonly Schema[], level: number): Arbitrary<unknown> {
    const flat = choices.filter((choice) => typeof choice === 'object' && !isNested(choice))
    const chosen = level >= NESTING && flat.length > 0 ? flat : choices
    return fc.oneof(...chosen.map((choice) => valuesOf(choice, level + 1)))
  }

  const isNested = (schema: SchemaObject): boolean =>
    Object.values(schema.properties ?? {}).some(
      (member) =>
        typeof member === 'object' && (member.$ref !== undefined || member.items !== undefined),
    )

  function typed(type: string, schema: SchemaObject, level: number): Arbitrary<unknown> {
    const { minimum = -1000, maximum = Math.max(1000, minimum) } = schema
    switch (type) {
      case 'null':
        return fc.constant(null)
      case 'boolean':
        return fc.boolean()
      case 'integer':
        return fc.integer({ min: Math.ceil(minimum), max: Math.floor(Math.min(maximum, 2 ** 31)) })
      case 'number':
        return fc.double({ min: minimum, max: maximum, noNaN: true })
      case 'array':
        return arrayOf(schema, level)
      case 'object':
        return objectOf(schema, level)
      default:
        return textOf(schema)
    }
  }

  function arrayOf(
    { prefixItems, items = true, minItems = 0, maxItems }: SchemaObject,
    level: number,
  ) {
    if (prefixItems !== undefined) {
      return fc.tuple(...prefixItems.map((item) => valuesOf(item, level + 1)))
    }
    const most = Math.max(minItems, Math.min(maxItems ?? 3, level >= NESTING ? 1 : 3))
    return fc.array(valuesOf(items, level + 1), { minLength: minItems, maxLength: most })
  }

  function objectOf({ properties = {}, required = [] }: SchemaObject, level: number) {
    const members = Object.entries(properties).map(
      ([name, schema]) => [name, valuesOf(schema, level + 1)] as const,
    )
    return fc.record(Object.fromEntries(members), { requiredKeys: [...required] })
  }

  return (schema) => valuesOf(schema, 0)
}

function textOf({ pattern, format, minLength = 0, maxLength = 300 }: SchemaObject) {
  if (format === 'uuid') return fc.uuid()
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((at) => at.toISOString())
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern))
  const maximum = Math.min(maxLength, 300)
  return fc.oneof(
    fc.string({ minLength, maxLength: maximum }),
    fc.string({ minLength, maxLength: maximum, unit: 'binary' }),
  )
}
