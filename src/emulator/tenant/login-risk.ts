/**
 * Auth0's own risk assessment in the event of a login (contract 3.1): from where and with what the user
 * logged in before. Codes and confidences are Auth0's; the distances and the speed between them are assumed.
 */
import type { RiskAssessment, RiskConfidence } from '../triggers/post-login-types.ts'
import type { Geoip, RequestFacts } from './request-facts.ts'

/** What a login leaves behind for the assessment of the next one. */
export interface LoginVisit {
  readonly atMs: number
  readonly browser: string
  readonly geoip: Geoip
  readonly user_agent?: string
}

export interface LoginHistory {
  assess(userId: string, visit: LoginVisit): RiskAssessment
  /** After the login was let through, not before: what was refused is no history. */
  remember(userId: string, visit: LoginVisit): void
  clear(): void
}

type Assessments = RiskAssessment['assessments']

const NEAR_KM = 100
const FAR_KM = 1000
/** Faster than an airliner. */
const MOST_KM_PER_HOUR = 1000

/** Least trust first; what is neutral has no say. */
const CONFIDENCES: readonly RiskConfidence[] = ['low', 'medium', 'high']

export const visitOf = (
  { geoip, user_agent }: RequestFacts,
  browser: string,
  atMs: number,
): LoginVisit => ({ atMs, browser, geoip, ...(user_agent === undefined ? {} : { user_agent }) })

export function createLoginHistory(): LoginHistory {
  const visits = new Map<string, LoginVisit[]>()
  return {
    assess: (userId, visit) => {
      const before = visits.get(userId) ?? []
      const assessments = {
        ImpossibleTravel: travel(before.at(-1), visit),
        NewDevice: device(before, visit),
        UntrustedIP: { code: 'not_found_on_deny_list', confidence: 'high' },
      } as const satisfies Assessments
      const said = Object.values(assessments).map((one) => one.confidence)
      const confidence = CONFIDENCES.find((one) => said.includes(one)) ?? 'neutral'
      return { version: '1', confidence, assessments }
    },
    remember: (userId, visit) => {
      visits.set(userId, [...(visits.get(userId) ?? []), visit])
    },
    clear: () => visits.clear(),
  }
}

function travel(
  last: LoginVisit | undefined,
  now: LoginVisit,
): NonNullable<Assessments['ImpossibleTravel']> {
  if (!last) return { code: 'initial_login', confidence: 'neutral' }
  const km = distanceKm(last.geoip, now.geoip)
  if (km === undefined) return { code: 'missing_geoip', confidence: 'neutral' }
  if (km < NEAR_KM) return { code: 'minimal_travel_from_last_login', confidence: 'high' }
  const hours = Math.max(now.atMs - last.atMs, 0) / 3_600_000
  if (km > hours * MOST_KM_PER_HOUR)
    return { code: 'impossible_travel_from_last_login', confidence: 'low' }
  return km < FAR_KM
    ? { code: 'travel_from_last_login', confidence: 'medium' }
    : { code: 'substantial_travel_from_last_login', confidence: 'medium' }
}

function device(
  before: readonly LoginVisit[],
  now: LoginVisit,
): NonNullable<Assessments['NewDevice']> {
  if (before.length === 0) return { code: 'initial_login', confidence: 'neutral' }
  const isKnown = before.some(({ browser }) => browser === now.browser)
  const isKnownAgent = before.some(({ user_agent }) => user_agent === now.user_agent)
  const details = {
    device: isKnown ? 'known' : 'unknown',
    useragent: isKnownAgent ? 'known' : 'unknown',
  } as const
  if (isKnown && isKnownAgent) return { code: 'match', confidence: 'high', details }
  return isKnown || isKnownAgent
    ? { code: 'partial_match', confidence: 'medium', details }
    : { code: 'no_match', confidence: 'low', details }
}

/** Along a great circle; undefined where one of the places has no coordinates. */
function distanceKm(one: Geoip, other: Geoip): number | undefined {
  const coordinates = [one.latitude, one.longitude, other.latitude, other.longitude]
  const [lat1, lon1, lat2, lon2] = coordinates.map((degrees = NaN) => (degrees * Math.PI) / 180)
  if (lat1 === undefined || lon1 === undefined || lat2 === undefined || lon2 === undefined)
    return undefined
  const angle =
    Math.sin((lat2 - lat1) / 2) ** 2 +
    Math.cos(lat1) * Math.cos(lat2) * Math.sin((lon2 - lon1) / 2) ** 2
  const km = 2 * 6371 * Math.asin(Math.sqrt(Math.min(angle, 1)))
  return Number.isNaN(km) ? undefined : km
}
