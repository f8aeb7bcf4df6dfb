/**
 * XML by its document model: elements are made and read here, never glued together as text, so that what
 * a user or a request brings cannot become markup.
 */

/** The packages SAML needs are optional: they are there when the emulator's options are installed. */
export const loadDom = () => import('@xmldom/xmldom')

export const NAMESPACES = {
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  schema: 'http://www.w3.org/2001/XMLSchema',
  instance: 'http://www.w3.org/2001/XMLSchema-instance',
  xmlns: 'http://www.w3.org/2000/xmlns/',
} as const

const PREFIXES = {
  saml: NAMESPACES.assertion,
  samlp: NAMESPACES.protocol,
  md: 'urn:oasis:names:tc:SAML:2.0:metadata',
  ds: 'http://www.w3.org/2000/09/xmldsig#',
} as const

type Prefix = keyof typeof PREFIXES

/** An element as data: name, attributes (undefined ones left out), and text or children. */
export interface ElementSpec {
  readonly name: `${Prefix}:${string}`
  readonly attributes?: Readonly<Record<string, string | undefined>>
  readonly children?: readonly (ElementSpec | undefined)[]
  readonly text?: string
}

/** The element as a document of its own. */
export async function writeXml(root: ElementSpec): Promise<string> {
  const { DOMImplementation, XMLSerializer } = await loadDom()
  const prefix = root.name.slice(0, root.name.indexOf(':')) as Prefix
  const document = new DOMImplementation().createDocument(PREFIXES[prefix], root.name, null)
  fill(document, document.documentElement as unknown as Element, root)
  return new XMLSerializer().serializeToString(document)
}

function fill(document: Document, element: Element, spec: ElementSpec): void {
  for (const [name, value] of Object.entries(spec.attributes ?? {})) {
    if (value === undefined) continue
    if (name.startsWith('xmlns:')) element.setAttributeNS(NAMESPACES.xmlns, name, value)
    else if (name.startsWith('xsi:')) element.setAttributeNS(NAMESPACES.instance, name, value)
    else element.setAttribute(name, value)
  }
  if (spec.text !== undefined) element.appendChild(document.createTextNode(spec.text))
  for (const child of spec.children ?? []) {
    if (!child) continue
    const prefix = child.name.slice(0, child.name.indexOf(':')) as Prefix
    const made = document.createElementNS(PREFIXES[prefix], child.name)
    fill(document, made, child)
    element.appendChild(made)
  }
}

/** The root of a document somebody sent; undefined when it is none, or wants entities of its own. */
export async function readXml(text: string): Promise<Element | undefined> {
  if (/<!DOCTYPE/i.test(text)) return undefined
  const { DOMParser } = await loadDom()
  let broken = false
  const fault = () => {
    broken = true
  }
  const errorHandler = { warning: () => undefined, error: fault, fatalError: fault }
  const document = new DOMParser({ errorHandler }).parseFromString(text, 'text/xml')
  return broken ? undefined : (document?.documentElement ?? undefined)
}

/** The text of the first child of this name. */
export function childText(parent: Element, namespace: string, name: string): string | undefined {
  const child = parent.getElementsByTagNameNS(namespace, name).item(0)
  return child?.textContent?.trim() || undefined
}
