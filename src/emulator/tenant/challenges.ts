/**
 * MFA challenges: what is sent when a factor comes on screen, and whether the answer is right.
 * Push and WebAuthn are answered by the page's emulated controls; codes really have to be typed.
 */
import type { TenantClock } from './clock.ts'
import type { ChallengeOptions, FactorType } from './factors.ts'
import { type Random, randomDigits, randomRecoveryCode } from './identifiers.ts'
import type { Inbox, Mail, TextMessage } from './inboxes.ts'
import type { TenantLog } from './tenant-log.ts'
import type { Trace } from './trace.ts'
import type { PhoneWay, Transaction } from './transactions.ts'
import type { User, Users } from './users.ts'

export interface ChallengeAnswer {
  readonly code?: string
  /** The emulated device's button. */
  readonly device?: 'approve' | 'reject'
  /** Ticked where the screen asks. */
  readonly rememberBrowser?: boolean
}

export type ChallengeOutcome =
  | 'passed'
  /** Ask again. */
  | 'wrong'
  /** The person pressed "reject" on the phone. */
  | 'rejected'
  | 'too_many_attempts'

export interface Challenges {
  /** Puts the factor on screen and sends its code, if it has one. */
  /** @param way how a phone is to be reached, where there is a choice */
  show(transaction: Transaction, user: User, factor: FactorType, way?: PhoneWay): void
  answer(transaction: Transaction, user: User, answer: ChallengeAnswer): Promise<ChallengeOutcome>
  clear(): void
}

export interface ChallengesOptions {
  readonly clock: TenantClock
  readonly random: Random
  readonly users: Users
  readonly mailbox: Inbox<Mail>
  readonly phoneInbox: Inbox<TextMessage>
  readonly trace: Trace
  readonly log: TenantLog
  readonly displayName: string
}

const CODE_LIFETIME_SECONDS = 300

/** Auth0 locks one-time passwords after ten wrong ones in a row. */
const MOST_ATTEMPTS = 10

