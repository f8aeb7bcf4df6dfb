/**
 * `api.transaction`: where a reset's success screen leads, and what a login's Actions tell each other.
 * Neither trigger has the other's method.
 */
import {
  TRANSACTION_METADATA_KEY_CHARACTERS,
  TRANSACTION_METADATA_TOTAL_BYTES,
  TRANSACTION_METADATA_VALUE_BYTES,
} from '../limits.ts'
import { isObject, type LegContext, objectAt } from '../thread/leg-context.ts'
import { buildUrl, type UrlOptions } from './redirect-url.ts'

export interface ResultUrlApi {
  setResultUrl(url: string, options?: UrlOptions): void
}

export type TransactionMetadataValue = string | number | boolean

export interface TransactionMetadataApi {
  /** `null` removes the key. Shows in `event.transaction.metadata` at once. */
  setMetadata(key: string, value: TransactionMetadataValue | null): void
}

export function resultUrlApi(context: LegContext): ResultUrlApi {
  return {
    setResultUrl(url, options) {
      context.record({ type: 'transaction.setResultUrl', url: buildUrl(url, options) })
    },
  }
}

/** The methods behind a flag that no tenant has by default; the text is the API layer's. */
const BEHIND_A_FLAG = [
  'addTargetScope',
  'removeTargetScope',
  'setTargetScopes',
  'clearTargetScopes',
]

export function transactionMetadataApi(context: LegContext): TransactionMetadataApi {
  const notImplemented = () => {
    throw new Error('Method not implemented.')
  }
  return {
    ...Object.fromEntries(BEHIND_A_FLAG.map((name) => [name, notImplemented])),
    setMetadata(key, value) {
      refuseEntry(key, value)
      const { [key]: _, ...rest } = readMetadata(context)
      const metadata = value === null ? rest : { ...rest, [key]: value }
      if (bytesOf(metadata) > TRANSACTION_METADATA_TOTAL_BYTES) {
        throw new Error(
          `The transaction metadata exceeds ${TRANSACTION_METADATA_TOTAL_BYTES} bytes in all.`,
        )
      }
      context.record({ type: 'transaction.setMetadata', metadata })
      const { transaction } = context.event
      if (isObject(transaction)) transaction.metadata = metadata
      else context.event.transaction = { metadata }
    },
  }
}

function readMetadata(context: LegContext): Record<string, TransactionMetadataValue> {
  const metadata = objectAt(objectAt(context.event, 'transaction'), 'metadata')
  const entries = Object.entries(metadata).filter(
    (entry): entry is [string, TransactionMetadataValue] => isMetadataValue(entry[1]),
  )
  return Object.fromEntries(entries)
}

/** The limits are documented; the texts are assumed. */
function refuseEntry(key: unknown, value: unknown): void {
  if (typeof key !== 'string' || key === '') {
    throw new Error('The key of transaction metadata must be a non-empty string.')
  }
  if (key.length > TRANSACTION_METADATA_KEY_CHARACTERS) {
    throw new Error(
      `The key of transaction metadata must not have more than ${TRANSACTION_METADATA_KEY_CHARACTERS} characters.`,
    )
  }
  if (value !== null && !isMetadataValue(value)) {
    throw new Error('The value of transaction metadata must be a string, number, boolean or null.')
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new Error('A number in transaction metadata must be a safe integer.')
  }
  if (bytesOf(value) > TRANSACTION_METADATA_VALUE_BYTES) {
    throw new Error(
      `The value of transaction metadata must not exceed ${TRANSACTION_METADATA_VALUE_BYTES} bytes.`,
    )
  }
}

function isMetadataValue(value: unknown): value is TransactionMetadataValue {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value), 'utf8')
}
