/** Metadata of a session or of a refresh token: the same rules and texts for both (contract 3.2). */
import { STORED_METADATA_CHARACTERS, STORED_METADATA_KEYS } from '../limits.ts'
import { objectAt } from '../thread/leg-context.ts'

export interface StoredMetadata {
  /** Sets, or removes with `null`; throws the text of what is wrong. False: nothing changed. */
  set(key: string, value: string | null): boolean
  /** False: there was no such key. */
  delete(key: string): boolean
  /** False: there was nothing. */
  clear(): boolean
  all(): Record<string, string>
}

const KEY_CHARACTERS = /^[a-zA-Z0-9_-]+$/

export function createStoredMetadata(holder: Readonly<Record<string, unknown>>): StoredMetadata {
  let metadata = objectAt(structuredClone(holder), 'metadata') as Record<string, string>
  return {
    set(key, value) {
      if (typeof key !== 'string')
        throw new Error('Invalid metadata: Metadata key must be a string')
      if (value === null) return this.delete(key)
      if (typeof value !== 'string') {
        throw new Error('Invalid metadata: Metadata value must be a string')
      }
      // The API layer changes first and checks then: a refused entry stays in the way of the next one.
      metadata[key] = value
      const fault = faultOf(metadata)
      if (fault !== undefined) throw new Error(`Invalid metadata: ${fault}`)
      return true
    },
    delete(key) {
      if (!(key in metadata)) return false
      delete metadata[key]
      return true
    },
    clear() {
      const had = Object.keys(metadata).length > 0
      metadata = {}
      return had
    },
    all: () => ({ ...metadata }),
  }
}

function faultOf(metadata: Readonly<Record<string, string>>): string | undefined {
  const entries = Object.entries(metadata)
  const most = STORED_METADATA_CHARACTERS
  if (entries.length > STORED_METADATA_KEYS) {
    return `Metadata must not contain more than ${STORED_METADATA_KEYS} entries`
  }
  for (const [key, value] of entries) {
    if (key.length > most) return `All metadata keys must be at most ${most} characters long`
    if (key.includes('\0')) return 'Metadata keys must not contain null bytes (\0)'
    if (!KEY_CHARACTERS.test(key)) {
      return 'Metadata keys may only include letters, numbers, underscores, or hyphens'
    }
    if (value.length > most) return `All metadata values must be at most ${most} characters long`
    if (value.includes('\0')) return 'Metadata values must not contain null bytes (\0)'
  }
  return undefined
}
