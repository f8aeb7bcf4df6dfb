/** What one policy found against what another did, outcome by outcome. */
import { OUTCOMES, type Outcome } from '../../domain/decision.ts'
import { numberText, OUTCOME_WORDS } from './format.ts'

export function ConfusionTable(props: {
  readonly caption: string
  readonly row: string
  readonly column: string
  readonly cell: (
    row: Outcome,
    column: Outcome,
  ) => { readonly records: number; readonly note?: string }
}) {
  return (
    // Where it is wider than a phone, the keyboard must reach it to scroll.
    <section class="scroll" tabindex={0} aria-label={props.caption}>
      <table class="matrix">
        <caption>{props.caption}</caption>
        <thead>
          <tr>
            <th scope="col">
              {props.row} ↓ {props.column} →
            </th>
            {OUTCOMES.map((outcome) => (
              <th scope="col" class="number">
                {OUTCOME_WORDS[outcome]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {OUTCOMES.map((row) => (
            <tr>
              <th scope="row">{OUTCOME_WORDS[row]}</th>
              {OUTCOMES.map((column) => {
                const { records, note } = props.cell(row, column)
                return (
                  <td class={records === 0 ? '' : kindOf(row, column)}>
                    {numberText(records)}
                    {records === 0 ? null : (
                      <span class="visually-hidden"> {WORDS[kindOf(row, column)]}</span>
                    )}
                    {note === undefined || records === 0 ? null : <div class="small">{note}</div>}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

const WORDS = { same: 'the same', softer: 'more kindly', harder: 'more strictly' } as const

const kindOf = (then: Outcome, now: Outcome): keyof typeof WORDS =>
  then === now ? 'same' : OUTCOMES.indexOf(now) > OUTCOMES.indexOf(then) ? 'harder' : 'softer'
