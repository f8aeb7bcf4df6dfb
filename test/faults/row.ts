/** One row of the fault table: people at the service, a fault among them, and what is left afterwards. */
import { setTimeout as delay } from 'node:timers/promises'
import { check, type Finding } from './checker.ts'
import type { Operation } from './history.ts'
import { type Client, createClient } from './http-client.ts'
import { type Crowd, createCrowd } from './people.ts'
import type { Stage } from './stage.ts'

export interface Row {
  readonly name: string
  /** What is done, in a few words. */
  readonly fault: string
  /** Injects, waits, and undoes; people are arriving all the while. */
  readonly inject: (scene: Scene) => Promise<void>
  /** The verifier's process may end; otherwise a new process id is a crash. */
  readonly mayEnd?: true
  /** What this machine lacks for the row, in a few words; without it the row runs. */
  readonly lacks?: () => string | undefined
}

export interface Scene {
  readonly stage: Stage
  readonly crowd: Crowd
  readonly client: Client
  /** How long a fault lasts, in milliseconds, unless a row needs a time of its own. */
  readonly duration: number
  readonly rate: number
  readonly soakMinutes: number
  /** The fault is over from now on: recovery is measured from here. */
  healed(): void
  /** A further expectation of this row. */
  expect(what: string, holds: boolean): void
  /**
   * How long nearly everybody waited before the fault, in milliseconds: what the machine is good for at
   * this moment, which every expected time is added to.
   */
  readonly usual: () => number
  /** Operations that began between two moments. */
  between(from: number, to: number): readonly Operation[]
}

export interface RowResult {
  readonly name: string
  readonly fault: string
  readonly operations: number
  readonly served: number
  readonly errors: number
  readonly unknowns: number
  /** From the end of the fault to the first answer that was asked for after it. */
  readonly recoveryMilliseconds: number | undefined
  readonly findings: readonly Finding[]
  /** Expectations of the row that did not hold. */
  readonly missed: readonly string[]
}

export interface Pace {
  /** People per second. */
  readonly rate: number
  readonly duration: number
  /** How long the row without a fault lasts. */
  readonly soakMinutes: number
  /** In place of the deadline of I7, in milliseconds: for machines whose time tells nothing. */
  readonly deadline?: number
}

const BEFORE_MILLISECONDS = 700
const RECOVERY_MILLISECONDS = 15_000

export async function runRow(
  stage: Stage,
  row: Row,
  { rate, duration, soakMinutes, ...pace }: Pace,
): Promise<RowResult> {
  const verifier = stage.verifier()
  const client = createClient({ port: stage.front.port, publicOrigin: stage.publicOrigin })
  const crowd = createCrowd(client, stage.tenant, stage.dice)
  const firstLine = stage.lines.length
  const firstContinued = stage.tenant.continued.length
  const missed: string[] = []
  let healedAt: number | undefined
  const expect = (what: string, holds: boolean) => {
    if (!holds) missed.push(what)
  }
  const scene: Scene = {
    stage,
    crowd,
    client,
    duration,
    rate,
    soakMinutes,
    healed() {
      healedAt = performance.now()
    },
    expect,
    usual: () => usual,
    between: (from, to) => crowd.operations.filter(({ start }) => start >= from && start < to),
  }

  await untilReady(stage)
  crowd.arrive(rate)
  await delay(BEFORE_MILLISECONDS)
  const waits = crowd.operations.map(({ start, end }) => end - start).sort((a, b) => a - b)
  const usual = waits[Math.floor(waits.length * 0.95)] ?? 0
  await row.inject(scene)
  healedAt ??= performance.now()
  const recovered = await firstServed(crowd, healedAt)
  await delay(BEFORE_MILLISECONDS)
  await crowd.leave()
  await untilReady(stage)
  const unserved = await crowd.tryAgain()
  expect(`${unserved.length} people were never served`, unserved.length === 0)
  if (row.mayEnd === undefined) {
    expect('the process lives', verifier.ended() === undefined && stage.verifier() === verifier)
  }
  const faults = stage.lines
    .slice(firstLine)
    .filter((line) => /"where":"(process|http)"/.test(line))
  expect(`${faults.length} failures of our own: ${faults[0]}`, faults.length === 0)
  client.close()

  const { operations } = crowd
  const findings = check(
    {
      operations,
      continued: stage.tenant.continued.slice(firstContinued),
      tables: await stage.tables(),
      log: stage.lines.slice(firstLine),
    },
    {
      ...stage.expected,
      deadline: pace.deadline ?? stage.expected.deadline + 10 * usual,
    },
  )
  const count = (kind: Operation['result']['kind']) =>
    operations.filter(({ result }) => result.kind === kind).length
  return {
    name: row.name,
    fault: row.fault,
    operations: operations.length,
    served: count('ok'),
    errors: count('unavailable'),
    unknowns: count('unknown'),
    recoveryMilliseconds: recovered === undefined ? undefined : Math.round(recovered - healedAt),
    findings,
    missed,
  }
}

/** When the first person was served who came after the moment. */
async function firstServed(crowd: Crowd, after: number): Promise<number | undefined> {
  for (let waited = 0; waited < RECOVERY_MILLISECONDS; waited += 20) {
    const first = crowd.operations.find(
      ({ start, result }) => start >= after && result.kind === 'ok',
    )
    if (first) return first.end
    await delay(20)
  }
  return undefined
}

export async function untilReady(stage: Stage): Promise<void> {
  const client = createClient({ port: stage.front.port, publicOrigin: stage.publicOrigin })
  try {
    for (let waited = 0; waited < RECOVERY_MILLISECONDS; waited += 100) {
      if ((await client.get('/readyz')) === 200) return
      await delay(100)
    }
    const said = stage.lines.filter((line) => line.includes('"readiness"')).slice(-3)
    throw new Error(`the verifier did not become ready again: ${said.join('\n')}`)
  } finally {
    client.close()
  }
}

export const holds = ({ findings, missed, recoveryMilliseconds }: RowResult) =>
  findings.length === 0 && missed.length === 0 && recoveryMilliseconds !== undefined
