/** The fault table, in the order in which it runs. */
import type { Row } from './row.ts'
import { AUTH0_ROWS } from './rows/auth0.ts'
import { CLOCK_ROWS } from './rows/clock.ts'
import { DISK_ROWS } from './rows/disk.ts'
import { LOAD_ROWS } from './rows/load.ts'
import { MIGRATION_ROWS } from './rows/migration.ts'
import { NETWORK_ROWS } from './rows/network.ts'
import { OPERATION_ROWS } from './rows/operations.ts'
import { POOLER_ROWS } from './rows/pooler.ts'
import { PROCESS_ROWS } from './rows/process.ts'
import { SERVER_ROWS } from './rows/server.ts'
import { SOAK_ROWS } from './rows/soak.ts'

export const ROWS: readonly Row[] = [
  ...SERVER_ROWS,
  ...NETWORK_ROWS,
  ...PROCESS_ROWS,
  ...CLOCK_ROWS,
  ...LOAD_ROWS,
  ...OPERATION_ROWS,
  ...MIGRATION_ROWS,
  ...POOLER_ROWS,
  ...AUTH0_ROWS,
  ...SOAK_ROWS,
  // Last: it leaves a server behind that has panicked.
  ...DISK_ROWS,
]

export const rowNamed = (name: string): Row => {
  const row = ROWS.find((candidate) => candidate.name === name)
  if (row === undefined)
    throw new Error(
      `No row is called ${name}. There are: ${ROWS.map((one) => one.name).join(', ')}.`,
    )
  return row
}
