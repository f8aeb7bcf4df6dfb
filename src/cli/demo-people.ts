/** Who lives in the demo's tenant, and where they sit. The addresses are documentation networks (RFC 5737). */
import type { UserSeed } from '../emulator/index.ts'

export const OLD_PASSWORD = 'Old-passw0rd'
export const NEW_PASSWORD = 'New-passw0rd'

export interface Person {
  readonly name: string
  readonly email: string
  /** What a reset of theirs meets, in one sentence. */
  readonly about: string
  /** How it ends, in a word or two. */
  readonly ending: string
  readonly tone: 'good' | 'asked' | 'stopped'
  readonly user: UserSeed
}

const person = (
  name: string,
  said: Pick<Person, 'about' | 'ending' | 'tone'>,
  more: Partial<UserSeed> = {},
): Person => {
  const email = `${name.toLowerCase()}@example.com`
  return {
    name,
    email,
    ...said,
    user: {
      email,
      password: OLD_PASSWORD,
      created_at: '2021-03-01T09:00:00.000Z',
      logins_count: 40,
      ...more,
    },
  }
}

export const ADA = person('Ada', {
  about: 'Nothing speaks against her reset.',
  ending: 'goes through',
  tone: 'good',
})
export const OTTO = person(
  'Otto',
  {
    about: 'Has an authenticator app, so the link in his mail is not enough.',
    ending: 'second factor',
    tone: 'asked',
  },
  { factors: ['otp'] },
)
export const DORA = person('Dora', {
  about: 'Stands on the deny list, and gets a code to quote to support.',
  ending: 'stopped',
  tone: 'stopped',
})
export const MIA = person('Mia', {
  about: 'Is herself here. The scenario stolen_mailbox lets a thief read her mail.',
  ending: 'goes through',
  tone: 'good',
})
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
