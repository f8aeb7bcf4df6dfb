/**
 * The work of `emulate`: an emulated tenant with the Actions of some files, which are deployed again
 * whenever one of them is saved.
 */
import { createTenant, type Tenant } from '../emulator/index.ts'
import { type Bindings, bindSources, TRIGGERS } from './emulate-bindings.ts'
import { createOutput, type Output } from './emulate-output.ts'
import { readSecrets } from './emulate-secrets.ts'
import { readSources, type Sources } from './emulate-sources.ts'
import { readUsers } from './emulate-users.ts'
import { watchFiles } from './emulate-watch.ts'
import { Failure } from './failure.ts'

export interface EmulateFlags {
  readonly actions: string
  /** `NAME=VALUE` each. */
  readonly secret?: readonly string[]
  /** Files. */
  readonly secrets?: readonly string[]
  readonly users?: string
  readonly port?: number
  readonly https?: true
  readonly watch: boolean
  readonly json?: true
}

/** Taken when it is free; another free one otherwise. A port that was asked for is never replaced. */
const USUAL_PORT = 3101

export async function runEmulate(flags: EmulateFlags): Promise<void> {
  const interrupted = nextInterrupt()
  const out = createOutput(flags.json === true)
  const secrets = readSecrets(flags.secrets ?? [], flags.secret ?? [])
  const read = (): Sources & Bindings => {
    const sources = readSources(flags.actions, secrets)
    return { ...sources, ...bindSources(sources, secrets) }
  }
  const first = read()
  const tenant = createTenant({ name: 'emulated', users: readUsers(flags.users) })
  const watcher = watchFiles(() => reload(tenant, read, out, follow))
  const follow = (files: readonly string[]) => watcher.follow(files)
  try {
    deploy(tenant, first)
    await listen(tenant, flags)
    tenant.trace.subscribe(out.hop)
    out.started(tenant, first, flags.watch)
    if (flags.watch) follow(first.files)
    await interrupted
    out.say('\nStopping.')
  } finally {
    watcher.close()
    await tenant.close()
  }
}

async function listen(tenant: Tenant, { port, https }: EmulateFlags): Promise<void> {
  const on = (chosen: number) => tenant.listen({ port: chosen, ...(https ? { https } : {}) })
  try {
    await on(port ?? USUAL_PORT)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    if (port !== undefined)
      throw new Failure(`Port ${port} is taken; choose another one with --port.`)
    await on(0)
  }
}

function deploy(tenant: Tenant, { bound }: Bindings): void {
  for (const trigger of TRIGGERS)
    tenant.setActions(
      trigger,
      bound[trigger].map(({ spec }) => spec),
      { keep: true },
    )
}

/** What cannot be read or deployed leaves everything as it was. */
function reload(
  tenant: Tenant,
  read: () => Sources & Bindings,
  out: Output,
  follow: (files: readonly string[]) => void,
): void {
  try {
    const next = read()
    deploy(tenant, next)
    follow(next.files)
    out.deployed(next)
  } catch (error) {
    out.failed(error instanceof Error ? error.message : String(error))
  }
}

/** Listens from the start, so that Ctrl-C during the start still stops what is up by then. */
function nextInterrupt(): Promise<void> {
  return new Promise((interrupted) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted())
  })
}
