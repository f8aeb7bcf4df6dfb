/** What a change says of itself on the page after it: a code in the address, from a closed set. */

const MESSAGES = {
  released: 'Released. The next attempt of this person passes, once.',
  policy_added: 'Stored as a draft. It decides nothing yet.',
  policy_activated: 'Activated. It decides from the next request on.',
  policy_watched: 'Watched from now on, beside the active version. It answers nobody.',
  policy_retired: 'No longer watched.',
  entry_added: 'Entered.',
  entry_removed: 'Removed.',
  user_erased: 'Erased. The audit notes that it happened, and not who it was.',
  token_revoked: 'Revoked. Nobody can use it any more.',
  unchanged: 'Nothing was changed: it was done already, or it is gone.',
} as const

export type Flash = keyof typeof MESSAGES

/** Undefined for anything that is not one of ours: an address must not put words on the page. */
export const flashText = (code: string | undefined): string | undefined =>
  code !== undefined && Object.hasOwn(MESSAGES, code) ? MESSAGES[code as Flash] : undefined
