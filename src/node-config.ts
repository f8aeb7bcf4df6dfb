/** The configuration of the Node entry: the verifier's own, and the URL of the database it opens itself. */
import { readFileSync } from 'node:fs'
import { type Config, ConfigError, parseConfig } from './verifier/config.ts'

/**
 * Node brings no connection of its own, so here the URL must be configured. Throws `ConfigError` with
 * every fault at once.
 */
export function readNodeConfig(env: Readonly<Record<string, string | undefined>>): {
  readonly config: Config
  readonly databaseUrl: string
} {
  const missing = env.DATABASE_URL || env.DATABASE_URL_FILE ? [] : ['DATABASE_URL must be set']
  try {
    const config = parseConfig(env, (path) => readFileSync(path, 'utf8'))
    const { databaseUrl } = config.revealSecrets()
    if (databaseUrl !== undefined) return { config, databaseUrl }
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError([...missing, ...error.faults])
    throw error
  }
  throw new ConfigError(missing)
}
