/**
 * The console an Action writes to: stdout and stderr end in one buffer, in order, cut at a number of
 * bytes per leg. What is written after the leg settled is dropped, as on Auth0.
 */
import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { LOG_LIMIT_BYTES } from '../limits.ts'

/** One leg's output. */
export interface LogBuffer {
  push(chunk: Uint8Array): void
  close(): void
}

/** @param send receives each piece that fits below the limit */
export function createLogBuffer(
  send: (chunk: Uint8Array) => void,
  onLate: (text: string) => void,
): LogBuffer {
  let bytes = 0
  let isOpen = true
  return {
    push(chunk) {
      if (!isOpen) {
        onLate(Buffer.from(chunk).toString('utf8'))
        return
      }
      const fits = chunk.subarray(0, LOG_LIMIT_BYTES - bytes)
      if (fits.length === 0) return
      bytes += fits.length
      send(fits)
    },
    close() {
      isOpen = false
    },
  }
}

/**
 * Replaces the thread's console and its standard streams.
 * @param current the buffer of the leg the writing code belongs to, if any
 */
export function captureConsole(current: () => LogBuffer | undefined): Console {
  const write = (chunk: Uint8Array | string, encoding?: unknown) => {
    const known = typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8'
    current()?.push(typeof chunk === 'string' ? Buffer.from(chunk, known) : chunk)
    return true
  }
  const stream = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      write(chunk)
      done()
    },
  })
  process.stdout.write = write
  process.stderr.write = write
  const captured = new Console(stream, stream)
  globalThis.console = captured
  return captured
}
