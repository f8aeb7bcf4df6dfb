/** Reads what a request brings into what its route's schemas say, or names every fault by its place. */
import type * as z from 'zod'
import { ok, type Result, refuse } from '../domain/result.ts'
import { isStorableJson, isStorableText, NOT_STORABLE } from '../domain/storable-text.ts'
import type { AdminContext } from './admin-deps.ts'
import type { Problem } from './problem.ts'
import type { AdminRoute } from './route.ts'

export interface RouteInput {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
}

type Fault = NonNullable<Problem['errors']>[number]

export async function readInput(
  c: AdminContext,
  route: AdminRoute,
): Promise<Result<RouteInput, Problem>> {
  const params = parse(route.params, c.req.param(), parameterOf)
  const query = readQuery(c, route.query)
  const unstorable = Object.entries({ ...c.req.query(), ...c.req.param() })
    .filter(([, text]) => !isStorableText(text))
    .map(([parameter]) => ({ parameter, detail: NOT_STORABLE }))
  if (unstorable.length > 0) return invalid(unstorable)
  const faults = [...(params.ok ? [] : params.error), ...(query.ok ? [] : query.error)]
  if (faults.length > 0) return invalid(faults)
  const body = await readBody(c, route.body)
  if (!body.ok) return body
  return ok({
    params: params.ok ? params.value : undefined,
    query: query.ok ? query.value : undefined,
    body: body.value,
  })
}

function readQuery(c: AdminContext, schema: z.ZodType | undefined): Result<unknown, Fault[]> {
  const all = Object.entries(c.req.queries())
  // Of two values one would be dropped, and the caller would not know which.
  const repeated = all.filter(([, values]) => values.length > 1)
  if (repeated.length > 0) {
    return refuse(repeated.map(([parameter]) => ({ parameter, detail: 'must be given once' })))
  }
  const given = Object.fromEntries(all.map(([name, [value]]) => [name, value]))
  if (schema === undefined) {
    const unknown = Object.keys(given)
    if (unknown.length === 0) return ok({})
    return refuse(unknown.map((parameter) => ({ parameter, detail: 'is not known here' })))
  }
  return parse(schema, given, parameterOf)
}

async function readBody(
  c: AdminContext,
  schema: z.ZodType | undefined,
): Promise<Result<unknown, Problem>> {
  if (schema === undefined) return ok(undefined)
  const type = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') {
    return refuse({ code: 'content_type_unsupported', detail: 'Send application/json.' })
  }
  let value: unknown
  try {
    value = await c.req.json()
  } catch {
    // The engine's own message quotes the body.
    return invalid([{ pointer: '#', detail: 'must be JSON' }])
  }
  if (!isStorableJson(value)) return invalid([{ pointer: '#', detail: NOT_STORABLE }])
  const parsed = parse(schema, value, pointerOf)
  return parsed.ok ? parsed : invalid(parsed.error)
}

const invalid = (errors: readonly Fault[]): Result<never, Problem> =>
  refuse({
    code: 'invalid',
    detail: `${errors.length} of what was given cannot be taken; see errors.`,
    errors,
  })

function parse(
  schema: z.ZodType | undefined,
  value: unknown,
  place: (path: readonly PropertyKey[]) => Omit<Fault, 'detail'>,
): Result<unknown, Fault[]> {
  if (schema === undefined) return ok(value)
  const parsed = schema.safeParse(value)
  if (parsed.success) return ok(parsed.data)
  return refuse(
    parsed.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({
            ...place([...issue.path, key]),
            detail: 'is not known here',
          }))
        : [{ ...place(issue.path), detail: issue.message }],
    ),
  )
}

const parameterOf = (path: readonly PropertyKey[]) => ({ parameter: String(path[0] ?? '') })

/** RFC 6901, as the fragment that RFC 9457 shows. */
const pointerOf = (path: readonly PropertyKey[]) => ({
  pointer: `#${path
    .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')}`,
})
