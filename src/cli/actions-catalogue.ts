/**
 * The reference Actions, as `actions/tenant.yaml` describes them: the one place that says which trigger
 * each is for and which secrets it takes. What is deployed, written out or turned into Terraform is
 * read from there.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Document, parseDocument, type YAMLSeq } from 'yaml'
import * as z from 'zod'
import { EXIT, Failure } from './failure.ts'

export interface ReferenceAction {
  readonly name: string
  readonly trigger: { readonly id: string; readonly version: string }
  readonly runtime: string
  /** File name, beside the description. */
  readonly file: string
  readonly code: string
  readonly secrets: readonly ReferenceSecret[]
}

export interface ReferenceSecret {
  readonly name: string
  /** Absent: whoever deploys has to give the value. */
  readonly value?: string
}

/**
 * Every Action of ours takes this one besides, only while RV_CONTINUE_SECRET is being replaced: who asks
 * for it as for the others would keep two doors open for good.
 */
export const PREVIOUS_SECRET = 'RV_CONTINUE_SECRET_PREVIOUS'

export interface Catalogue {
  /** Where it was read. */
  readonly folder: string
  readonly actions: readonly ReferenceAction[]
  /** The description with every Action but this one taken out; comments stay. */
  yamlOf(name: string): string
}

const TENANT = z.object({
  actions: z.array(
    z.object({
      name: z.string(),
      code: z.string().regex(/^\.\/[\w-]+\.js$/),
      runtime: z.string(),
      supported_triggers: z.array(z.object({ id: z.string(), version: z.string() })).length(1),
      secrets: z.array(z.object({ name: z.string(), value: z.string() })),
    }),
  ),
})

/** `given`: a folder that `actions init` wrote; without one, the package's own. */
export function readCatalogue(given?: string): Catalogue {
  const folder = given ?? packaged()
  const text = readText(join(folder, 'tenant.yaml'))
  const parsed = TENANT.safeParse(parseDocument(text).toJS())
  if (!parsed.success)
    throw new Failure(`${folder}/tenant.yaml does not describe Actions of this project.`)
  return {
    folder,
    actions: parsed.data.actions.map((action) => ({
      name: action.name,
      trigger: action.supported_triggers[0] as ReferenceAction['trigger'],
      runtime: action.runtime,
      file: action.code.slice(2),
      code: readText(join(folder, action.code)),
      secrets: action.secrets.map(secretOf),
    })),
    yamlOf: (name) => withOnly(parseDocument(text), name),
  }
}

export function actionNamed({ actions }: Catalogue, name: string): ReferenceAction {
  const found = actions.find((action) => action.name === name)
  if (found !== undefined) return found
  const names = actions.map((action) => action.name).join(', ')
  throw new Failure(`There is no Action ${name}. There are: ${names}.`, EXIT.usage)
}

/** `##NAME##` is auth0-deploy-cli's way to say that somebody fills it in. */
const secretOf = ({ name, value }: { readonly name: string; readonly value: string }) =>
  /^##\w+##$/.test(value) ? { name } : { name, value }

function withOnly(document: Document, name: string): string {
  const list = document.get('actions') as YAMLSeq<Document>
  const kept = list.items.filter((item) => item.get('name') === name)
  list.items.splice(0, list.items.length, ...kept)
  // The blank line between two entries stands before the second.
  for (const item of kept) Object.assign(item, { spaceBefore: false })
  return `${document.toString({ lineWidth: 100 }).trimEnd()}\n`
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new Failure(`${file} cannot be read.`, EXIT.usage)
  }
}

/** Two folders up in the sources, three from the compiled files, since tsc copies no Action. */
function packaged(): string {
  const places = ['../../actions', '../../../actions']
  const folders = places.map((place) => fileURLToPath(new URL(place, import.meta.url)))
  const found = folders.find((folder) => existsSync(join(folder, 'tenant.yaml')))
  if (found === undefined) throw new Failure(`No Actions in ${folders.join(' or ')}.`)
  return found
}
