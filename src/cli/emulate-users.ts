/** Who lives in the emulated tenant: the people of a file, or three who differ in their factors. */
import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { NEW_USER } from '../emulator/http/control-schemas.ts'
import type { UserSeed } from '../emulator/index.ts'
import { EXIT, Failure } from './failure.ts'

/** Everybody's, where the file gives none: nothing here is worth guessing. */
export const PASSWORD = 'Old-passw0rd'

const PEOPLE: readonly UserSeed[] = [
  { email: 'ada@example.com', factors: ['otp', 'recovery-code'] },
  { email: 'ben@example.com', factors: ['phone'] },
  { email: 'cleo@example.com', email_verified: false },
].map((seed) => ({ ...seed, password: PASSWORD }) as UserSeed)

export function readUsers(file: string | undefined): readonly UserSeed[] {
  if (file === undefined) return PEOPLE
  let document: unknown
  try {
    document = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new Failure(`The file of users ${file} cannot be read as JSON.`, EXIT.usage)
  }
  const parsed = z.array(NEW_USER).safeParse(document)
  if (parsed.success) return parsed.data.map((user) => ({ password: PASSWORD, ...user }))
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new Failure(`${file}: ${faults.join('; ')}`, EXIT.usage)
}
