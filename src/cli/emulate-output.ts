/** What `emulate` says: as lines for people, or as one JSON object per line. Never a secret's value. */
import { relative } from 'node:path'
import type { Tenant, TraceEvent } from '../emulator/index.ts'
import { type Bindings, type BoundAction, TRIGGERS } from './emulate-bindings.ts'
import type { Sources } from './emulate-sources.ts'
import { PASSWORD } from './emulate-users.ts'
import { type Paint, paintFor, type Style } from './terminal.ts'

export interface Output {
  say(text: string): void
  started(tenant: Tenant, bindings: Sources & Bindings, watching: boolean): void
  deployed(bindings: Bindings): void
  failed(message: string): void
  hop(event: TraceEvent): void
}

const STYLES: Readonly<Record<string, Style>> = { user: 'cyan', tenant: 'blue' }

export function createOutput(json: boolean): Output {
  const paint = paintFor(process.stdout)
  const say = (text: string) => {
    if (!json) process.stdout.write(`${text}\n`)
  }
  const tell = (object: object, text: () => string) => {
    process.stdout.write(`${json ? JSON.stringify(object) : text()}\n`)
  }
  return {
    say,
    started: (tenant, bindings, watching) => {
      const { origin } = tenant
      const urls = {
        tenant: origin,
        mailbox: `${origin}/emulator/mailbox`,
        phone: `${origin}/emulator/phone`,
        inspector: `${origin}/emulator/inspector`,
        control: `${origin}/__emulator/`,
      }
      tell({ started: { ...urls, watching, actions: listed(bindings) } }, () =>
        [
          '',
          ...Object.entries(urls).map(
            ([name, url]) => `  ${name.padEnd(11)} ${paint('bold', url)}`,
          ),
          '',
          `Actions of ${bindings.described}:`,
          ...actionLines(bindings, paint),
          '',
          ...tenant.users.all().map((user) => {
            const factors = [...tenant.users.enrolledTypes(user)].join(', ') || 'no factor'
            return `  ${user.email.padEnd(20)} ${factors}`
          }),
          `  Their password is ${PASSWORD} unless your file says otherwise.`,
          '',
          `Open ${origin}, ask for a reset, open the mailbox, click the link.`,
          `${watching ? 'Watching the files. ' : ''}Ctrl-C stops.`,
          '',
        ].join('\n'),
      )
    },
    deployed: (bindings) =>
      tell({ deployed: listed(bindings) }, () =>
        [`  ${paint('green', 'deployed again')}`, ...actionLines(bindings, paint)].join('\n'),
      ),
    failed: (message) =>
      tell({ not_deployed: message }, () => `  ${paint('red', 'not deployed')}  ${message}`),
    hop: (event) =>
      tell({ hop: event }, () => {
        const { who, text, kind } = event
        const log = kind === 'action.ran' ? event.data.log.trimEnd() : ''
        const line = `  ${paint(STYLES[who] ?? 'magenta', who.padEnd(9))} ${text}`
        const indent = ' '.repeat(12)
        return log === '' ? line : `${line}\n${indent}${log.replaceAll('\n', `\n${indent}`)}`
      }),
  }
}

const listed = ({ bound, notes }: Bindings) => ({
  ...Object.fromEntries(
    TRIGGERS.map((trigger) => [
      trigger,
      bound[trigger].map(({ spec, file, errors, warnings }) => ({
        name: spec.name,
        file,
        secrets: Object.keys(spec.secrets ?? {}),
        lint: { errors, warnings },
      })),
    ]),
  ),
  notes,
})

function actionLines({ bound, notes }: Bindings, paint: Paint): readonly string[] {
  return [
    ...TRIGGERS.flatMap((trigger) => [
      `  ${trigger}${bound[trigger].length === 0 ? ': none' : ''}`,
      ...bound[trigger].map((action, index) => `    ${index + 1}. ${actionLine(action, paint)}`),
    ]),
    ...notes.map((note) => `  ${paint('yellow', 'note')}  ${note}`),
  ]
}

function actionLine({ spec, file, errors, warnings }: BoundAction, paint: Paint): string {
  const shown = relative(process.cwd(), file)
  const secrets = Object.keys(spec.secrets ?? {}).length
  const lint =
    errors + warnings === 0
      ? 'lint finds nothing'
      : paint(
          errors > 0 ? 'red' : 'yellow',
          `lint: ${errors} errors, ${warnings} warnings (redirect-verifier lint ${shown})`,
        )
  return `${paint('bold', spec.name)}  ${shown}, ${secrets} secret${secrets === 1 ? '' : 's'}; ${lint}`
}
