#!/usr/bin/env node
/** The command line, and how it ends. `program.ts` says which commands there are. */
import { CommanderError } from 'commander'
import { EXIT, Failure } from './failure.ts'
import { createProgram } from './program.ts'

try {
  await createProgram().parseAsync()
} catch (error) {
  process.exitCode = exitCodeOf(error)
}

function exitCodeOf(error: unknown): number {
  // Commander has said what is wrong, or printed what was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  if (error instanceof Failure) {
    process.stderr.write(`${error.message}\n`)
    return error.exitCode
  }
  // A driver's or a system's error: its message is for the operator at this terminal.
  process.stderr.write(`${error instanceof Error ? error.message || error.name : 'Failed.'}\n`)
  return EXIT.failed
}
