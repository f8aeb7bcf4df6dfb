/**
 * The card of a list's filters. On a phone it is folded to a line that says which of them are set, so that
 * the list begins on the first screen; on a wider one it stands open.
 */
import type { Child } from 'hono/jsx'

/** What the address asked, each with the label of its control; an empty text asks nothing. */
export type AskedFilters = readonly { readonly label: string; readonly asked: string }[]

export function FilterCard(props: {
  readonly filters: AskedFilters
  /** Something in it has to be mended: it is open everywhere. */
  readonly faulty?: boolean
  readonly children?: Child
}) {
  return (
    <section class="card foldable" aria-labelledby="filter">
      <h2 id="filter">Filter</h2>
      <details {...(props.faulty ? { open: true } : {})}>
        <summary>Filter: {summaryOf(props.filters)}</summary>
        {props.children}
      </details>
    </section>
  )
}

/** `none`, or `2 set (flow, reason)`. */
function summaryOf(filters: AskedFilters): string {
  const set = filters.filter(({ asked }) => asked !== '').map(({ label }) => label.toLowerCase())
  return set.length === 0 ? 'none' : `${set.length} set (${set.join(', ')})`
}
