/** Which database a command works on. */
import { EXIT, Failure } from './failure.ts'

/** The flag, else DATABASE_URL; `Failure` with exit code 2 when neither names a PostgreSQL. */
export function databaseUrl(flag: string | undefined): string {
  const url = flag ?? process.env.DATABASE_URL
  if (!url) throw new Failure('Set DATABASE_URL or give --database-url.', EXIT.usage)
  const { protocol } = URL.canParse(url) ? new URL(url) : { protocol: '' }
  if (protocol === 'postgres:' || protocol === 'postgresql:') return url
  throw new Failure('The database URL must begin with postgres:// or postgresql://.', EXIT.usage)
}
