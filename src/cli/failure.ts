/** How the command line says no: one message for people, and an exit code that scripts can tell apart. */

export const EXIT = {
  ok: 0,
  /** The command ran, and what it checked is not so; or something it needs failed on the way. */
  failed: 1,
  /** The command was called wrongly or its configuration has faults: nothing was started. */
  usage: 2,
} as const

export class Failure extends Error {
  readonly exitCode: number
  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message)
    this.name = 'Failure'
    this.exitCode = exitCode
  }
}
