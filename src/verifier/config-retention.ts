/** How long records and profiles are kept. */
import type { Report } from './config-json.ts'
import type { RetentionPeriods } from './ports-learning.ts'

/** Long enough to look back on an incident. A confirmation reaches back a few days at most. */
const RECORD_DAYS = { least: 14, usual: 90, most: 3650 }
/** People reset about once a year, and the device cookie lives as long. */
const PROFILE_DAYS = { least: 30, usual: 400, most: 3650 }

export const parseRetention = (
  records: string | undefined,
  profiles: string | undefined,
  fault: Report,
): RetentionPeriods => ({
  recordDays: parseDays('RV_RECORD_DAYS', records, RECORD_DAYS, fault),
  profileDays: parseDays('RV_PROFILE_DAYS', profiles, PROFILE_DAYS, fault),
})

function parseDays(
  name: string,
  value: string | undefined,
  { least, usual, most }: typeof RECORD_DAYS,
  fault: Report,
): number {
  if (value === undefined) return usual
  if (/^\d{1,4}$/.test(value) && Number(value) >= least && Number(value) <= most) {
    return Number(value)
  }
  fault(`${name} must be a number of days from ${least} to ${most}`)
  return usual
}
