/** The endings that the demo can show, by name. `demo-scenarios.ts` performs them. */
export const ENDINGS = {
  allow: 'nothing speaks against it: the new password works',
  step_up: 'a second factor is asked for before the new password',
  deny: 'a user on the deny list is stopped, with a code for support',
  stolen_mailbox:
    "somebody who reads the user's mail, abroad and in a browser never seen, is stopped",
  replay: 'the same address in a second browser gets nothing, and nothing is recorded',
  expired: 'a token that came too late is refused, on the way there and on the way back',
  wrong_state: "one user's token with the state of another user's reset does not open it",
  other_user: "the answer of one user's check does not open another user's reset",
  verifier_down:
    'while the verifier is down the Action stops the reset, or asks for a second factor',
} as const

export type Ending = keyof typeof ENDINGS
