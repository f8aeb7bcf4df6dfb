/**
 * Every metric that the service exposes on Node, with its labels. What the dashboards, the alerts and
 * the documentation name is held to this table by tests. It imports no library: values come from
 * `metrics.ts`.
 */

export interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** For people, on one line. */
  readonly help: string
  /** Their values are closed sets: `labels.ts`. */
  readonly labels: readonly string[]
  /** Upper bounds, in the metric's unit. */
  readonly buckets?: readonly number[]
}

/** From a page out of memory to the last deadline of a request. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
/** Below zero Auth0's clock is ahead of ours; five seconds are forgiven; no token is older than 900. */
const AGES = [-5, -2, -1, 0, 2, 5, 15, 30, 60, 120, 300, 600, 900]

export const METRICS = {
  requests: {
    name: 'rv_requests_total',
    type: 'counter',
    help: 'Requests that were logged: every one for /verify, and elsewhere those that failed',
    labels: ['method', 'route', 'status'],
  },
  requestSeconds: {
    name: 'rv_request_duration_seconds',
    type: 'histogram',
    help: 'Time from a request to its answer, in whole milliseconds',
    labels: ['method', 'route'],
    buckets: SECONDS,
  },
  rejections: {
    name: 'rv_rejections_total',
    type: 'counter',
    help: 'Requests that were refused before there was a decision',
    labels: ['tenant', 'code'],
  },
  assessments: {
    name: 'rv_assessments_total',
    type: 'counter',
    help: 'Decisions that were answered',
    labels: ['tenant', 'flow', 'outcome', 'assessed', 'mode', 'answer'],
  },
  reasons: {
    name: 'rv_reasons_total',
    type: 'counter',
    help: 'First answers that named this reason',
    labels: ['tenant', 'flow', 'reason'],
  },
  tokenAge: {
    name: 'rv_session_token_age_seconds',
    type: 'histogram',
    help: 'Age of session tokens when they were spent, by our clock; below zero Auth0 is ahead',
    labels: ['tenant'],
    buckets: AGES,
  },
  previousKeys: {
    name: 'rv_previous_key_total',
    type: 'counter',
    help: 'Assessments whose session token was signed with a key before the current one',
    labels: ['tenant'],
  },
  ready: {
    name: 'rv_ready',
    type: 'gauge',
    help: 'Whether a verification would succeed now, as /readyz says; asked at each scrape',
    labels: [],
  },
  clockSkew: {
    name: 'rv_clock_skew_seconds',
    type: 'gauge',
    help: 'This process clock, in whole seconds, less that of the database; -1 to 0 is no difference',
    labels: [],
  },
  storeErrors: {
    name: 'rv_store_errors_total',
    type: 'counter',
    help: 'What the database did not do, by the part that asked',
    labels: ['part', 'code'],
  },
  storeSeconds: {
    name: 'rv_store_duration_seconds',
    type: 'histogram',
    help: 'Time that a question to the database took, with the wait for a connection',
    labels: ['operation'],
    buckets: SECONDS,
  },
  storeCalls: {
    name: 'rv_store_calls_in_flight',
    type: 'gauge',
    help: 'Questions under way; those above rv_store_connections wait for a connection',
    labels: [],
  },
  storeConnections: {
    name: 'rv_store_connections',
    type: 'gauge',
    help: 'Connections that requests share',
    labels: [],
  },
  breakerOpen: {
    name: 'rv_breaker_open',
    type: 'gauge',
    help: 'Whether the service has stopped asking a database that is not there',
    labels: [],
  },
  breakerOpened: {
    name: 'rv_breaker_opened_total',
    type: 'counter',
    help: 'Times that it has stopped asking',
    labels: [],
  },
  failures: {
    name: 'rv_failures_total',
    type: 'counter',
    help: 'Work that failed, by part: settings are served as last read, chores are tried again',
    labels: ['part'],
  },
  learned: {
    name: 'rv_learned_total',
    type: 'counter',
    help: 'Verifications confirmed and events folded into histories',
    labels: ['tenant', 'kind'],
  },
  streamEvents: {
    name: 'rv_log_stream_events_total',
    type: 'counter',
    help: 'Events that log streams delivered',
    labels: ['tenant', 'kind'],
  },
  settled: {
    name: 'rv_swept_total',
    type: 'counter',
    help: 'Open records that the sweep settled',
    labels: [],
  },
  sweepLeft: {
    name: 'rv_sweep_left_total',
    type: 'counter',
    help: 'Open records that a sweep left for the next one, counted by each',
    labels: [],
  },
  purgedRows: {
    name: 'rv_purged_rows_total',
    type: 'counter',
    help: 'Rows deleted because their time was over',
    labels: [],
  },
  partitions: {
    name: 'rv_partitions_total',
    type: 'counter',
    help: 'Partitions made for new records and dropped with expired ones',
    labels: ['kind'],
  },
  historyUnread: {
    name: 'rv_history_unread_total',
    type: 'counter',
    help: 'Times that history was found which no configured identifier secret reads',
    labels: ['tenant'],
  },
  loopLag: {
    name: 'rv_event_loop_lag_seconds',
    type: 'gauge',
    help: 'Time that a request waits until this process looks at it, on average and lately',
    labels: [],
  },
  build: {
    name: 'rv_build_info',
    type: 'gauge',
    help: 'Always 1; its labels say what runs',
    labels: ['version', 'node'],
  },
  startTime: {
    name: 'process_start_time_seconds',
    type: 'gauge',
    help: 'Start of the process, in epoch seconds',
    labels: [],
  },
  cpu: {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'Processor time of the process',
    labels: [],
  },
  memory: {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Memory of the process',
    labels: [],
  },
} as const satisfies Record<string, Metric>

export type MetricId = keyof typeof METRICS
