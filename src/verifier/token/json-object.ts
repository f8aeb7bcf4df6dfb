/** A JSON object out of bytes, read strictly. Its members are still untrusted. */

/** A byte order mark is kept, so that JSON refuses it; invalid UTF-8 throws. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Undefined when the bytes are not UTF-8, not JSON, or not an object. */
export function parseJsonObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(UTF8.decode(bytes))
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return value as Record<string, unknown>
  } catch {
    return undefined
  }
}
