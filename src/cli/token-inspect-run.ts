/** The work of `token inspect`. Prints no secret. */
import { readFileSync } from 'node:fs'
import { text as readAll } from 'node:stream/consumers'
import {
  type Answer,
  inspectToken,
  type TokenCheck,
  type TokenReport,
} from '../emulator/inspect/inspect-token.ts'
import { duration, shortened } from '../emulator/inspect/token-check.ts'
import { EXIT, Failure } from './failure.ts'
import { type Paint, paintFor } from './terminal.ts'
import { explainSessionToken, type SessionVerdict } from './token-inspect-session.ts'

export interface InspectFlags {
  readonly secret?: string
  readonly secretFile?: string
  readonly state?: string
  readonly sub?: string
  readonly now?: number
  readonly json?: true
}

export async function runInspect(argument: string | undefined, flags: InspectFlags): Promise<void> {
  const given = (argument === undefined || argument === '-' ? await readStdin() : argument).trim()
  const { token, state } = fromAddress(given)
  const secret = secretOf(flags)
  const nowSeconds = flags.now ?? Date.now() / 1000
  const expected = { secret, state: flags.state ?? state, sub: flags.sub, nowSeconds }
  const report = inspectToken(token, expected)
  const session =
    report.kind === 'session_token'
      ? await explainSessionToken(token, report.payload?.iss, secret, nowSeconds)
      : undefined
  const refused = session ? session.verdict === 'refused' : report.answer.kind === 'refused'
  if (flags.json) process.stdout.write(`${JSON.stringify({ ...report, session })}\n`)
  else process.stdout.write(textOf(report, session, nowSeconds, paintFor(process.stdout)))
  if (refused) process.exitCode = EXIT.failed
}

async function readStdin(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write('Paste the token and press Ctrl-D:\n')
  return readAll(process.stdin)
}

/** People copy the whole address: the token and its state are in it. */
function fromAddress(given: string): { readonly token: string; readonly state?: string } {
  if (!/^https?:\/\//.test(given) || !URL.canParse(given)) return { token: given }
  const { searchParams } = new URL(given)
  const tokens = [...searchParams.values()].filter((value) =>
    /^[\w-]+\.[\w-]+\.[\w-]+$/.test(value),
  )
  if (tokens.length !== 1)
    throw new Failure(`The address carries ${tokens.length} tokens instead of one.`, EXIT.usage)
  const state = searchParams.get('state')
  return { token: tokens[0] as string, ...(state === null ? {} : { state }) }
}

function secretOf({ secret, secretFile }: InspectFlags): string | undefined {
  if (secret !== undefined && secretFile !== undefined)
    throw new Failure('Give --secret or --secret-file, not both.', EXIT.usage)
  if (secretFile === undefined) return secret ?? (process.env.RV_TOKEN_SECRET || undefined)
  try {
    return readFileSync(secretFile, 'utf8').split(/\r?\n/, 1)[0]
  } catch {
    throw new Failure(`The secret file ${secretFile} cannot be read.`, EXIT.usage)
  }
}

const KINDS: Record<TokenReport['kind'], string> = {
  session_token: 'Session token (T): made by encodeToken, for the other site',
  continue_token: 'Continue token (R): the answer, for validateToken',
  unreadable: 'Not a token',
}

function textOf(
  { kind, characters, header, payload, checks, answer }: TokenReport,
  session: SessionVerdict | undefined,
  nowSeconds: number,
  paint: Paint,
): string {
  const lines = [`${paint('bold', KINDS[kind])}, ${characters} characters`, '']
  if (header) lines.push(`  header     ${JSON.stringify(header)}`)
  for (const [name, value] of Object.entries(payload ?? {}))
    lines.push(`  ${name.padEnd(10)} ${claimText(name, value, nowSeconds)}`)
  if (payload) lines.push('')
  if (session) {
    const mark = session.verdict === 'refused' ? paint('red', '✗') : paint('green', '✓')
    lines.push(paint('bold', 'The verifier'), `  ${mark} ${session.text}`)
    if (session.hint) lines.push(`    ${session.hint}`)
    lines.push(...session.unknown.map((text) => `  ? ${text}`), '')
    lines.push(paint('dim', 'Sent back to /continue as it is, validateToken would refuse it.'))
  } else {
    lines.push(paint('bold', 'api.redirect.validateToken'))
    for (const check of checks) lines.push(...checkLines(check, paint))
    lines.push('', answerText(answer, paint))
  }
  return `${lines.join('\n')}\n`
}

function claimText(name: string, value: unknown, nowSeconds: number): string {
  if ((name === 'exp' || name === 'iat' || name === 'nbf') && typeof value === 'number') {
    const date = new Date(value * 1000)
    const away = Math.round(value - nowSeconds)
    const when = away < 0 ? `${duration(-away)} ago` : `in ${duration(away)}`
    return Number.isNaN(date.getTime()) ? `${value}` : `${value}  ${date.toISOString()}, ${when}`
  }
  return typeof value === 'string' ? shortened(value) : JSON.stringify(value)
}

const MARKS = { ok: ['green', '✓'], fault: ['red', '✗'], unknown: ['yellow', '?'] } as const

function checkLines({ check, verdict, text, hint }: TokenCheck, paint: Paint): readonly string[] {
  const [colour, mark] = MARKS[verdict]
  const line = `  ${paint(colour, mark)} ${check.padEnd(10)} ${text}`
  return hint === undefined ? [line] : [line, `    ${' '.repeat(10)} ${paint('dim', hint)}`]
}

function answerText(answer: Answer, paint: Paint): string {
  switch (answer.kind) {
    case 'accepted':
      return `${paint('green', 'It would be accepted.')}`
    case 'undecided':
      return `Nothing speaks against it so far. Not checked: ${answer.missing.join(', ')}.`
    case 'refused':
      return `${paint('red', 'It would throw:')} ${answer.message}`
  }
}
