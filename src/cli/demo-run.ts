/** Runs the demo: one checked ending, or everything until Ctrl-C, with each hop as it happens. */
import { openDemoDatabase } from './demo-database.ts'
import { ENDINGS, type Ending } from './demo-endings.ts'
import { type Hop, hopLine } from './demo-hops.ts'
import { PEOPLE } from './demo-people.ts'
import { SCENARIOS } from './demo-scenarios.ts'
import { type DemoPorts, type DemoWorld, startDemoWorld } from './demo-world.ts'
import { Failure } from './failure.ts'
import { type Paint, paintFor } from './terminal.ts'

export interface DemoOptions {
  /** Perform this ending headlessly and stop; absent: run until interrupted. */
  readonly ending?: Ending
  /** One JSON object per line. */
  readonly json: boolean
  readonly ports: DemoPorts
}

export async function runDemo({ ending, json, ports }: DemoOptions): Promise<void> {
  const output = json ? jsonOutput : textOutput(paintFor(process.stdout))
  const interrupted = nextInterrupt()
  const database = await openDemoDatabase(process.env.DATABASE_URL || undefined)
  try {
    const world = await startDemoWorld({
      databaseUrl: database.url,
      ports,
      show: output.hop,
      // A single ending needs no past, and is over before anybody could look at it.
      dashboard: ending === undefined,
    })
    try {
      if (ending === undefined) {
        output.started(world, database.described)
        await interrupted
        output.stopping()
      } else {
        output.ending(ending)
        await Promise.race([perform(world, ending, output), broken(interrupted)])
      }
    } finally {
      await world.close()
    }
  } finally {
    await database.stop()
  }
}

interface Checked {
  readonly what: string
  readonly holds: boolean
}

/** Throws `Failure` unless the scenario ended as it is named. */
async function perform(world: DemoWorld, ending: Ending, output: Output): Promise<void> {
  const checks: Checked[] = []
  await SCENARIOS[ending](world, (what, holds) => checks.push({ what, holds }))
  await world.hops.settled()
  const ok = checks.length > 0 && checks.every(({ holds }) => holds)
  output.result(ending, ok, checks)
  if (!ok) throw new Failure(`The scenario ${ending} did not end as it should.`)
}

interface Output {
  readonly started: (world: DemoWorld, database: string) => void
  readonly ending: (ending: Ending) => void
  readonly hop: (hop: Hop) => void
  readonly result: (ending: Ending, ok: boolean, checks: readonly Checked[]) => void
  readonly stopping: () => void
}

const say = (line: string) => process.stdout.write(`${line}\n`)

const jsonOutput: Output = {
  started: (world, database) =>
    say(
      JSON.stringify({
        started: {
          ...world.origins,
          application: world.app.origin,
          dashboard: world.admin,
          database,
        },
      }),
    ),
  ending: () => {},
  hop: (hop) => say(JSON.stringify({ hop })),
  result: (scenario, ok, checks) => say(JSON.stringify({ result: { scenario, ok, checks } })),
  stopping: () => {},
}

const textOutput = (paint: Paint): Output => ({
  started: ({ app, origins, admin }, database) => {
    say(`
  application  ${paint('bold', app.origin)}   start here
  tenant       ${paint('bold', origins.tenant)}   the emulated Auth0, with mailbox and phone
  verifier     ${paint('bold', origins.verifier)}   /livez and /readyz; its page opens in the middle
${
  admin === undefined
    ? ''
    : `  dashboard    ${paint('bold', admin.address)}   sign in as ${admin.email}, password ${admin.password}; its past is made up
`
}  database     ${database}

Open ${app.origin}, choose who you are, send the link, open the mailbox, click the link.
${PEOPLE.map(({ email, ending, about }) => `  ${email.padEnd(18)} ${ending.padEnd(14)} ${about}`).join('\n')}
A code for support is explained by: npm run cli -- why CODE. Ctrl-C stops everything.
`)
  },
  ending: (ending) => say(`${paint('bold', ending)}: ${ENDINGS[ending]}`),
  hop: (hop) => say(hopLine(hop, paint)),
  result: (_ending, _ok, checks) => {
    for (const { what, holds } of checks)
      say(`  ${holds ? paint('green', '✓') : paint('red', '✗')} ${what}`)
  },
  stopping: () => say('\nStopping.'),
})

/** Listens from the start, so that Ctrl-C during the start still stops what is up by then. */
function nextInterrupt(): Promise<void> {
  return new Promise((interrupted) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted())
  })
}

async function broken(interrupted: Promise<void>): Promise<never> {
  await interrupted
  throw new Failure('Interrupted.')
}
