/** The OpenAPI 3.1 document, made of the routes and their schemas: what is served is what is described. */
import * as z from 'zod'
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from 'zod-openapi'
import { problem } from '../schema/admin-common.ts'
import { policyDocumentSchema } from '../schema/policy-document.ts'
import { PROBLEMS, type ProblemCode } from './problem.ts'
import type { AdminRoute, Tag } from './route.ts'

export type OpenApiDocument = ReturnType<typeof createDocument>

const TAGS: Record<Tag, string> = {
  tenants: 'Tenants, as they are configured.',
  policies: 'Versioned rules: storing, comparing, trying and activating them.',
  assessments: 'Records of verifications, and why each was answered as it was.',
  lists: 'Entries that permit or refuse, and feeds that are loaded.',
  users: 'What is stored of one person, and its end.',
  access: 'Callers, tokens and the audit.',
  reference: 'This document.',
}

const EVERYWHERE: readonly ProblemCode[] = [
  'unauthorized',
  'forbidden',
  'too_many',
  'internal',
  'unavailable',
]

export function openApiDocument(routes: readonly AdminRoute[], origin: string): OpenApiDocument {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) }
  }
  return createDocument({
    openapi: '3.1.1',
    info: {
      title: 'redirect-verifier, for operators',
      version: '1',
      description:
        'Every change leaves a line in the audit; what is refused changes nothing. Times are epoch seconds in requests, ISO 8601 in UTC in answers. Errors are problem details (RFC 9457).',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: `${origin}/admin/api` }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    security: [{ token: [] }, { session: [] }, { access: [] }],
    paths: { ...OWN_PATHS, ...paths } as ZodOpenApiPathsObject,
    components: {
      schemas: { PolicyDocument: policyDocumentSchema, Problem: problem },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API token, `rva_…`; in this header alone, never in an address.',
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-rv_admin',
          description:
            'A signed-in browser. Changes also need the header `x-csrf-token` and come from our own pages.',
        },
        access: {
          type: 'apiKey',
          in: 'header',
          name: 'Cf-Access-Jwt-Assertion',
          description:
            'Set by Cloudflare Access, where it is configured. Changes as with a session.',
        },
      },
    },
  })
}

/** Served beside the table, since they are made of it. */
const OWN_PATHS = {
  '/openapi.json': {
    get: {
      operationId: 'readDocument',
      tags: ['reference'],
      summary: 'This document',
      responses: {
        '200': {
          description: 'OpenAPI 3.1.',
          content: { 'application/json': { schema: z.looseObject({}) } },
        },
      },
    },
  },
  '/reference': {
    get: {
      operationId: 'readReference',
      tags: ['reference'],
      summary: 'This document, as a page',
      responses: {
        '200': { description: 'A page.', content: { 'text/html': { schema: z.string() } } },
      },
    },
  },
} as const satisfies ZodOpenApiPathsObject

function operationOf(route: AdminRoute): ZodOpenApiOperationObject {
  const { params, query, body, answer } = route
  const takes = params !== undefined || query !== undefined || body !== undefined
  const codes: ProblemCode[] = [
    ...EVERYWHERE,
    ...(takes ? (['invalid'] as const) : []),
    ...(route.path.includes('{') ? (['not_found'] as const) : []),
    ...(body === undefined ? [] : (['body_too_large', 'content_type_unsupported'] as const)),
    ...(route.problems ?? []),
  ]
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    description: [
      ...(route.description === undefined ? [] : [route.description]),
      `Needs the role ${route.role}.`,
    ].join(' '),
    'x-role': route.role,
    ...(params === undefined && query === undefined
      ? {}
      : { requestParams: { ...objectOf('path', params), ...objectOf('query', query) } }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: {
      '200': {
        description: answer.description,
        content: { 'application/json': { schema: answer.schema } },
      },
      ...problemsOf(codes),
    },
  }
}

const objectOf = (place: 'path' | 'query', schema: z.ZodType | undefined) =>
  schema instanceof z.ZodObject ? { [place]: schema } : {}

function problemsOf(codes: readonly ProblemCode[]) {
  const byStatus = new Map<number, ProblemCode[]>()
  for (const code of codes) {
    const [status] = PROBLEMS[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, own]) => [
        String(status),
        {
          description: own.map((code) => `\`${code}\`: ${PROBLEMS[code][1]}.`).join(' '),
          content: { 'application/problem+json': { schema: problem } },
        },
      ]),
  )
}
