/**
 * Standard output for the log. The lines of one turn of the event loop leave in one write, because each
 * write to a pipe or a file holds the process up. What waits when the process ends is written then.
 */

/** `write` must not return before it has written, or must keep the order. */
export function createOutput(
  write: (text: string) => void,
  process: { once(event: 'exit', flush: () => void): unknown },
): (line: string) => void {
  let waiting = ''
  const flush = () => {
    const text = waiting
    waiting = ''
    if (text !== '') write(text)
  }
  process.once('exit', flush)
  return (line) => {
    if (waiting === '') setImmediate(flush)
    waiting += `${line}\n`
  }
}
