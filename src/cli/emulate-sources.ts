/**
 * Where people keep their Actions: the folder or the tenant.yaml of auth0-deploy-cli, or plain .js files.
 * Read as they are; what cannot be emulated is said.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { parse as parseYaml } from 'yaml'
import * as z from 'zod'
import type { TriggerId } from '../emulator/index.ts'
import { readActionSource } from '../emulator/lint/action-source.ts'
import { parseAction } from '../emulator/lint/parse.ts'
import { replaceKeywords, type Secrets } from './emulate-secrets.ts'
import { EXIT, Failure } from './failure.ts'

export interface ActionSource {
  readonly name: string
  readonly file: string
  readonly triggers: readonly string[]
  /** Declared names, with values where there are some; undefined: it takes every secret there is. */
  readonly secrets: Readonly<Record<string, string | undefined>> | undefined
  readonly dependencies: readonly { readonly name: string; readonly version: string }[]
}

export interface Sources {
  /** How they were found, for people. */
  readonly described: string
  readonly actions: readonly ActionSource[]
  /** Trigger → names in order, where the configuration says so. */
  readonly order: Readonly<Record<string, readonly string[]>>
  /** Files whose change changes the Actions. */
  readonly files: readonly string[]
}

const ACTION = z.object({
  name: z.string().min(1),
  code: z.string().min(1),
  supported_triggers: z.array(z.object({ id: z.string() })).min(1),
  secrets: z
    .array(z.object({ name: z.string(), value: z.string().optional() }))
    .nullish()
    .transform((secrets) => secrets ?? []),
  dependencies: z
    .array(z.object({ name: z.string(), version: z.string() }))
    .nullish()
    .transform((dependencies) => dependencies ?? []),
})

const TRIGGERS = z.record(
  z.string(),
  z
    .array(z.object({ action_name: z.string() }))
    .transform((list) => list.map(({ action_name }) => action_name)),
)

const TENANT = z.object({
  actions: z
    .array(ACTION)
    .nullish()
    .transform((actions) => actions ?? []),
  triggers: TRIGGERS.nullish().transform((triggers) => triggers ?? {}),
})

export function readSources(path: string, secrets: Secrets): Sources {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new Failure(`There is nothing at ${path}.`, EXIT.usage)
  if (found.isDirectory()) return fromFolder(path, secrets)
  if (/\.ya?ml$/i.test(path)) return fromYaml(path, secrets)
  if (isScript(path)) return fromScripts([path], path)
  throw new Failure(`${path} is neither a .js file nor a tenant.yaml.`, EXIT.usage)
}

const isScript = (path: string) => /^\.c?js$/.test(extname(path))

function fromFolder(folder: string, secrets: Secrets): Sources {
  const inside = readdirSync(folder)
  const yaml = inside.find((name) => /^tenant\.ya?ml$/i.test(name))
  if (yaml) return fromYaml(join(folder, yaml), secrets)
  const configurations = (where: string) =>
    existsSync(where) && statSync(where).isDirectory()
      ? readdirSync(where)
          .filter((name) => name.endsWith('.json'))
          .sort()
      : []
  // The root of the configuration, or its actions folder.
  const root =
    configurations(join(folder, 'actions')).length > 0 ? folder : dirname(resolve(folder))
  const actionsFolder = join(root, 'actions')
  const isActionsFolder = root === folder || resolve(folder) === actionsFolder
  const files = isActionsFolder ? configurations(actionsFolder) : []
  if (files.length > 0) return fromDeployFolder(root, files, secrets)
  const scripts = inside.filter(isScript).sort()
  if (scripts.length === 0) throw new Failure(`There is no Action in ${folder}.`, EXIT.usage)
  return fromScripts(
    scripts.map((name) => join(folder, name)),
    folder,
  )
}

/** `actions/NAME.json` beside `actions/NAME/code.js`, and the first file of `triggers/`. */
function fromDeployFolder(root: string, names: readonly string[], secrets: Secrets): Sources {
  const paths = names.map((name) => join(root, 'actions', name))
  const actions = paths.map((path) => actionOf(parsed(path, ACTION, secrets, 'json'), root, path))
  const triggersFolder = join(root, 'triggers')
  const triggersFile = existsSync(triggersFolder)
    ? readdirSync(triggersFolder)
        .filter((name) => name.endsWith('.json'))
        .sort()[0]
    : undefined
  const triggersPath = triggersFile && join(triggersFolder, triggersFile)
  return {
    described: `the deploy CLI's folder ${root}`,
    actions,
    order: triggersPath ? parsed(triggersPath, TRIGGERS, secrets, 'json') : {},
    files: [...paths, ...actions.map(({ file }) => file), ...(triggersPath ? [triggersPath] : [])],
  }
}

function fromYaml(path: string, secrets: Secrets): Sources {
  const { actions, triggers } = parsed(path, TENANT, secrets, 'yaml')
  if (actions.length === 0) throw new Failure(`${path} has no actions.`, EXIT.usage)
  const found = actions.map((action) => actionOf(action, dirname(path), path))
  return {
    described: `the deploy CLI's file ${path}`,
    actions: found,
    order: triggers,
    files: [path, ...found.map(({ file }) => file)],
  }
}

const HANDLERS: Readonly<Record<string, TriggerId>> = {
  onExecutePostChallenge: 'password-reset-post-challenge',
  onExecutePostLogin: 'post-login',
}

/** Plain files: the handlers they export say which trigger is meant. */
function fromScripts(files: readonly string[], path: string): Sources {
  return {
    described: path,
    actions: files.map((file) => {
      const parsedCode = parseAction(readFileSync(file, 'utf8'))
      const names = parsedCode.ok
        ? readActionSource(parsedCode.program).exports.map(({ name }) => name)
        : []
      return {
        name: basename(file, extname(file)),
        file,
        triggers: [...new Set(names.flatMap((name) => HANDLERS[name] ?? []))],
        secrets: undefined,
        dependencies: [],
      }
    }),
    order: {},
    files,
  }
}

function actionOf(action: z.output<typeof ACTION>, root: string, from: string): ActionSource {
  const candidates = [resolve(root, action.code), resolve(dirname(from), action.code)]
  const file = candidates.find((path) => existsSync(path))
  if (!file)
    throw new Failure(
      `${from}: the code of ${action.name} is not at ${action.code} (looked from ${root}).`,
      EXIT.usage,
    )
  return {
    name: action.name,
    file,
    triggers: action.supported_triggers.map(({ id }) => id),
    secrets: Object.fromEntries(action.secrets.map(({ name, value }) => [name, value])),
    dependencies: action.dependencies,
  }
}

function parsed<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  secrets: Secrets,
  kind: 'json' | 'yaml',
): z.output<Schema> {
  const text = replaceKeywords(readFileSync(path, 'utf8'), secrets)
  let document: unknown
  try {
    document = kind === 'json' ? JSON.parse(text) : parseYaml(text)
  } catch (error) {
    // The first line says where; the rest would print the file, which may hold secrets.
    const said = error instanceof Error ? error.message.split('\n')[0] : ''
    throw new Failure(`${path} is not ${kind.toUpperCase()}: ${said}`, EXIT.usage)
  }
  const result = schema.safeParse(document)
  if (result.success) return result.data
  const faults = result.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`)
  throw new Failure(`${path}: ${faults.join('; ')}`, EXIT.usage)
}
