/** Replaces or takes away one list among the flat ranges of a tenant. */
import type { RangeKind } from '../verifier/domain/facts.ts'
import { type Feed, type MaskedRange, numberOf, replaceList, textOf } from '../verifier/lists.ts'
import {
  asOnlyImporter,
  bitOf,
  type Connection,
  type Operator,
  readRanges,
  type StoredRange,
  writeRanges,
} from '../verifier/store/lists.ts'
import { Failure } from './failure.ts'

/** Ranges of the list as they are stored. Without a feed the list goes. */
export async function swapList(
  sql: Connection,
  operator: Operator,
  kind: RangeKind,
  feed?: Feed & { readonly source: string },
): Promise<number> {
  const { tenantId } = operator
  const ranges = await asOnlyImporter(sql, tenantId, async () => {
    const bit = await bitOf(sql, tenantId, kind)
    const stored = await readRanges(sql, tenantId)
    const flat = replaceList(stored.map(masked), bit, feed?.ranges ?? []).map(storedFrom)
    await writeRanges(sql, operator, {
      kind,
      bit,
      ...difference(stored, flat),
      networks: feed?.networks ?? [],
      ...(feed === undefined
        ? {}
        : {
            loaded: {
              source: feed.source,
              entries: feed.entries,
              hasRanges: feed.ranges.length > 0,
            },
          }),
    })
    return flat.filter(({ mask }) => (mask & (1 << bit)) !== 0).length
  })
  if (ranges === undefined) throw new Failure('Another import is under way for this tenant.')
  return ranges
}

const masked = ({ low, high, mask }: StoredRange): MaskedRange => ({
  family: low.includes(':') ? 6 : 4,
  low: numberOf(low),
  high: numberOf(high),
  mask,
})

const storedFrom = ({ family, low, high, mask }: MaskedRange): StoredRange => ({
  low: textOf(family, low),
  high: textOf(family, high),
  mask,
})

/** Only what is new or other than before is written: a feed changes little from day to day. */
function difference(before: readonly StoredRange[], after: readonly StoredRange[]) {
  const standing = new Map(before.map((range) => [numberOf(range.low) + familyOf(range), range]))
  const put: StoredRange[] = []
  for (const range of after) {
    const key = numberOf(range.low) + familyOf(range)
    const old = standing.get(key)
    standing.delete(key)
    const same = old?.mask === range.mask && numberOf(old.high) === numberOf(range.high)
    if (!same) put.push(range)
  }
  return { put, gone: [...standing.values()].map(({ low }) => low) }
}

/** Keeps the two families apart in one map of numbers. */
const familyOf = ({ low }: StoredRange) => (low.includes(':') ? 1n << 128n : 0n)
