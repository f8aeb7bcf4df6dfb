/** What a command reads and writes beside its flags: the process's own, or a test's. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly write: (text: string) => void
  /** Default: the platform's. */
  readonly fetch?: typeof fetch
}

export const ofProcess: Surroundings = {
  env: process.env,
  write: (text) => {
    process.stdout.write(text)
  },
}
