/**
 * The `state` values the tenant hands out, in the form genuine ones have (contract 1.3.2): a MessagePack
 * map of four strings in base64url, 166 characters for a client id of 32. Third-party sites see a value
 * of the real length and alphabet. The tenant itself never reads one back: it looks the text up.
 */
import { type Random, randomName } from './identifiers.ts'

/** What the browser comes back for. */
export type StatePurpose =
  | 'login'
  | 'redirect'
  | 'form'
  | 'mfa'
  | 'enrol'
  | 'recovery'
  | 'password'
  | 'ended'

/** MessagePack strings: one length byte below 32 bytes, two above. */
const packText = (text: string) => {
  const bytes = Buffer.from(text)
  const head = bytes.length < 32 ? [0xa0 | bytes.length] : [0xd9, bytes.length & 0xff]
  return Buffer.concat([Buffer.from(head), bytes])
}

const MAP_OF_FOUR = 0x84

export function createState(
  random: Random,
  purpose: StatePurpose,
  transactionId: string,
  clientId: string | undefined,
): string {
  const parts = ['h', randomName(random, 32), 'n', purpose, 'tid', transactionId, 'cid']
  return Buffer.concat([
    Buffer.from([MAP_OF_FOUR]),
    ...parts.map(packText),
    packText((clientId ?? '').slice(0, 255)),
  ]).toString('base64url')
}
