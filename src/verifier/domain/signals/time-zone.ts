/** The offset of a time zone at an instant. Names are not compared: one place has several. */

/** Making a formatter costs fifty times its use. A client writes the name, so the memory has an end. */
const ZONES_KEPT = 600

/** Every zone's offset changes on a quarter of an hour of UTC, and is the same until the next. */
const QUARTER_SECONDS = 900

interface Zone {
  readonly formatter: Intl.DateTimeFormat
  quarter: number
  minutes: number
}

const zones = new Map<string, Zone>()

/** Minutes east of UTC; undefined for a missing name and for one that no zone has. */
export function offsetMinutes(name: string | undefined, atSeconds: number): number | undefined {
  if (name === undefined) return undefined
  const zone = zoneOf(name)
  if (zone === undefined) return undefined
  const quarter = Math.floor(atSeconds / QUARTER_SECONDS)
  if (zone.quarter !== quarter) {
    zone.minutes = offsetAt(zone.formatter, quarter * QUARTER_SECONDS * 1000)
    zone.quarter = quarter
  }
  return zone.minutes
}

function offsetAt(formatter: Intl.DateTimeFormat, milliseconds: number): number {
  const part: Record<string, number> = {}
  for (const { type, value } of formatter.formatToParts(milliseconds)) part[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
  const wall = Date.UTC(year, month - 1, day, hour, minute, second)
  return Math.round((wall - milliseconds) / 60_000)
}

function zoneOf(name: string): Zone | undefined {
  const kept = zones.get(name)
  if (kept !== undefined) return kept
  try {
    const formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    const zone = { formatter, quarter: Number.NaN, minutes: 0 }
    if (zones.size >= ZONES_KEPT) zones.clear()
    zones.set(name, zone)
    return zone
  } catch {
    // RangeError: no such zone. Whoever sent it is not told apart from one who sent none.
    return undefined
  }
}
