/** A service as a program: it runs until a signal ends it, with an exit code that tells why. */
import { STOP_MILLISECONDS } from './node-server.ts'
import { ConfigError } from './verifier/config.ts'
import { logFailure } from './verifier/http/background.ts'
import type { Log } from './verifier/log.ts'

interface Service {
  readonly drain: () => Promise<void>
  readonly stop: () => Promise<void>
}

const CRASH_MILLISECONDS = 5_000

/** Resolves when the service has started; from then on signals and crashes end the process. */
export async function runProgram(log: Log, start: () => Promise<Service>): Promise<void> {
  let service: Service | undefined
  let leaving = false
  const leave = async (code: number, milliseconds: number) => {
    if (leaving) return process.exit(code)
    leaving = true
    if (code === 0) await service?.drain()
    // A stop that hangs must not keep a process that no longer serves.
    setTimeout(() => process.exit(code), milliseconds).unref()
    await service?.stop()
    process.exit(code)
  }
  // After an exception that nobody caught the state is unknown: stop accepting, and let a new process
  // start from nothing.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      logFailure(log, 'process', error)
      void leave(1, CRASH_MILLISECONDS)
    })
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      log('stopping', { signal })
      void leave(0, STOP_MILLISECONDS + CRASH_MILLISECONDS)
    })
  }
  try {
    service = await start()
  } catch (error) {
    process.stderr.write(`redirect-verifier cannot start: ${startFault(error)}\n`)
    await leave(1, CRASH_MILLISECONDS)
  }
}

/** Only what was written for the reader: other messages may hold what they failed on. */
function startFault(error: unknown): string {
  if (error instanceof ConfigError) return error.message
  const { code, syscall } = error as NodeJS.ErrnoException
  if (syscall === 'listen') return `${code}: choose another RV_HOST or RV_PORT`
  return error instanceof Error ? error.name : 'an unknown failure'
}
