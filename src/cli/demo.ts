/**
 * `demo`: the round trip on this machine, in a browser or headlessly. Without `--once` it runs until
 * Ctrl-C and shows each hop as it happens.
 */
import { Command, InvalidArgumentError, Option } from 'commander'
import { openDemoDatabase } from './demo-database.ts'
import { type Hop, hopLine } from './demo-hops.ts'
import { PEOPLE } from './demo-people.ts'
import { SCENARIOS, type Scenario, type ScenarioName } from './demo-scenarios.ts'
import { type DemoPorts, type DemoWorld, startDemoWorld } from './demo-world.ts'
import { Failure } from './failure.ts'
import { isFree } from './round-trip.ts'
import { type Paint, paintFor } from './terminal.ts'

interface DemoFlags {
  readonly once?: true
  readonly scenario?: ScenarioName
  readonly json?: true
  readonly tenantPort?: number
  readonly verifierPort?: number
  readonly appPort?: number
}

/** Taken when they are free; another free one otherwise. A port that was asked for is never replaced. */
const USUAL_PORTS = { tenant: 3101, verifier: 3102, app: 3103 } as const

export function demoCommand(): Command {
  const names = Object.keys(SCENARIOS)
  const endings = Object.entries<Scenario>(SCENARIOS).map(
    ([name, { about }]) => `  ${name.padEnd(16)} ${about}`,
  )
  return new Command('demo')
    .description('run the whole round trip here: database, verifier, emulated tenant, application')
    .option('--once', 'perform one reset without a browser window, check how it ends, and stop')
    .addOption(
      new Option('--scenario <name>', 'which ending; implies --once')
        .choices(names)
        .default('allow'),
    )
    .option('--json', 'one JSON object per line instead of text: hops, then the result')
    .option('--tenant-port <port>', `default ${USUAL_PORTS.tenant}, or a free one`, parsePort)
    .option('--verifier-port <port>', `default ${USUAL_PORTS.verifier}, or a free one`, parsePort)
    .option('--app-port <port>', `default ${USUAL_PORTS.app}, or a free one`, parsePort)
    .addHelpText(
      'after',
      [
        '',
        'Scenarios:',
        ...endings,
        '',
        'Exit codes: 0 it ended as named, 1 it did not or could not run, 2 wrong usage.',
        'Environment: DATABASE_URL, in place of the embedded PostgreSQL in .demo/. NO_COLOR.',
      ].join('\n'),
    )
    .action(async (flags: DemoFlags, command: Command) => {
      const named = command.getOptionValueSource('scenario') !== 'default'
      await runDemo(flags, flags.once === true || named)
    })
}

async function runDemo(flags: DemoFlags, once: boolean): Promise<void> {
  const paint = paintFor(process.stdout)
  const say = (text: string) => {
    if (!flags.json) process.stdout.write(`${text}\n`)
  }
  const show = (hop: Hop) =>
    process.stdout.write(flags.json ? `${JSON.stringify({ hop })}\n` : `${hopLine(hop, paint)}\n`)
  const interrupted = nextInterrupt()
  const database = await openDemoDatabase(process.env.DATABASE_URL || undefined)
  try {
    const world = await startDemoWorld({
      databaseUrl: database.url,
      ports: once ? {} : await portsFor(flags),
      show,
    })
    try {
      if (once) {
        const name = flags.scenario ?? 'allow'
        say(`${paint('bold', name)}: ${SCENARIOS[name].about}`)
        await Promise.race([perform(world, name, flags.json === true, paint), broken(interrupted)])
      } else {
        greet(world, database.described, flags.json === true, paint)
        await interrupted
        say('\nStopping.')
      }
    } finally {
      await world.close()
    }
  } finally {
    await database.stop()
  }
}

/** Throws `Failure` unless the scenario ended as it is named. */
async function perform(
  world: DemoWorld,
  name: ScenarioName,
  json: boolean,
  paint: Paint,
): Promise<void> {
  const checks: { readonly what: string; readonly holds: boolean }[] = []
  await SCENARIOS[name].run(world, (what, holds) => checks.push({ what, holds }))
  await world.hops.settled()
  const ok = checks.length > 0 && checks.every(({ holds }) => holds)
  if (json) {
    process.stdout.write(`${JSON.stringify({ result: { scenario: name, ok, checks } })}\n`)
  } else {
    for (const { what, holds } of checks) {
      process.stdout.write(`  ${holds ? paint('green', '✓') : paint('red', '✗')} ${what}\n`)
    }
  }
  if (!ok) throw new Failure(`The scenario ${name} did not end as it should.`)
}

function greet(world: DemoWorld, database: string, json: boolean, paint: Paint): void {
  const urls = {
    application: world.app.origin,
    tenant: world.origins.tenant,
    verifier: world.origins.verifier,
  }
  if (json) {
    process.stdout.write(`${JSON.stringify({ started: { ...urls, database } })}\n`)
    return
  }
  const lines = [
    '',
    `  application  ${paint('bold', urls.application)}   start here`,
    `  tenant       ${paint('bold', urls.tenant)}   the emulated Auth0, mailbox and phone included`,
    `  verifier     ${paint('bold', urls.verifier)}   /livez and /readyz; its page opens in the middle`,
    `  database     ${database}`,
    '',
    `Open ${urls.application}, choose who you are, send the link, open the mailbox, click the link.`,
    ...PEOPLE.map(({ email, about }) => `  ${email.padEnd(18)} ${about}`),
    'A code that support is given: npm run cli -- why CODE. Ctrl-C stops everything.',
    '',
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

async function portsFor(flags: DemoFlags): Promise<DemoPorts> {
  const usual = async (asked: number | undefined, port: number) =>
    asked ?? ((await isFree(port)) ? port : 0)
  return {
    tenant: await usual(flags.tenantPort, USUAL_PORTS.tenant),
    verifier: await usual(flags.verifierPort, USUAL_PORTS.verifier),
    app: await usual(flags.appPort, USUAL_PORTS.app),
  }
}

function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port
  throw new InvalidArgumentError('Give a port from 1 to 65535.')
}

async function broken(interrupted: Promise<void>): Promise<never> {
  await interrupted
  throw new Failure('Interrupted.')
}

/** Listens from the start, so that Ctrl-C during the start still stops what is up by then. */
function nextInterrupt(): Promise<void> {
  return new Promise((interrupted) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted())
  })
}
