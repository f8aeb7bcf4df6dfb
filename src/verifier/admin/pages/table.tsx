/**
 * The one table of the pages: a row a line on a wide screen, a row a card on a phone. The roles are said,
 * because a browser forgets that a table is one when it is laid out otherwise.
 */
import type { Child } from 'hono/jsx'

const ROLE = {
  table: { role: 'table' },
  rowgroup: { role: 'rowgroup' },
  row: { role: 'row' },
  columnheader: { role: 'columnheader' },
  rowheader: { role: 'rowheader' },
  cell: { role: 'cell' },
} as const

export interface Column {
  readonly label: string
  readonly numeric?: boolean
}

export function Table(props: {
  readonly caption: string
  readonly hideCaption?: boolean
  readonly columns: readonly Column[]
  /** A cell per column, `''` where there is nothing; the first names the row. */
  readonly rows: readonly (readonly Child[])[]
  readonly empty: string
}) {
  const { caption, columns, rows } = props
  if (rows.length === 0) return <p class="empty">{props.empty}</p>
  const kind = (index: number) => (columns[index]?.numeric ? 'number' : '')
  return (
    <table class="stack" {...ROLE.table}>
      <caption class={props.hideCaption ? 'visually-hidden' : ''}>{caption}</caption>
      <thead {...ROLE.rowgroup}>
        <tr {...ROLE.row}>
          {columns.map(({ label }, index) => (
            <th scope="col" {...ROLE.columnheader} class={kind(index)}>
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody {...ROLE.rowgroup}>
        {rows.map((cells) => (
          <tr {...ROLE.row}>
            {cells.map((cell, index) =>
              index === 0 ? (
                <th
                  scope="row"
                  {...ROLE.rowheader}
                  class={kind(0)}
                  data-label={columns[0]?.label ?? ''}
                >
                  <span>{cell}</span>
                </th>
              ) : cell === '' ? (
                // On a phone it is left out with its label.
                <td {...ROLE.cell} class="bare" data-label={columns[index]?.label ?? ''} />
              ) : (
                <td {...ROLE.cell} class={kind(index)} data-label={columns[index]?.label ?? ''}>
                  <span>{cell}</span>
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