export function createChallenges(options: ChallengesOptions): Challenges {
  const { clock, random, users, mailbox, phoneInbox, trace, log } = options
  /** Time steps already used per user and factor: a one-time password is one-time (RFC 6238 section 5.2). */
  const usedSteps = new Map<string, number>()

  /** How the user's phone may be reached, the way asked for first. */
  const phoneWays = (
    user: User,
    options: ChallengeOptions,
    way?: PhoneWay,
  ): readonly PhoneWay[] => {
    const phone = user.factors.find(({ type }) => type === 'phone')
    const own = phone?.type === 'phone' ? phone.preferredMethod : 'sms'
    const method = options.preferredMethod ?? own
    if (method !== 'both') return [method]
    return way === 'voice' ? ['voice', 'sms'] : ['sms', 'voice']
  }

  const sendCode = (
    user: User,
    factor: FactorType,
    transaction: Transaction,
    [via = 'sms']: readonly PhoneWay[],
  ) => {
    const code = randomDigits(random)
    if (factor === 'email') {
      const subject = 'Your verification code'
      const text = `Your code for ${options.displayName} is ${code}. It works for five minutes.`
      mailbox.deliver({ to: user.email, subject, text, code })
      log.write('gd_send_email', { userId: user.user_id, clientId: transaction.clientId })
      trace.record('mail.sent', {
        who: 'tenant',
        text: `mails a code to ${user.email}`,
        transaction: transaction.id,
        data: { to: user.email, subject },
      })
      return code
    }
    const phone = user.factors.find(({ type }) => type === 'phone')
    const to = phone?.type === 'phone' ? phone.phone_number : ''
    phoneInbox.deliver({ to, via, text: `${code} is your code for ${options.displayName}.`, code })
    log.write(via === 'voice' ? 'gd_send_voice' : 'gd_send_sms', {
      userId: user.user_id,
      clientId: transaction.clientId,
    })
    trace.record('text.sent', {
      who: 'tenant',
      text: `sends a code to ${to}`,
      transaction: transaction.id,
      data: { to, via },
    })
    return code
  }

  const show: Challenges['show'] = (transaction, user, factor, way) => {
    const hop = transaction.pending[0]
    const choices = hop?.kind === 'challenge' ? hop.factors : [factor]
    const options = (hop?.kind === 'challenge' && hop.options) || {}
    const ways = factor === 'phone' ? phoneWays(user, options, way) : []
    const coded = factor === 'email' || factor === 'phone'
    transaction.challenge = {
      factor,
      choices,
      ...(factor === 'phone' ? { ways } : {}),
      ...(factor === 'push-notification' ? { otpFallback: options.otpFallback !== false } : {}),
      ...(coded
        ? {
            code: sendCode(user, factor, transaction, ways),
            codeExpiresAtMs: clock.now() + CODE_LIFETIME_SECONDS * 1000,
          }
        : {}),
    }
    if (factor === 'push-notification')
      log.write('gd_send_pn', { userId: user.user_id, clientId: transaction.clientId })
    trace.record('challenge.shown', {
      who: 'tenant',
      text: `asks for ${factor}`,
      transaction: transaction.id,
      data: { factor, choices },
    })
  }

  /** A right code is taken away at once: of two answers with it, one passes. */
  const sentCodeIsRight = (transaction: Transaction, typed: string) => {
    const { challenge } = transaction
    if (challenge?.code === undefined || challenge.codeExpiresAtMs === undefined) return false
    if (challenge.code !== typed || clock.now() >= challenge.codeExpiresAtMs) return false
    const { code: _, ...answered } = challenge
    transaction.challenge = answered
    return true
  }

  const oneTimePasswordIsRight = async (
    user: User,
    type: 'otp' | 'push-notification',
    typed: string,
  ) => {
    const factor = user.factors.find((one) => one.type === type)
    if (!factor || !('secret' in factor)) return false
    const key = `${user.user_id} ${type}`
    const { TOTP } = await import('otpauth')
    const generator = new TOTP({ secret: factor.secret })
    const timestamp = clock.now()
    const delta = generator.validate({ token: typed, timestamp, window: 1 })
    if (delta === null) return false
    const step = generator.counter({ timestamp }) + delta
    if (step <= (usedSteps.get(key) ?? Number.NEGATIVE_INFINITY)) return false
    usedSteps.set(key, step)
    return true
  }

  const recoveryCodeIsRight = (user: User, typed: string) => {
    const factor = user.factors.find(({ type }) => type === 'recovery-code')
    const plain = typed.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')
    if (factor?.type !== 'recovery-code') return false
    if (factor.code.toUpperCase().replaceAll(/[^A-Z0-9]/g, '') !== plain) return false
    // A recovery code works once; the user gets another one.
    const others = user.factors.filter(({ type }) => type !== 'recovery-code')
    const next = { type: 'recovery-code' as const, code: randomRecoveryCode(random) }
    users.update(user.user_id, { factors: [...others, next] })
    return true
  }

  const isRight = async (transaction: Transaction, user: User, answer: ChallengeAnswer) => {
    const challenge = transaction.challenge
    const typed = (answer.code ?? '').replaceAll(/\s/g, '')
    switch (challenge?.factor) {
      case undefined:
        return false
      case 'email':
      case 'phone':
        return sentCodeIsRight(transaction, typed)
      case 'otp':
        return oneTimePasswordIsRight(user, 'otp', typed)
      case 'recovery-code':
        return recoveryCodeIsRight(user, typed)
      case 'push-notification':
        if (answer.device === 'approve') return true
        return challenge.otpFallback === true && typed !== ''
          ? oneTimePasswordIsRight(user, 'push-notification', typed)
          : false
      case 'webauthn-platform':
      case 'webauthn-roaming':
        return answer.device === 'approve'
    }
  }

  return {
    show,
    clear: () => usedSteps.clear(),
    answer: async (transaction, user, answer) => {
      const factor = transaction.challenge?.factor
      if (factor === undefined) return 'wrong'
      const who = { userId: user.user_id, clientId: transaction.clientId }
      if (answer.device === 'reject') {
        log.write('gd_auth_rejected', who)
        return 'rejected'
      }
      if (await isRight(transaction, user, answer)) {
        log.write(factor === 'recovery-code' ? 'gd_recovery_succeed' : 'gd_auth_succeed', who)
        trace.record('challenge.passed', {
          who: 'user',
          text: `passes ${factor}`,
          transaction: transaction.id,
          data: { factor },
        })
        return 'passed'
      }
      transaction.failedAttempts += 1
      const attemptsLeft = MOST_ATTEMPTS - transaction.failedAttempts
      log.write(factor === 'recovery-code' ? 'gd_recovery_failed' : 'gd_auth_failed', who)
      trace.record('challenge.failed', {
        who: 'user',
        text: `fails ${factor}`,
        transaction: transaction.id,
        data: { factor, attemptsLeft },
      })
      return attemptsLeft > 0 ? 'wrong' : 'too_many_attempts'
    },
  }
}
