/**
 * One warm instance: a worker thread that holds one deployed Action and runs one leg at a time. A leg
 * that overruns, crashes or exhausts it ends the thread, and no other.
 */
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { LegResult } from './execution.ts'
import { INSTANCE_MEMORY_MB } from './limits.ts'
import type {
  CacheWrite,
  InstanceData,
  LegRequest,
  ThreadMessage,
  ThrownError,
} from './protocol.ts'

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
  let isAlive = true
  let receive: ((event: ThreadEvent) => void) | undefined
  let isReady = false
  const crash: { cause?: Error } = {}

  worker.on('message', (message: ThreadMessage) => {
    if (message.type === 'notice') onNotice(message)
    else if (message.type === 'ready') isReady = true
    receive?.(message)
  })
  worker.on('error', (cause: Error) => {
    isAlive = false
    crash.cause = cause
  })
  worker.on('exit', (exitCode) => {
    isAlive = false
    receive?.({ type: 'ended', exitCode, ...crash })
  })
  // An idle instance must not keep the process up.
  worker.unref()

  return {
    isAlive: () => isAlive,
    end: async () => {
      isAlive = false
      await worker.terminate()
    },
    run: (request, budgetMs) =>
      new Promise((resolve) => {
        const recorded = createRecord()
        let timer: NodeJS.Timeout | undefined
        const finish = (error?: LegResult['error']) => {
          clearTimeout(timer)
          receive = undefined
          worker.unref()
          if (error === undefined || isAlive) return resolve(recorded.outcome(error))
          // A dead thread may still hold its port: let it go before the next leg starts another.
          void worker.terminate().then(() => resolve(recorded.outcome(error)))
        }
        const overrun = () => {
          isAlive = false
          finish(timeoutError(budgetMs))
        }
        const start = () => {
          timer = setTimeout(overrun, Math.max(0, budgetMs))
          worker.postMessage(request)
        }
        receive = (event) => {
          if (event.type === 'ready') start()
          else if (event.type === 'ended') finish(endError(event))
          else if (event.type !== 'notice' && event.leg === request.leg) {
            if (event.type === 'done') finish(actionError(event.error))
            else recorded.add(event)
          }
        }
        worker.ref()
        if (!isAlive) finish(endError({ type: 'ended', exitCode: 0, ...crash }))
        else if (isReady) start()
      }),
  }
}

interface ThreadEnd {
  readonly type: 'ended'
  readonly exitCode: number
  readonly cause?: Error
}

type ThreadEvent = ThreadMessage | ThreadEnd

/** Node 20 cannot run TypeScript: from source the thread is started through tsx, built it is not. */
function startThread(data: InstanceData): Worker {
  const isSource = import.meta.url.endsWith('.ts')
  const entry = new URL(isSource ? './thread/entry.ts' : './thread/entry.js', import.meta.url)
  const options = {
    workerData: data,
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: INSTANCE_MEMORY_MB },
  }
  if (!isSource) return new Worker(entry, options)
  const tsx = createRequire(import.meta.url).resolve('tsx/cjs/api')
  // The hook is taken away again, so that an Action's own `require` meets plain Node.
  const bootstrap = `
    const { fileURLToPath } = require('node:url')
    const unregister = require(${JSON.stringify(tsx)}).register()
    require(fileURLToPath(${JSON.stringify(entry.href)}))
    unregister()`
  return new Worker(bootstrap, { ...options, eval: true })
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
  return {
    class: 'action_timeout',
    name: 'Error',
    message: `The Action did not finish within its time limit: ${budgetMs} ms were left of the trigger's 20 seconds.`,
  }
}

function endError({ exitCode, cause }: ThreadEnd): LegResult['error'] {
  if (cause === undefined) {
    return {
      class: 'action_error',
      name: 'Error',
      message: `The Action ended its process (exit code ${exitCode}).`,
    }
  }
  const code: unknown = Reflect.get(Object(cause), 'code')
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return {
      class: 'action_error',
      name: 'Error',
      message: `The Action used more memory than an instance has (${INSTANCE_MEMORY_MB} MB).`,
    }
  }
  const { name = 'Error', message = String(cause), stack } = Object(cause)
  return {
    class: 'action_error',
    name: String(name),
    message: `Uncaught outside the handler: ${message}`,
    ...(typeof stack === 'string' ? { stack } : {}),
  }
}
