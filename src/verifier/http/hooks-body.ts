/** The three forms in which a log stream delivers: JSON lines, one array, or one object. */

/** Undefined when nothing in it is JSON. A broken line among good ones is left out: a retry mends none. */
export function parseItems(text: string): readonly unknown[] | undefined {
  const whole = parse(text)
  if (Array.isArray(whole)) return whole
  if (whole !== undefined) return isObject(whole) ? [whole] : undefined
  const items = text
    .split('\n')
    .map(parse)
    .filter((item) => isObject(item))
  return items.length > 0 ? items : undefined
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // Not JSON, or nested so deeply that nobody meant it.
    return undefined
  }
}
