/** The offset of a time zone at an instant. Names are not compared: one place has several. */

/** Making a formatter costs fifty times its use. A client writes the name, so the memory has an end. */
const FORMATTERS_KEPT = 600
const formatters = new Map<string, Intl.DateTimeFormat>()

/** Minutes east of UTC; undefined for a missing name and for one that no zone has. */
export function offsetMinutes(zone: string | undefined, atSeconds: number): number | undefined {
  if (zone === undefined) return undefined
  const formatter = formatterOf(zone)
  if (formatter === undefined) return undefined
  const instant = new Date(Math.floor(atSeconds) * 1000)
  const part: Record<string, number> = {}
  for (const { type, value } of formatter.formatToParts(instant)) part[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
  const wall = Date.UTC(year, month - 1, day, hour, minute, second)
  return Math.round((wall - instant.getTime()) / 60_000)
}

function formatterOf(zone: string): Intl.DateTimeFormat | undefined {
  const kept = formatters.get(zone)
  if (kept !== undefined) return kept
  try {
    const formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    if (formatters.size >= FORMATTERS_KEPT) formatters.clear()
    formatters.set(zone, formatter)
    return formatter
  } catch {
    // RangeError: no such zone. Whoever sent it is not told apart from one who sent none.
    return undefined
  }
}
