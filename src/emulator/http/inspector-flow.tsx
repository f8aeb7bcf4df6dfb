/** One flow in the inspector, hop by hop. */
import type { TraceEvent } from '../tenant/trace.ts'
import type { FlowHop, FlowSummary } from './inspector-flows.ts'
import { Leg } from './inspector-leg.tsx'
import { Chip, dateOf, json, timeOf } from './inspector-page.tsx'

export function FlowView({
  summary,
  hops,
}: {
  readonly summary: FlowSummary
  readonly hops: readonly FlowHop[]
}) {
  const { status, client, startedAtMs } = summary
  return (
    <>
      <p class="row">
        <Chip {...status} />
        <span class="meta">
          for {client}, since {dateOf(startedAtMs)}
        </span>
      </p>
      <ol class="hops">
        {hops.map(({ event, leg }) => (
          <li class={lookOf(event)}>
            <div class="row">
              <span class="when">{timeOf(event.atMs)}</span>{' '}
              <span class="grow">
                <span class="who">{event.who}</span> {event.text}
              </span>
            </div>
            {leg ? <Leg leg={leg} id={`${event.seq}`} /> : <Details event={event} />}
          </li>
        ))}
      </ol>
    </>
  )
}

function Details({ event }: { readonly event: TraceEvent }) {
  return (
    <details id={`hop-${event.seq}`}>
      <summary>{event.kind}</summary>
      <pre>{json(event.data)}</pre>
    </details>
  )
}

function lookOf({ kind, who }: TraceEvent): string {
  if (/refused|failed|denied|skipped|struck/.test(kind)) return 'bad'
  if (kind === 'flow.completed' || kind === 'challenge.passed') return 'good'
  if (kind === 'action.ran') return 'action'
  return who === 'user' ? 'user' : 'tenant'
}
