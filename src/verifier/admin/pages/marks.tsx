/** Small things that every page shows: outcomes with a word and a mark, times, conditions, hidden fields. */
import type { Child } from 'hono/jsx'
import type { Outcome } from '../../domain/decision.ts'
import type { PolicyStatus } from '../../ports-admin.ts'
import { CSRF_FIELD } from './form.ts'
import { OUTCOME_WORDS, timeText } from './format.ts'

const MARKS: Record<Outcome | 'open', string> = {
  allow: 'M2 7l3 3 6-7',
  step_up: 'M6.5 2v6M6.5 11v.01',
  deny: 'M3 3l7 7M10 3l-7 7',
  open: 'M6.5 3v4h3',
}

/** Null: not settled yet. */
export function OutcomeBadge(props: {
  readonly outcome: Outcome | null
  readonly large?: boolean
}) {
  const kind = props.outcome ?? 'open'
  return (
    <span class={`badge ${kind}${props.large ? ' large' : ''}`}>
      <svg viewBox="0 0 13 13" aria-hidden="true">
        <path d={MARKS[kind]} />
      </svg>
      {props.outcome === null ? 'Open' : OUTCOME_WORDS[props.outcome]}
    </span>
  )
}

export const StatusBadge = ({ status }: { readonly status: PolicyStatus }) => (
  <span class={`badge ${status === 'active' ? 'allow' : status === 'shadow' ? 'strong' : 'plain'}`}>
    {STATUS_WORDS[status]}
  </span>
)

const STATUS_WORDS: Record<PolicyStatus, string> = {
  active: 'Active',
  shadow: 'Watched',
  draft: 'Draft',
  retired: 'Retired',
}

/** In UTC; `never` where there is none. */
export const Time = ({
  at,
  none = 'never',
}: {
  readonly at: string | null
  readonly none?: string
}) =>
  at === null ? (
    <span class="quiet">{none}</span>
  ) : (
    <time datetime={at} class="nowrap">
      {timeText(at)}
    </time>
  )

export const Csrf = ({ token }: { readonly token: string | undefined }) =>
  token === undefined ? null : <input type="hidden" name={CSRF_FIELD} value={token} />

/** Words with signals in backquotes, as the domain writes them for Markdown. */
export function Sentence({ text }: { readonly text: string }) {
  return (
    <>
      {text
        .split('`')
        .map((part, index) => (index % 2 === 1 ? <code>{unescaped(part)}</code> : unescaped(part)))}
    </>
  )
}

/** The domain writes what is markup in a table of Markdown as references; here they are escaped again. */
const unescaped = (text: string) =>
  text.replace(/&#(\d{1,3});/g, (_reference, code) => String.fromCharCode(Number(code)))

/** A name in the language of policies: where it has to be broken, between its words. */
export const Code = ({ name }: { readonly name: string }) => (
  <code>
    {name.split(/(?<=_)/).map((word, index) => (
      <>
        {index === 0 ? null : <wbr />}
        {word}
      </>
    ))}
  </code>
)

export const Codes = ({ codes }: { readonly codes: readonly string[] }) => (
  <span class="codes">
    {codes.map((code) => (
      <Code name={code} />
    ))}
  </span>
)

export const Json = ({ value, id }: { readonly value: string; readonly id?: string }) => (
  // A region that scrolls has to be reached with the keyboard.
  <pre {...(id === undefined ? {} : { id })} tabindex={0}>
    <code>{value}</code>
  </pre>
)

/** Several sentences that went wrong, read out when the page opens. */
export const Faults = (props: { readonly title: string; readonly faults: readonly string[] }) => (
  <div class="fault" role="alert">
    <h2>{props.title}</h2>
    <ul>
      {props.faults.map((fault) => (
        <li>{fault}</li>
      ))}
    </ul>
  </div>
)

export const Card = (props: {
  readonly title?: string
  readonly id?: string
  readonly children?: Child
}) => {
  const id = props.id ?? props.title?.toLowerCase().replace(/[^a-z]+/g, '-')
  return props.title === undefined ? (
    <div class="card">{props.children}</div>
  ) : (
    <section class="card" aria-labelledby={id ?? ''}>
      <h2 id={id ?? ''}>{props.title}</h2>
      {props.children}
    </section>
  )
}
