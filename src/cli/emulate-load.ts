/** Loads the work of a command that stands on optional dependencies, or says which ones are missing. */
import { Failure } from './failure.ts'

export async function loadOptional<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load()
  } catch (error) {
    const { code, message = '' } = Object(error)
    const name = /Cannot find package '([^']+)'/.exec(String(message))?.[1]
    if (code !== 'ERR_MODULE_NOT_FOUND' || name === undefined) throw error
    throw new Failure(
      `This command needs ${name}, an optional dependency that is not installed here: npm install --include=optional`,
    )
  }
}
