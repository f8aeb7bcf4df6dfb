/**
 * Enrolling a factor in the middle of a login: what an Action may ask a user to enrol, what the user is
 * shown, and whether the proof is right.
 */
import type { FactorSelector } from '../runtime/commands.ts'
import type { TenantClock } from './clock.ts'
import {
  type ChallengeOptions,
  type FactorSeed,
  type FactorType,
  newTotpSecret,
  selectedType,
} from './factors.ts'
import { type Random, randomDigits, randomRecoveryCode } from './identifiers.ts'
import type { Inbox, TextMessage } from './inboxes.ts'
import type { TenantLog } from './tenant-log.ts'
import type { Trace } from './trace.ts'
import type { Transaction } from './transactions.ts'
import type { User, Users } from './users.ts'

/** An enrolment in progress. */
export interface Enrolment {
  readonly factor: FactorType
  readonly choices: readonly FactorType[]
  /** Base32, for an authenticator app. */
  readonly secret?: string
  /** To keep; the user says so. */
  readonly recoveryCode?: string
  /** How the phone is reached, now and later, as the Action asks. */
  readonly preferredMethod?: ChallengeOptions['preferredMethod']
  /** The number a code was sent to, and the code. */
  readonly phoneNumber?: string
  readonly code?: string
}

/** An address is proved by verifying it, not enrolled (seed 004). */
const ENROLLABLE: readonly FactorType[] = [
  'otp',
  'recovery-code',
  'push-notification',
  'phone',
  'webauthn-platform',
  'webauthn-roaming',
]

/** What is left of these after the factors the user has; nothing fails the flow. */
export function enrollable(
  selectors: readonly FactorSelector[],
  enrolled: ReadonlySet<FactorType>,
  enabled: ReadonlySet<FactorType>,
): readonly FactorType[] {
  const open = new Set<FactorType>()
  for (const selector of selectors) {
    const type = selectedType(selector)
    if (type && ENROLLABLE.includes(type) && enabled.has(type) && !enrolled.has(type))
      open.add(type)
  }
  return [...open]
}

export interface Enrolments {
  /** Puts the factor on screen with what it needs. */
  show(transaction: Transaction, user: User, factor: FactorType): void
  answer(
    transaction: Transaction,
    user: User,
    answer: Readonly<Record<string, string>>,
  ): Promise<'enrolled' | 'wrong' | 'too_many_attempts'>
}

export interface EnrolmentsOptions {
  readonly clock: TenantClock
  readonly random: Random
  readonly users: Users
  readonly phoneInbox: Inbox<TextMessage>
  readonly trace: Trace
  readonly log: TenantLog
  readonly displayName: string
}

/** As for challenges. */
const MOST_ATTEMPTS = 10

const PHONE_NUMBER = /^\+?[0-9 ()-]{5,20}$/

export function createEnrolments(options: EnrolmentsOptions): Enrolments {
  const { clock, random, users, phoneInbox, trace, log } = options

  const show: Enrolments['show'] = (transaction, user, factor) => {
    const hop = transaction.pending[0]
    const { factors: choices, options: asked } =
      hop?.kind === 'enrol' ? hop : { factors: [factor], options: undefined }
    const preferredMethod = factor === 'phone' ? asked?.preferredMethod : undefined
    transaction.enrolment = {
      factor,
      choices,
      ...(preferredMethod === undefined ? {} : { preferredMethod }),
      ...(factor === 'otp' ? { secret: newTotpSecret(random) } : {}),
      ...(factor === 'recovery-code' ? { recoveryCode: randomRecoveryCode(random) } : {}),
    }
    log.write('gd_start_enroll', { userId: user.user_id, clientId: transaction.clientId })
    trace.record('enrolment.shown', {
      who: 'tenant',
      text: `asks to enrol ${factor}`,
      transaction: transaction.id,
      data: { factor, choices: transaction.enrolment.choices },
    })
  }

  /** The first answer for a phone is its number: a code goes there. */
  const sendCode = (transaction: Transaction, user: User, enrolment: Enrolment, to: string) => {
    const code = randomDigits(random)
    const via = enrolment.preferredMethod === 'voice' ? 'voice' : 'sms'
    transaction.enrolment = { ...enrolment, phoneNumber: to, code }
    phoneInbox.deliver({
      to,
      via,
      text: `${code} is your code for ${options.displayName}.`,
      code,
    })
    log.write(via === 'voice' ? 'gd_send_voice' : 'gd_send_sms', {
      userId: user.user_id,
      clientId: transaction.clientId,
    })
  }

  const proved = async (
    enrolment: Enrolment,
    answer: Readonly<Record<string, string>>,
  ): Promise<FactorSeed | undefined> => {
    const typed = (answer.code ?? '').replaceAll(/\s/g, '')
    const { preferredMethod } = enrolment
    switch (enrolment.factor) {
      case 'otp': {
        const { TOTP } = await import('otpauth')
        const secret = enrolment.secret ?? ''
        const delta = new TOTP({ secret }).validate({
          token: typed,
          timestamp: clock.now(),
          window: 1,
        })
        return delta === null ? undefined : { type: 'otp', secret }
      }
      case 'phone':
        return enrolment.code !== undefined && enrolment.code === typed && enrolment.phoneNumber
          ? {
              type: 'phone',
              phone_number: enrolment.phoneNumber,
              ...(preferredMethod === undefined ? {} : { preferredMethod }),
            }
          : undefined
      case 'recovery-code':
        return answer.kept === 'true' && enrolment.recoveryCode
          ? { type: 'recovery-code', code: enrolment.recoveryCode }
          : undefined
      case 'push-notification':
      case 'webauthn-platform':
      case 'webauthn-roaming':
        return answer.device === 'approve' ? { type: enrolment.factor } : undefined
      case 'email':
        return undefined
    }
  }

  return {
    show,
    answer: async (transaction, user, answer) => {
      const { enrolment } = transaction
      if (!enrolment) return 'wrong'
      const number = (answer.phone_number ?? '').trim()
      if (enrolment.factor === 'phone' && PHONE_NUMBER.test(number)) {
        sendCode(transaction, user, enrolment, number)
        return 'wrong'
      }
      const seed = await proved(enrolment, answer)
      if (!seed) {
        transaction.failedAttempts += 1
        return transaction.failedAttempts < MOST_ATTEMPTS ? 'wrong' : 'too_many_attempts'
      }
      if (!users.enrolledTypes(user).has(enrolment.factor)) users.enrol(user.user_id, seed)
      log.write('gd_enrollment_complete', {
        userId: user.user_id,
        clientId: transaction.clientId,
      })
      trace.record('enrolment.done', {
        who: 'user',
        text: `enrols ${enrolment.factor}`,
        transaction: transaction.id,
        data: { factor: enrolment.factor },
      })
      return 'enrolled'
    },
  }
}
