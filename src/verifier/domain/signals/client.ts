/**
 * What the browser shows of itself. A client writes all of this, so it may raise the risk and nothing
 * here is worth trust: a claim that looks right is what anybody would send.
 */
import { known, type Signal, type SignalDefinition, unknown, worseSide } from './signal.ts'
import { offsetMinutes } from './time-zone.ts'

const told = (value: boolean | undefined): Signal =>
  value === undefined ? unknown('not_seen') : known(value)

export const botUserAgent: SignalDefinition = {
  name: 'bot_user_agent',
  family: 'client',
  kind: 'boolean',
  meaning: 'The User-Agent names a robot or a script’s HTTP library.',
  unknownWhen: 'the request was not looked at for it, or sent no User-Agent',
  byDefault: 'evidence 1.5',
  source: 'Castle web_crawler; tirreno D03',
  observe: ({ facts }) => told(facts.request.bot),
}

export const clientHintMismatch: SignalDefinition = {
  name: 'client_hint_mismatch',
  family: 'client',
  kind: 'boolean',
  meaning: 'The client hints name another browser or system than the User-Agent.',
  unknownWhen: 'the browser sends no client hints',
  byDefault: 'evidence 1.0',
  source: 'Castle spoofed_device; OWASP Credential Stuffing: header consistency',
  observe: ({ facts }) => told(facts.request.client_hint_mismatch),
}

export const automation: SignalDefinition = {
  name: 'automation',
  family: 'client',
  kind: 'boolean',
  meaning: 'The arrival page’s script found the browser to be driven by a program (webdriver).',
  unknownWhen: 'no script ran',
  byDefault: 'evidence 1.5',
  source: 'W3C WebDriver: navigator.webdriver; BotD',
  observe: ({ facts }) => told(facts.request.client.webdriver),
}

export const timezoneMismatch: SignalDefinition = {
  name: 'timezone_mismatch',
  family: 'client',
  kind: 'boolean',
  meaning:
    'The browser’s clock keeps another offset from UTC than the place of one of both addresses, by more than an hour.',
  unknownWhen: 'no script ran, or the place’s time zone is unknown',
  byDefault: 'evidence 0.4',
  source: 'Castle timezone_area_mismatch; an hour is left to borders and summer time',
  observe: ({ facts }) =>
    worseSide(facts, (network) => {
      const here = offsetMinutes(facts.request.client.time_zone, facts.decided_at)
      const there = offsetMinutes(network.time_zone, facts.decided_at)
      if (here === undefined || there === undefined) return unknown('not_seen')
      return known(Math.abs(here - there) > 60)
    }),
}

export const humanChallenge: SignalDefinition = {
  name: 'human_challenge',
  family: 'client',
  kind: 'text',
  meaning: 'The result of the human check (`passed` or `failed`), as this service verified it.',
  unknownWhen: 'no check was asked for, or it was not answered, as without JavaScript',
  byDefault: 'failed: floor deny; passed: evidence -0.3',
  source: 'OWASP; ASVS 5.0 2.4.2',
  observe: ({ facts }) => {
    const result = facts.request.human_challenge
    return result === undefined ? unknown('not_seen') : known(result)
  },
}
