/**
 * Turns a deployed Action's source into handlers, the way Auth0 does: CommonJS, compiled as the body of
 * a function of `module`, `exports`, `require` and `console`; run on first use, its outcome remembered.
 */
import { compileFunction } from 'node:vm'
import type { DeployedAction, Entrypoint } from '../execution.ts'
import { createActionRequire, type DependencyNotice } from './action-require.ts'

export type Handler = (event: unknown, api: unknown) => Promise<unknown>

/** Gives the handler, or throws what the Action's author would see. */
export type HandlerSource = (entrypoint: Entrypoint) => Handler

export function loadAction(
  action: DeployedAction,
  console: Console,
  notice: DependencyNotice,
): HandlerSource {
  const filename = action.filename ?? `${action.name}.js`
  const module: { exports: unknown } = { exports: {} }
  let outcome: { readonly error?: Error } | undefined

  return (entrypoint) => {
    outcome ??= run()
    if (outcome.error !== undefined) throw outcome.error
    return handlerOf(module.exports, entrypoint)
  }

  function run(): { readonly error?: Error } {
    try {
      const require = createActionRequire(action, filename, console, notice)
      const body = compileFunction(action.code, ['module', 'exports', 'require', 'console'], {
        filename,
      })
      body(module, module.exports, require, console)
      return {}
    } catch (thrown) {
      return { error: asError(thrown) }
    }
  }
}

/** What is not an Error becomes one; nothing at all becomes `Unknown error` (contract 4.2). */
export function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  return new Error(thrown ? String(thrown) : 'Unknown error')
}

function handlerOf(exports: unknown, entrypoint: Entrypoint): Handler {
  if (typeof exports !== 'object' || exports === null) {
    throw new Error('The Action must export an object.')
  }
  const handler: unknown = Reflect.get(exports, entrypoint)
  if (!isAsyncFunction(handler)) {
    throw new Error(
      `Invalid function signature for the "${entrypoint}" handler. Use "exports.${entrypoint} = async function(event, api) { }" as the signature.`,
    )
  }
  return handler
}

/** Auth0 looks at the constructor's name: a plain function that returns a promise is refused. */
function isAsyncFunction(value: unknown): value is Handler {
  return typeof value === 'function' && value.constructor?.name === 'AsyncFunction'
}
