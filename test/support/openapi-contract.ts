/**
 * Whether an answer is what the OpenAPI document says it would be: an operation that it has, a status
 * that the operation names, the media type, and a body by its schema.
 */
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

type Json = Readonly<Record<string, unknown>>

export interface Contract {
  /** Throws a sentence that says what differs. The answer stays readable. */
  check(method: string, url: string, response: Response): Promise<void>
  /** `operationId status`, in the order in which they came. */
  readonly seen: string[]
}

interface Operation {
  readonly operationId: string
  readonly responses: Readonly<Record<string, { readonly content: Json }>>
}

export function createContract(document: object, base: string): Contract {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  const addFormats = formats as unknown as (own: typeof ajv) => void
  addFormats(ajv)
  ajv.addSchema(document, 'api')
  const { paths } = document as { readonly paths: Readonly<Record<string, Json>> }
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
      operation: operation as Operation,
    })),
  )
  const seen: string[] = []
  const escaped = (part: string) =>
    encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))

  return {
    seen,
    async check(method, url, response) {
      const { pathname } = new URL(url)
      const below = pathname.slice(base.length)
      // A fixed path stands before one with parameters.
      const found = operations
        .filter((own) => own.method === method && own.pattern.test(below))
        .sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0]
      if (found === undefined) throw new Error(`${method} ${below} is not in the document`)
      const { operation, path } = found
      const status = String(response.status)
      seen.push(`${operation.operationId} ${status}`)
      const content = operation.responses[status]?.content
      if (content === undefined) throw new Error(`${operation.operationId} does not name ${status}`)
      const [type = ''] = (response.headers.get('content-type') ?? '').split(';')
      if (!Object.hasOwn(content, type))
        throw new Error(`${operation.operationId} ${status} is not of type ${type}`)
      if (!type.endsWith('json')) return
      const parts = ['paths', path, method.toLowerCase(), 'responses', status, 'content', type]
      const validate = ajv.compile({ $ref: `api#/${parts.map(escaped).join('/')}/schema` })
      if (validate(await response.clone().json())) return
      throw new Error(
        `${operation.operationId} ${status} differs: ${ajv.errorsText(validate.errors)}`,
      )
    },
  }
}
