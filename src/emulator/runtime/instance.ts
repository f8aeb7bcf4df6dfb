/**
 * One warm instance: a worker thread that holds one deployed Action and runs one leg at a time. A leg
 * that overruns, crashes or exhausts it ends the thread, and no other.
 */
import { Worker } from 'node:worker_threads'
import type { LegResult } from './execution.ts'
import { INSTANCE_MEMORY_MB, TRIGGER_BUDGET_MS } from './limits.ts'
import type {
  CacheWrite,
  InstanceData,
  LegRequest,
  ThreadMessage,
  ThrownError,
} from './protocol.ts'
import { threadCode } from './thread-code.ts'

/** What a leg did, seen from the runtime. */
export interface LegOutcome extends Pick<LegResult, 'commands' | 'log' | 'tokens' | 'error'> {
  readonly cacheWrites: readonly CacheWrite[]
}

export interface Instance {
  /** Runs one leg; never rejects. The thread's own start does not count against the budget. */
  run(request: LegRequest, budgetMs: number): Promise<LegOutcome>
  /** Whether another leg may run here. */
  readonly isAlive: () => boolean
  end(): Promise<void>
}

type Notice = Extract<ThreadMessage, { type: 'notice' }>

export function startInstance(data: InstanceData, onNotice: (notice: Notice) => void): Instance {
  const worker = startThread(data)
  const state: ThreadState = { isAlive: true, isReady: false, isEnded: false }
  let receive: ((event: ThreadEvent) => void) | undefined

  worker.on('message', (message: ThreadMessage) => {
    if (message.type === 'notice') return onNotice(message)
    if (message.type === 'ready') state.isReady = true
    receive?.(message)
  })
  worker.on('error', (crash: Error) => {
    state.isAlive = false
    state.crash = crash
  })
  worker.on('exit', (exitCode) => {
    state.isAlive = false
    state.exitCode = exitCode
    if (receive !== undefined) receive({ type: 'ended' })
    else if (!state.isEnded) {
      onNotice({ type: 'notice', kind: 'instance_crashed', detail: endError(state).message })
    }
  })
  // An idle instance must not keep the process up.
  worker.unref()

  return {
    isAlive: () => state.isAlive,
    end: async () => {
      state.isAlive = false
      state.isEnded = true
      await worker.terminate()
    },
    run: (request, budgetMs) =>
      new Promise((resolve) => {
        const record = createRecord()
        let timer: NodeJS.Timeout | undefined
        const finish = (error?: LegResult['error']) => {
          clearTimeout(timer)
          receive = undefined
          worker.unref()
          resolve(record.outcome(error))
        }
        const overrun = () => {
          state.isAlive = false
          state.isEnded = true
          // The leg ends when the thread has: nothing of it may reach beyond its leg.
          receive = undefined
          void worker.terminate().then(() => finish(timeoutError(budgetMs)))
        }
        const start = () => {
          try {
            worker.postMessage(request)
            timer = setTimeout(overrun, Math.max(0, budgetMs))
          } catch (error) {
            finish(platformError(`The event is not plain data: ${error}`))
          }
        }
        receive = (event) => {
          if (event.type === 'ready') start()
          else if (event.type === 'ended') finish(endError(state))
          else if (event.leg !== request.leg) return
          else if (event.type === 'done') finish(actionError(event.error))
          else record.add(event)
        }
        worker.ref()
        if (!state.isAlive) finish(endError(state))
        else if (state.isReady) start()
      }),
  }
}

interface ThreadState {
  isAlive: boolean
  /** Whether the thread has taken up its work. */
  isReady: boolean
  /** Whether we ended it. */
  isEnded: boolean
  crash?: Error
  exitCode?: number
}

type ThreadEvent = Exclude<ThreadMessage, { type: 'notice' }> | { readonly type: 'ended' }

function startThread(data: InstanceData): Worker {
  return new Worker(threadCode(), {
    workerData: data,
    // Neither the emulator's environment nor its flags are the Action's business.
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: INSTANCE_MEMORY_MB },
  })
}

type Recorded = Exclude<ThreadMessage, { type: 'ready' | 'done' | 'notice' }>

function createRecord() {
  const commands: LegResult['commands'][number][] = []
  const tokens: LegResult['tokens'][number][] = []
  const cacheWrites: CacheWrite[] = []
  const chunks: Uint8Array[] = []
  return {
    add(message: Recorded) {
      switch (message.type) {
        case 'command':
          commands.push(message.command)
          break
        case 'token':
          tokens.push(message.token)
          break
        case 'cache':
          cacheWrites.push(message.write)
          break
        case 'log':
          chunks.push(message.chunk)
          break
      }
    },
    outcome: (error: LegResult['error']): LegOutcome => ({
      commands,
      tokens,
      cacheWrites,
      log: Buffer.concat(chunks).toString('utf8'),
      ...(error === undefined ? {} : { error }),
    }),
  }
}

function actionError(thrown: ThrownError | undefined): LegResult['error'] {
  return thrown === undefined ? undefined : { class: 'action_error', ...thrown }
}

function timeoutError(budgetMs: number): LegResult['error'] {
  const message = `The Action did not finish within its time limit: ${budgetMs} ms were left of the trigger's ${TRIGGER_BUDGET_MS / 1000} seconds.`
  return clearError('action_timeout', message)
}

function endError({
  crash,
  exitCode,
  isEnded,
  isReady,
}: ThreadState): Exclude<LegResult['error'], undefined> {
  if (isEnded) return platformError('The instance was ended while the Action was running.')
  if (!isReady) return platformError(`The instance did not start: ${crash?.message ?? exitCode}`)
  if (crash === undefined) {
    return clearError('action_error', `The Action ended its process (exit code ${exitCode}).`)
  }
  if (Reflect.get(Object(crash), 'code') === 'ERR_WORKER_OUT_OF_MEMORY') {
    const message = `The Action used more memory than an instance has (${INSTANCE_MEMORY_MB} MB).`
    return clearError('action_error', message)
  }
  // What was thrown need not be an Error.
  const { name = 'Error', message = String(crash), stack } = Object(crash)
  return {
    class: 'action_error',
    name: String(name),
    message: `Uncaught outside the handler: ${message}`,
    ...(typeof stack === 'string' ? { stack } : {}),
  }
}

/** A failure that is not the Action's. */
export function platformError(message: string): Exclude<LegResult['error'], undefined> {
  return clearError('platform_error', message)
}

function clearError(
  errorClass: Exclude<LegResult['error'], undefined>['class'],
  message: string,
): Exclude<LegResult['error'], undefined> {
  return { class: errorClass, name: 'Error', message }
}
