/**
 * The main file of an instance's thread: one deployed Action, kept warm, running one leg at a time.
 * It tells everything to the runtime as it happens, because it may be ended at any moment.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { parentPort, workerData } from 'node:worker_threads'
import { postChallengeApi } from '../api/post-challenge-api.ts'
import { postLoginApi } from '../api/post-login-api.ts'
import type { Command, TriggerId } from '../execution.ts'
import { COMMANDS_PER_LEG } from '../limits.ts'
import type { InstanceData, LegRequest, ThreadMessage, TokenTrace } from '../protocol.ts'
import { createThreadClock, installDate } from './clock.ts'
import { prepareEnvironment } from './environment.ts'
import { type LegContext, tokenIdentityOf } from './leg-context.ts'
import { asError, loadAction } from './load-action.ts'
import { captureConsole, createLogBuffer, type LogBuffer } from './log-capture.ts'

if (parentPort === null) throw new Error('This file runs as a worker thread, not by itself.')
const port = parentPort
const data: InstanceData = workerData
const tell = (message: ThreadMessage) => port.postMessage(message)
/** What goes to a server goes as JSON: functions vanish, a cycle or a bigint throws. */
const copyAsJson = <Value extends Command | TokenTrace>(value: Value): Value =>
  JSON.parse(JSON.stringify(value))

const clock = createThreadClock()
const legs = new AsyncLocalStorage<LogBuffer>()
let runningLog: LogBuffer | undefined
// Output of code that lost its context (an event emitter made at load) belongs to the running leg.
const actionConsole = captureConsole(() => legs.getStore() ?? runningLog)
installDate(clock)
prepareEnvironment(data)

const handlers = loadAction(data.action, actionConsole, (detail) =>
  tell({ type: 'notice', kind: 'dependency_version', detail }),
)

const API_OF: Readonly<Record<TriggerId, (context: LegContext) => object>> = {
  'password-reset-post-challenge': postChallengeApi,
  'post-login': postLoginApi,
}

port.on('message', (request: LegRequest) => {
  void run(request)
})
tell({ type: 'ready' })

async function run(request: LegRequest): Promise<void> {
  const { leg } = request
  const log = createLogBuffer(
    (chunk) => tell({ type: 'log', leg, chunk }),
    (detail) => tell({ type: 'notice', kind: 'late_output', detail }),
  )
  runningLog = log
  clock.set(request.nowMs, request.frozenClock)
  const recording = createLegContext(request)
  let error: Error | undefined
  try {
    await legs.run(log, async () => {
      const handler = handlers(request.entrypoint)
      await handler(recording.context.event, API_OF[request.trigger](recording.context))
    })
  } catch (thrown) {
    error = asError(thrown)
  }
  log.close()
  runningLog = undefined
  const failure = recording.close() ?? error
  tell({
    type: 'done',
    leg,
    ...(failure === undefined ? {} : { error: asData(failure) }),
  })
}

/** The leg's context, and its end: after that nothing is recorded any more. */
function createLegContext({ leg, event, cache, ...request }: LegRequest): {
  readonly context: LegContext
  close(): Error | undefined
} {
  let isOpen = true
  let aborted: Error | undefined
  const asked = new Set<Command['type']>()
  let total = 0
  const late = (what: string) => tell({ type: 'notice', kind: 'late_command', detail: what })
  const context: LegContext = {
    trigger: request.trigger,
    entrypoint: request.entrypoint,
    switches: request.switches,
    lookups: request.lookups,
    event: { ...event, secrets: { ...data.action.secrets } },
    identity: tokenIdentityOf(event),
    now: clock.now,
    record(command) {
      if (!isOpen) return late(command.type)
      if (++total > COMMANDS_PER_LEG) {
        throw new Error(`not emulated: more than ${COMMANDS_PER_LEG} api calls in one execution`)
      }
      tell({ type: 'command', leg, command: copyAsJson(command) })
      asked.add(command.type)
    },
    has: (type) => asked.has(type),
    abort(message) {
      aborted ??= new Error(message)
      throw aborted
    },
    trace(token) {
      if (isOpen) tell({ type: 'token', leg, token: copyAsJson(token) })
    },
    cache: new Map(cache),
    writeCache(write) {
      if (isOpen) tell({ type: 'cache', leg, write })
      else late(`cache.${write.type}`)
    },
  }
  return {
    context,
    close() {
      isOpen = false
      return aborted
    },
  }
}

function asData(error: Error) {
  const { name, message, stack } = error
  return {
    name: String(name),
    message: String(message),
    ...(typeof stack === 'string' ? { stack } : {}),
  }
}
