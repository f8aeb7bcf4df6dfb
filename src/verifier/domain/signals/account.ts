/** What the account is, as Auth0 and our own records know it. */
import { eligibleFactors } from '../factors.ts'
import { known, type SignalDefinition, unknown } from './signal.ts'

export const mfaEnrolled: SignalDefinition = {
  name: 'mfa_enrolled',
  family: 'account',
  kind: 'boolean',
  meaning:
    'The user has a second factor on another channel than the one that opened the flow: an enrolled e-mail factor does not count after an e-mail link.',
  unknownWhen: 'Auth0 could not tell the enrolled factors',
  byDefault: 'floor step_up in a reset, also when unknown',
  source: 'NIST SP 800-63B AAL2 recovery; ASVS 5.0 6.4.3: a reset must not bypass MFA',
  observe: ({ facts }) => {
    const { factors, first_challenge } = facts.request.token
    const eligible = eligibleFactors(factors, first_challenge)
    return eligible === undefined ? unknown('not_told') : known(eligible.length > 0)
  },
}

export const privilegedAccount: SignalDefinition = {
  name: 'privileged_account',
  family: 'account',
  kind: 'boolean',
  meaning: 'The Action judged the account to have a privileged role.',
  unknownWhen: 'the Action does not say',
  byDefault: 'floor step_up',
  source: 'ASVS 5.0: controls follow the value of what they protect',
  observe: ({ facts }) => {
    const { privileged } = facts.request.token
    return privileged === undefined ? unknown('not_told') : known(privileged)
  },
}

export const unconfirmedRecent: SignalDefinition = {
  name: 'unconfirmed_recent',
  family: 'account',
  kind: 'boolean',
  meaning: 'A step-up or a denial of this user within five days was never confirmed.',
  unknownWhen: 'never',
  byDefault: 'floor step_up',
  source: 'opening the same link again must not be a way to shop for a better answer',
  observe: ({ facts }) => known(facts.store.unconfirmed_recent),
}
