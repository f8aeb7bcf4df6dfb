/**
 * What `require` gives an Action: every module built into Node, the npm modules it declares, and its
 * Action Modules as `actions:<name>`. Nothing else, relative files included, since a deployed Action is
 * one file.
 */
import { createRequire, isBuiltin } from 'node:module'
import path from 'node:path'
import { compileFunction } from 'node:vm'
import type { DeployedAction } from '../execution.ts'

export type DependencyNotice = (detail: string) => void

type Require = (request: string) => unknown

const EXACT_VERSION = /^\d+\.\d+\.\d+/

export function createActionRequire(
  action: DeployedAction,
  filename: string,
  console: Console,
  notice: DependencyNotice,
): Require {
  const resolve = createRequire(path.resolve(action.resolveFrom ?? filename, 'action.js'))
  const declared = new Map(action.dependencies.map(({ name, version }) => [name, version]))
  const noticed = new Set<string>()

  const requireInstalled: Require = (request) => {
    if (isBuiltin(request) || request.startsWith('node:')) return resolve(request)
    const name = packageOf(request)
    const version = declared.get(name)
    if (version === undefined) throw notFound(request, filename)
    if (!noticed.has(name)) {
      noticed.add(name)
      const installed = installedVersion(resolve, name)
      if (installed !== undefined && EXACT_VERSION.test(version) && installed !== version) {
        notice(`${action.name} declares ${name}@${version}, installed is ${installed}`)
      }
    }
    return resolve(request)
  }

  const modules = new Map(
    action.modules.map((module) => [
      `actions:${module.name}`,
      once(() => {
        const own: { exports: unknown } = { exports: {} }
        const parameters = ['module', 'exports', 'require', 'actions', 'console']
        const body = compileFunction(module.code, parameters, { filename: `${module.name}.js` })
        const actions = { secrets: { ...module.secrets } }
        body(own, own.exports, requireInstalled, actions, console)
        return own.exports
      }),
    ]),
  )

  const requireAny: Require = (request) => {
    const load = modules.get(request)
    return load === undefined ? requireInstalled(request) : load()
  }
  return Object.assign(requireAny, { resolve: resolve.resolve, cache: resolve.cache })
}

/** Runs once; gives the same value, or throws the same error, ever after. */
function once(make: () => unknown): () => unknown {
  let outcome: { readonly value: unknown } | { readonly error: unknown } | undefined
  return () => {
    if (outcome === undefined) {
      try {
        outcome = { value: make() }
      } catch (error) {
        outcome = { error }
      }
    }
    if ('error' in outcome) throw outcome.error
    return outcome.value
  }
}

function packageOf(request: string): string {
  const [first = '', second] = request.split('/')
  return first.startsWith('@') && second !== undefined ? `${first}/${second}` : first
}

function installedVersion(resolve: NodeJS.Require, name: string): string | undefined {
  for (const folder of resolve.resolve.paths(name) ?? []) {
    try {
      const manifest: unknown = resolve(path.join(folder, name, 'package.json'))
      const version =
        typeof manifest === 'object' && manifest !== null && Reflect.get(manifest, 'version')
      if (typeof version === 'string') return version
    } catch {
      // Not installed in this folder; Node's own resolution decides in the end.
    }
  }
  return undefined
}

/** Node's own words and code for a module that is not there. */
function notFound(request: string, filename: string): Error {
  return Object.assign(
    new Error(`Cannot find module '${request}'\nRequire stack:\n- ${filename}`),
    {
      code: 'MODULE_NOT_FOUND',
      requireStack: [filename],
    },
  )
}
