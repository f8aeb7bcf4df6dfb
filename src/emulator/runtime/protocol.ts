/**
 * What crosses between the runtime and one instance's thread. Plain data, and streamed as it happens:
 * a thread that loops for ever or ends its process has already told what it did before.
 */
import type {
  Command,
  DeployedAction,
  Entrypoint,
  LegResult,
  Lookups,
  TriggerId,
} from './execution.ts'
import type { RuntimeSwitches } from './switches.ts'

/** Fixed for the life of an instance. */
export interface InstanceData {
  readonly action: DeployedAction
  /** Names that resolve to 127.0.0.1 besides every `*.localhost`. */
  readonly loopbackHosts: readonly string[]
  /** PEM certificates trusted besides Node's own. */
  readonly trustedCertificates: readonly string[]
}

export interface CacheRecord {
  readonly value: string
  /** Epoch milliseconds. */
  readonly expires_at: number
}

/** Runtime → thread: run one handler once. */
export interface LegRequest {
  readonly leg: number
  readonly trigger: TriggerId
  readonly entrypoint: Entrypoint
  readonly event: Readonly<Record<string, unknown>>
  readonly nowMs: number
  /** Whether the Action's clock stands still at `nowMs`. */
  readonly frozenClock: boolean
  readonly switches: RuntimeSwitches
  readonly cache: readonly (readonly [key: string, record: CacheRecord])[]
  readonly lookups: Lookups
}

export type CacheWrite =
  | { readonly type: 'set'; readonly key: string; readonly record: CacheRecord }
  | { readonly type: 'delete'; readonly key: string }

export type TokenTrace = LegResult['tokens'][number]

/** What the Action threw, as data. */
export interface ThrownError {
  readonly name: string
  readonly message: string
  readonly stack?: string
}

/** Thread → runtime. */
export type ThreadMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'command'; readonly leg: number; readonly command: Command }
  | { readonly type: 'log'; readonly leg: number; readonly chunk: Uint8Array }
  | { readonly type: 'token'; readonly leg: number; readonly token: TokenTrace }
  | { readonly type: 'cache'; readonly leg: number; readonly write: CacheWrite }
  | { readonly type: 'done'; readonly leg: number; readonly error?: ThrownError }
  /** Something that does not belong to a leg's result: late output, a late command. */
  | { readonly type: 'notice'; readonly kind: NoticeKind; readonly detail: string }

/**
 * - `late_output`: console output after the handler settled; Auth0 drops it, so do we.
 * - `late_command`: an `api` call after the handler settled; it has no effect.
 * - `instance_crashed`: an idle instance ended by itself, e.g. a promise nobody awaited was rejected.
 * - `dependency_version`: a declared npm version differs from the one installed here.
 */
export type NoticeKind = 'late_output' | 'late_command' | 'instance_crashed' | 'dependency_version'
