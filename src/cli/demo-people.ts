/** Who lives in the demo's tenant, and where they sit. The addresses are documentation networks (RFC 5737). */
import type { UserSeed } from '../emulator/index.ts'

export const OLD_PASSWORD = 'Old-passw0rd'
export const NEW_PASSWORD = 'New-passw0rd'

export interface Person {
  readonly email: string
  /** What the demo says of them. */
  readonly about: string
  readonly user: UserSeed
}

const person = (name: string, about: string, more: Partial<UserSeed> = {}): Person => {
  const email = `${name}@example.com`
  return {
    email,
    about,
    user: {
      email,
      password: OLD_PASSWORD,
      created_at: '2021-03-01T09:00:00.000Z',
      logins_count: 40,
      ...more,
    },
  }
}

export const ADA = person('ada', 'nothing speaks against it: goes through')
export const OTTO = person('otto', 'has an authenticator app: is asked for its code', {
  factors: ['otp'],
})
export const DORA = person('dora', 'stands on the deny list: is stopped, with a code for support')
export const MIA = person(
  'mia',
  'goes through here; the scenario stolen_mailbox gives her a history, and a thief',
)
export const PEOPLE: readonly Person[] = [ADA, OTTO, DORA, MIA]

export interface Place {
  readonly address: string
  /** As the CDN in front of the verifier would name it. */
  readonly country: string
  readonly language: string
}

export const BERLIN: Place = { address: '192.0.2.10', country: 'DE', language: 'de-DE,de;q=0.9' }
export const CHICAGO: Place = { address: '198.51.100.20', country: 'US', language: 'en-US,en' }

/** The header that stands for a CDN's in the demo. */
export const COUNTRY_HEADER = 'x-demo-country'
