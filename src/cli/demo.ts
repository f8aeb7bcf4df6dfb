/** `demo`: its flags and its help. `demo-run.ts` does the work and is loaded only for it. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { ENDINGS, type Ending } from './demo-endings.ts'

interface DemoFlags {
  readonly once?: true
  readonly scenario: Ending
  readonly json?: true
  readonly tenantPort?: number
  readonly verifierPort?: number
  readonly appPort?: number
}

/** Taken when they are free; another free one otherwise. A port that was asked for is never replaced. */
const USUAL_PORTS = { tenant: 3101, verifier: 3102, app: 3103 } as const

export function demoCommand(): Command {
  return new Command('demo')
    .description('run the whole round trip here: database, verifier, emulated tenant, application')
    .option('--once', 'perform one reset without a browser window, check how it ends, and stop')
    .addOption(
      new Option('--scenario <name>', 'which ending; implies --once')
        .choices(Object.keys(ENDINGS))
        .default('allow'),
    )
    .option('--json', 'one JSON object per line instead of text: hops, then the result')
    .option('--tenant-port <port>', `default ${USUAL_PORTS.tenant}, or a free one`, parsePort)
    .option('--verifier-port <port>', `default ${USUAL_PORTS.verifier}, or a free one`, parsePort)
    .option('--app-port <port>', `default ${USUAL_PORTS.app}, or a free one`, parsePort)
    .addHelpText('after', HELP)
    .action(async (flags: DemoFlags, command: Command) => {
      const { runDemo } = await import('./demo-run.ts')
      const once = flags.once || command.getOptionValueSource('scenario') !== 'default'
      const { tenantPort, verifierPort, appPort } = flags
      await runDemo({
        ...(once ? { ending: flags.scenario } : {}),
        json: flags.json === true,
        ports: {
          tenant: portFor(tenantPort, USUAL_PORTS.tenant),
          verifier: portFor(verifierPort, USUAL_PORTS.verifier),
          app: portFor(appPort, USUAL_PORTS.app),
        },
      })
    })
}

const HELP = `
Scenarios:
${Object.entries(ENDINGS)
  .map(([name, about]) => `  ${name.padEnd(16)} ${about}`)
  .join('\n')}

Without --once it runs until Ctrl-C.
Exit codes: 0 it ended as named, 1 it did not or could not run, 2 wrong usage.
Environment: DATABASE_URL, in place of the embedded PostgreSQL in .demo/. NO_COLOR.`

const portFor = (asked: number | undefined, usual: number) => ({
  port: asked ?? usual,
  required: asked !== undefined,
})

function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port
  throw new InvalidArgumentError('Give a port from 1 to 65535.')
}
