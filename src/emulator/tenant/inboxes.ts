/**
 * What leaves the emulated tenant towards a person: mails and text messages. Nothing is ever sent.
 */

export interface Mail {
  readonly id: number
  readonly atMs: number
  readonly to: string
  readonly subject: string
  readonly text: string
  /** The one link of the mail, absolute; absent when it carries a code. */
  readonly link?: string
  readonly code?: string
}

export interface TextMessage {
  readonly id: number
  readonly atMs: number
  readonly to: string
  readonly via: 'sms' | 'voice'
  readonly text: string
  readonly code: string
}

export interface Inbox<Message> {
  all(): readonly Message[]
  /** The newest one for this address or number. */
  latest(to?: string): Message | undefined
  deliver(message: Omit<Message, 'id' | 'atMs'>): Message
  onDelivery(listener: (message: Message) => void): () => void
  clear(): void
}

/** An emulator that runs for weeks keeps the newest messages only. */
const KEPT = 500

export function createInbox<Message extends { id: number; atMs: number; to: string }>(
  now: () => number,
): Inbox<Message> {
  const messages: Message[] = []
  const listeners = new Set<(message: Message) => void>()
  let count = 0
  return {
    all: () => [...messages],
    latest: (to) =>
      messages.findLast(
        (message) => to === undefined || message.to.toLowerCase() === to.toLowerCase(),
      ),
    deliver: (content) => {
      count += 1
      const message = { ...content, id: count, atMs: now() } as Message
      messages.push(message)
      if (messages.length > KEPT) messages.shift()
      for (const listener of listeners) listener(message)
      return message
    },
    onDelivery: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    clear: () => {
      messages.length = 0
    },
  }
}
