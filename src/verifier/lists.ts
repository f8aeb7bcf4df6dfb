/**
 * Feeds of addresses and networks: reading them line by line, and laying ranges flat, so that one step
 * down an index answers for any number of lists. Pure; what is stored is the importer's business.
 */
import ipaddr from 'ipaddr.js'
import { isPrivate, parseAddress, parseRange } from './address.ts'

/** Inclusive, as numbers of 32 or 128 bits. */
export interface NumberRange {
  readonly family: 4 | 6
  readonly low: bigint
  readonly high: bigint
}

export interface MaskedRange extends NumberRange {
  /** Bit i: list i holds the range. Never 0. */
  readonly mask: number
}

export interface Feed {
  readonly ranges: readonly NumberRange[]
  /** Autonomous systems. */
  readonly networks: readonly number[]
  /** Entries read, the overlapping ones too. */
  readonly entries: number
  readonly notes: readonly LineNote[]
}

export interface LineNote {
  /** From 1. */
  readonly line: number
  /** `private` and `overlap` change nothing of the rest; `malformed` is for the operator to judge. */
  readonly kind: 'malformed' | 'private' | 'overlap'
  readonly detail: string
}

/** What follows one of these on a line is a remark of the feed's author. */
const REMARK = /[#;].*$/
/** The first word or cell of a line; some feeds are tables. */
const FIRST = /^[^\s,]+/

/** Each line an address, a range (`192.0.2.0/24`) or a network (`AS64500`). */
export function parseFeed(text: string): Feed {
  const ranges: (NumberRange & { readonly line: number })[] = []
  const networks = new Map<number, number>()
  const notes: LineNote[] = []
  for (const [index, content] of text.split('\n').entries()) {
    const [word] = FIRST.exec(content.replace(REMARK, '').trim()) ?? []
    if (word === undefined) continue
    const line = index + 1
    const asn = parseAsn(word)
    if (asn !== undefined) {
      const first = networks.get(asn)
      if (first === undefined) networks.set(asn, line)
      else notes.push({ line, kind: 'overlap', detail: `repeats line ${first}` })
      continue
    }
    const range = rangeOf(word)
    if (range === undefined) {
      notes.push({ line, kind: 'malformed', detail: malformed(word) })
    } else if (range === 'private') {
      notes.push({ line, kind: 'private', detail: 'belongs to nobody on the internet: left out' })
    } else {
      ranges.push({ ...range, line })
    }
  }
  const { merged, overlaps } = merge(ranges)
  return {
    ranges: merged,
    networks: [...networks.keys()],
    entries: ranges.length + networks.size,
    notes: [...notes, ...overlaps].sort((a, b) => a.line - b.line),
  }
}

/** `AS64500` or `64500`; 0 is nobody's (RFC 7607). */
function parseAsn(word: string): number | undefined {
  const [, digits] = /^(?:AS)?(\d{1,10})$/i.exec(word) ?? []
  const asn = Number(digits)
  return asn >= 1 && asn <= 0xffff_ffff ? asn : undefined
}

/** One end tells: no private network begins inside a public range without being left out when asked. */
function rangeOf(word: string): NumberRange | 'private' | undefined {
  const range = parseRange(word)
  if (range === undefined) return undefined
  const [base = '', length = ''] = range.text.split('/')
  const address = parseAddress(base)
  if (address === undefined) return undefined
  if (isPrivate(address)) return 'private'
  const low = numberOf(base)
  const free = (address.family === 4 ? 32n : 128n) - BigInt(length)
  return { family: address.family, low, high: low + (1n << free) - 1n }
}

/** Never the whole line: a feed that is no feed may be any file. */
const malformed = (word: string): string => {
  const shown = word.length > 40 ? `${word.slice(0, 40)}…` : word
  return `${JSON.stringify(shown)} is no address, no range without bits below its length, no AS number`
}

/** Sorted, and touching or overlapping ranges made one. */
function merge(ranges: readonly (NumberRange & { readonly line: number })[]) {
  const sorted = ranges.toSorted(byLow)
  const merged: (NumberRange & { readonly line: number })[] = []
  const overlaps: LineNote[] = []
  for (const range of sorted) {
    const last = merged.at(-1)
    if (last === undefined || last.family !== range.family || range.low > last.high + 1n) {
      merged.push(range)
      continue
    }
    if (range.low <= last.high) {
      // The later line is the one that says it again.
      const [earlier, later] = [last.line, range.line].toSorted((a, b) => a - b) as [number, number]
      overlaps.push({ line: later, kind: 'overlap', detail: `overlaps line ${earlier}` })
    }
    if (range.high > last.high) merged[merged.length - 1] = { ...last, high: range.high }
  }
  return {
    merged: merged.map(({ family, low, high }): NumberRange => ({ family, low, high })),
    overlaps,
  }
}

const byLow = (a: NumberRange, b: NumberRange) =>
  a.family - b.family || (a.low < b.low ? -1 : a.low > b.low ? 1 : 0)

/**
 * Ranges that do not overlap, with one list's part replaced: `ranges` must be sorted and disjoint, and
 * so must `standing` be, as both come from here. Neighbours with one mask become one.
 */
export function replaceList(
  standing: readonly MaskedRange[],
  bit: number,
  ranges: readonly NumberRange[],
): readonly MaskedRange[] {
  const own = 1 << bit
  const others = standing
    .map((range) => ({ ...range, mask: range.mask & ~own }))
    .filter(({ mask }) => mask !== 0)
  const edges = [
    ...others.flatMap(({ mask, ...range }) => edgesOf(range, mask)),
    ...ranges.flatMap((range) => edgesOf(range, own)),
  ].sort((a, b) => a.family - b.family || (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))

  const flat: { family: 4 | 6; low: bigint; high: bigint; mask: number }[] = []
  let mask = 0
  let from = 0n
  for (const edge of edges) {
    if (mask !== 0 && edge.at > from) {
      const last = flat.at(-1)
      const high = edge.at - 1n
      const touches = last?.family === edge.family && last.high + 1n === from && last.mask === mask
      if (last !== undefined && touches) last.high = high
      else flat.push({ family: edge.family, low: from, high, mask })
    }
    // Two lists never set one bit twice here, so opening and closing is one and the same flip.
    mask ^= edge.mask
    from = edge.at
  }
  return flat
}

/** A family's ranges are all closed before the next one's begin, so the mask is 0 in between. */
const edgesOf = ({ family, low, high }: NumberRange, mask: number) => [
  { family, at: low, mask },
  { family, at: high + 1n, mask },
]

export const numberOf = (address: string): bigint =>
  ipaddr
    .parse(address)
    .toByteArray()
    .reduce((number, byte) => (number << 8n) | BigInt(byte), 0n)

export function textOf(family: 4 | 6, number: bigint): string {
  const bytes = Array.from({ length: family === 4 ? 4 : 16 }, (_, index) => {
    const shift = BigInt((family === 4 ? 3 : 15) - index) * 8n
    return Number((number >> shift) & 0xffn)
  })
  const address = ipaddr.fromByteArray(bytes)
  return address.kind() === 'ipv4' ? address.toString() : (address as ipaddr.IPv6).toRFC5952String()
}
