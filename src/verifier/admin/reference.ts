/** The reference of the operator's API as a page: the document, readable. No script, nothing from elsewhere. */
import { html } from 'hono/html'
import { standaloneStyle } from './admin-headers.ts'
import type { OpenApiDocument } from './openapi.ts'

const STYLE = standaloneStyle(`
body { max-width: 60rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere }
h2 { margin-top: 3rem; border-bottom: 1px solid }
h3 { margin-top: 2rem; font-size: 1.1rem }
code, pre { font: .9em/1.5 ui-monospace, monospace }
pre { white-space: pre-wrap; padding: .75rem; border: 1px solid; border-radius: .3rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: start; vertical-align: top; padding: .2rem .75rem .2rem 0 }
th, td:not(:last-child) { overflow-wrap: break-word }
.method { text-transform: uppercase; font-weight: 700 }
`)

type Json = Readonly<Record<string, unknown>>
type Html = ReturnType<typeof html>

export async function referencePage(document: OpenApiDocument): Promise<{
  readonly body: string
  readonly contentSecurityPolicy: string
}> {
  const { info, tags = [], servers = [], components } = document
  const operations = operationsOf(document)
  const body = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title}: reference</title>
<style>${STYLE.text}</style>
</head>
<body>
<header>
<h1>${info.title}</h1>
<p>${prose(info.description)}</p>
<p>Base address: <code>${servers[0]?.url}</code>. The same as a document: <a href="/admin/api/openapi.json">openapi.json</a>.</p>
</header>
<nav aria-label="Operations">
<ul>
${operations.map(({ id, method, path, summary }) => html`<li><a href="#${id}"><code><span class="method">${method}</span> ${path}</code></a> ${summary}</li>\n`)}</ul>
</nav>
<main>
${tags.map(({ name, description }) => {
  const own = operations.filter(({ tag }) => tag === name)
  return html`<section>
<h2 id="tag-${name}">${name}</h2>
<p>${prose(description)}</p>
${own.map(operationSection)}</section>
`
})}<section>
<h2 id="schemas">Schemas</h2>
${Object.entries(components?.schemas ?? {}).map(([name, schema]) => schemaSection(name, schema))}</section>
</main>
</body>
</html>
`
  return { body: String(await body), contentSecurityPolicy: STYLE.policy }
}

interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description: string
  readonly parameters: readonly Json[]
  readonly body: unknown
  readonly responses: readonly (readonly [status: string, description: string, schema: unknown])[]
}

function operationsOf({ paths = {} }: OpenApiDocument): readonly Operation[] {
  return Object.entries(paths as Json).flatMap(([path, item]) =>
    Object.entries(item as Json).map(([method, value]) => {
      const operation = value as Json
      return {
        id: String(operation.operationId),
        method,
        path,
        tag: String((operation.tags as readonly string[])[0]),
        summary: String(operation.summary),
        description: String(operation.description ?? ''),
        parameters: (operation.parameters ?? []) as readonly Json[],
        body: schemaIn(operation.requestBody),
        responses: Object.entries(operation.responses as Json).map(
          ([status, response]) =>
            [status, String((response as Json).description), schemaIn(response)] as const,
        ),
      }
    }),
  )
}

/** Of a body or an answer: the schema of its only media type. */
function schemaIn(value: unknown): unknown {
  const { content } = (value ?? {}) as { readonly content?: Json }
  const [only] = Object.values(content ?? {})
  return (only as Json | undefined)?.schema
}

function operationSection(operation: Operation): Html {
  const { id, method, path, summary, description, parameters, body, responses } = operation
  return html`<h3 id="${id}"><code><span class="method">${method}</span> ${path}</code></h3>
<p><strong>${summary}.</strong> ${prose(description)}</p>
${
  parameters.length === 0
    ? ''
    : html`<table>
<thead><tr><th scope="col">parameter</th><th scope="col">in</th><th scope="col">form</th></tr></thead>
<tbody>
${parameters.map(
  (parameter) => html`<tr><th scope="row"><code>${parameter.name}</code>${
    parameter.required === true ? '' : ' (may be left out)'
  }</th><td>${parameter.in}</td><td>${prose(parameter.description)} ${schemaLine(parameter.schema)}</td></tr>
`,
)}</tbody>
</table>
`
}${body === undefined ? '' : html`<p>Body: ${schemaLine(body)}</p>\n`}<table>
<thead><tr><th scope="col">status</th><th scope="col">answer</th></tr></thead>
<tbody>
${responses.map(
  ([status, text, schema]) => html`<tr><th scope="row">${status}</th><td>${prose(text)} ${
    status === '200' ? schemaLine(schema) : ''
  }</td></tr>
`,
)}</tbody>
</table>
`
}

/** What stands between backquotes is code, as in the document's own Markdown. */
const prose = (text: unknown) =>
  String(text ?? '')
    .split('`')
    .map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part))

const schemaSection = (
  name: string,
  schema: unknown,
): Html => html`<h3 id="schema-${name}">${name}</h3>
<pre tabindex="0">${JSON.stringify(schema, undefined, 2)}</pre>
`

/** A link where it is a schema with a name, else the schema itself. */
function schemaLine(schema: unknown): Html {
  const { $ref: reference } = (schema ?? {}) as { readonly $ref?: string }
  const [, name] = /^#\/components\/schemas\/(\w+)$/.exec(reference ?? '') ?? []
  if (name !== undefined) return html`<a href="#schema-${name}"><code>${name}</code></a>`
  const text = JSON.stringify(schema, undefined, 2) ?? ''
  return text.length <= 100
    ? html`<code>${JSON.stringify(schema) ?? ''}</code>`
    : html`<pre tabindex="0">${text}</pre>`
}
