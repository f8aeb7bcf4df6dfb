/** A stand-in for an OTLP collector: takes what is posted as JSON and lets tests wait for spans. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SentSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly status: { readonly code: number }
  readonly attributes: readonly {
    readonly key: string
    readonly value: Readonly<Record<string, unknown>>
  }[]
  readonly links: readonly { readonly traceId: string }[]
}

export interface Collector {
  /** For RV_OTLP_ENDPOINT. */
  readonly endpoint: string
  /** Everything that came, as text. */
  readonly bodies: readonly string[]
  readonly paths: readonly string[]
  spans(): readonly SentSpan[]
  close(): Promise<void>
}

/** `answers: false` takes requests and never answers. */
export async function startCollector({ answers = true } = {}): Promise<Collector> {
  const bodies: string[] = []
  const paths: string[] = []
  const server = createServer((request, response) => {
    paths.push(`${request.method} ${request.url}`)
    let text = ''
    request.setEncoding('utf8')
    request.on('data', (piece: string) => {
      text += piece
    })
    request.on('end', () => {
      bodies.push(text)
      if (answers) response.setHeader('Content-Type', 'application/json').end('{}')
    })
  })
  await new Promise<void>((bound) => server.listen(0, '127.0.0.1', bound))
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    bodies,
    paths,
    spans: () =>
      bodies.flatMap((body) => {
        const { resourceSpans } = JSON.parse(body) as {
          readonly resourceSpans: readonly {
            readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[]
          }[]
        }
        return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
      }),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

export const attributesOfSpan = ({ attributes }: SentSpan): Readonly<Record<string, unknown>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
