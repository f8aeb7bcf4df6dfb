/**
 * The triggers a tenant has. Actions may be kept and bound for all of them; those of the two that are
 * emulated run.
 */
import type { TriggerId } from '../runtime/execution.ts'

/** Current version of each (contract 6.1). */
export const TRIGGERS: readonly { readonly id: string; readonly version: string }[] = [
  { id: 'post-login', version: 'v3' },
  { id: 'credentials-exchange', version: 'v2' },
  { id: 'pre-user-registration', version: 'v2' },
  { id: 'post-user-registration', version: 'v2' },
  { id: 'post-change-password', version: 'v2' },
  { id: 'send-phone-message', version: 'v2' },
  { id: 'custom-phone-provider', version: 'v1' },
  { id: 'custom-email-provider', version: 'v1' },
  { id: 'password-reset-post-challenge', version: 'v1' },
  { id: 'custom-token-exchange', version: 'v1' },
  { id: 'event-stream', version: 'v1' },
  { id: 'password-hash-migration', version: 'v1' },
  { id: 'login-post-identifier', version: 'v1' },
  { id: 'signup-post-identifier', version: 'v1' },
  { id: 'post-credential-validation', version: 'v1' },
]

export const isTrigger = (id: string) => TRIGGERS.some((trigger) => trigger.id === id)

export const isEmulatedTrigger = (id: string): id is TriggerId =>
  id === 'post-login' || id === 'password-reset-post-challenge'
