/** One Action's leg in the inspector: commands, log lines, decoded tokens, event. */
import type { ShownLeg } from './inspector-executions.ts'
import { json } from './inspector-page.tsx'

type ShownToken = ShownLeg['tokens'][number]

export function Leg({ leg, id }: { readonly leg: ShownLeg; readonly id: string }) {
  const { commands, log, tokens, event, durationMs, error } = leg
  return (
    <div class="leg">
      <div class="meta">
        <code>{leg.entrypoint}</code> · {Math.round(durationMs)} ms
      </div>
      {error ? (
        <p class="alert">
          {error.name}: {error.message}
        </p>
      ) : null}
      <h2>Commands</h2>
      {commands.length === 0 ? <p class="meta">None.</p> : null}
      {commands.map(({ type, ...given }) => (
        <p>
          <code>api.{type}</code>{' '}
          <code class="meta">{Object.keys(given).length > 0 ? JSON.stringify(given) : ''}</code>
        </p>
      ))}
      {tokens.map((token) => (
        <Token token={token} />
      ))}
      {log === '' ? null : (
        <>
          <h2>Log</h2>
          <pre>{log.trimEnd()}</pre>
        </>
      )}
      <details id={`event-${id}`}>
        <summary>Event</summary>
        <pre>{json(event)}</pre>
      </details>
    </div>
  )
}

function Token({ token }: { readonly token: ShownToken }) {
  const { method, payload, refused } = token
  return (
    <>
      <h2>{method === 'encodeToken' ? 'Session token made' : 'Continue token checked'}</h2>
      {refused === undefined ? null : <p class="alert">{refused}</p>}
      {payload === null ? (
        <p class="meta">There was none that could be read.</p>
      ) : (
        <table class="claims">
          <tbody>
            {Object.entries(payload).map(([name, value]) => (
              <tr>
                <th scope="row">{name}</th>
                <td>
                  <code>{claim(name, value)}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}

function claim(name: string, value: unknown): string {
  if ((name === 'iat' || name === 'exp') && typeof value === 'number') {
    const date = new Date(value * 1000)
    if (!Number.isNaN(date.getTime())) return `${value} (${date.toISOString().slice(0, 19)}Z)`
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}
