/** What the account is and what was lately done to it, as Auth0 and our own records know it. */
import { eligibleFactors } from '../factors.ts'
import { isRecognised } from './device.ts'
import { known, type Signal, type SignalDefinition, unknown } from './signal.ts'

const told = (value: boolean | number | undefined): Signal =>
  value === undefined ? unknown('not_told') : known(value)

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
  observe: ({ facts }) => told(facts.request.token.privileged),
}

export const unconfirmedRecent: SignalDefinition = {
  name: 'unconfirmed_recent',
  family: 'account',
  kind: 'boolean',
  meaning:
    'A step-up or a denial of this user within five days was never confirmed. Step-ups that a program may have caused, such as a mail scanner, do not count against a recognised device.',
  unknownWhen: 'never',
  byDefault: 'floor step_up',
  source: 'opening the same link again must not be a way to shop for a better answer',
  // The exemption is the recognised device's and nobody else's: whoever shops for a better answer from a
  // strange browser meets the floor whatever its attempts looked like, and whoever has that device gains
  // nothing by looking like a program first. Every other floor and all evidence stand as they are.
  observe: ({ facts }) =>
    known(
      facts.store.unconfirmed_recent &&
        !(facts.store.unconfirmed_automated === true && isRecognised(facts)),
    ),
}

export const recentSensitiveChange: SignalDefinition = {
  name: 'recent_sensitive_change',
  family: 'account',
  kind: 'boolean',
  meaning: 'The account’s e-mail address, phone or factors were changed within seven days.',
  unknownWhen: 'no log stream feeds the store',
  byDefault: 'evidence 1.5',
  source: 'Keycloak adaptive authentication’s chain rule; tirreno B03 and E19',
  observe: ({ facts }) => {
    const at = facts.store.sensitive_change_at
    if (at === undefined) return unknown('not_kept')
    return known(at !== null && facts.decided_at - at < 7 * 86_400)
  },
}

export const dormantDays: SignalDefinition = {
  name: 'dormant_days',
  family: 'account',
  kind: 'number',
  unit: 'days',
  meaning: 'Days since the user’s last confirmed event.',
  unknownWhen: 'the user has no history here',
  byDefault: 'evidence 0.4 from 90 days on, 0.8 from 365',
  source: 'tirreno B08 to B10',
  observe: ({ facts }) => {
    const { profile } = facts.store
    if (profile === null) return unknown('no_history')
    return known(Math.max(0, Math.floor((facts.decided_at - profile.last_at) / 86_400)))
  },
}

export const accountAgeDays: SignalDefinition = {
  name: 'account_age_days',
  family: 'account',
  kind: 'number',
  unit: 'days',
  meaning: 'Whole days since the account was made.',
  unknownWhen: 'the Action does not say',
  byDefault: 'evidence 0.3 below 1 day',
  source: 'tirreno B11 and B12',
  observe: ({ facts }) => told(facts.request.token.account_age_days),
}

export const emailUnverified: SignalDefinition = {
  name: 'email_unverified',
  family: 'account',
  kind: 'boolean',
  meaning: 'The account’s e-mail address was never verified.',
  unknownWhen: 'the Action does not say',
  byDefault: 'evidence 0.4',
  source: 'Castle unreachable_email',
  observe: ({ facts }) => {
    const verified = facts.request.token.email_verified
    return told(verified === undefined ? undefined : !verified)
  },
}

export const disposableEmail: SignalDefinition = {
  name: 'disposable_email',
  family: 'account',
  kind: 'boolean',
  meaning:
    'The domain of the e-mail address that the user last logged in with is on the list of throw-away domains.',
  unknownWhen:
    'the list is not loaded, or no login that the log stream told of since named an e-mail address; the token carries none',
  byDefault: 'evidence 0.8',
  source: 'Castle disposable_email; tirreno E11',
  observe: ({ facts }) => {
    const { profile } = facts.store
    if (profile === null) return unknown('no_history')
    const { disposable_email: disposable } = profile
    return disposable === undefined ? unknown('not_kept') : known(disposable)
  },
}

export const leakedCredential: SignalDefinition = {
  name: 'leaked_credential',
  family: 'account',
  kind: 'boolean',
  meaning: 'Auth0 found the password among breached ones.',
  unknownWhen: 'the Action does not say',
  byDefault: 'evidence 1.5 at a login, none at a reset, which is the cure',
  source: 'Entra leakedCredentials',
  observe: ({ facts }) => told(facts.request.token.leaked_credential),
}

export const agentDetected: SignalDefinition = {
  name: 'agent_detected',
  family: 'account',
  kind: 'boolean',
  meaning: 'Auth0 named the client a verified automated agent.',
  unknownWhen: 'the Action does not say',
  byDefault: 'none: whether agents are welcome is the tenant’s own rule',
  source: 'Auth0 AgentDetection',
  observe: ({ facts }) => told(facts.request.token.agent),
}
