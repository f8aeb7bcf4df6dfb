/** How a command answers: JSON on one line where `--json` was given, words otherwise. */

export interface AnswerFlags {
  readonly json?: true
}

export function answer({ json }: AnswerFlags, value: unknown, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(value) : text}\n`)
}

/** For commands that know no other form, so that a script may give the flag to all of them. */
export const JSON_ANYWAY = ['--json', 'what it prints is JSON with and without'] as const
