/**
 * Source of an Action → syntax tree. The only file that knows the parser.
 * Actions are CommonJS: compiled as the body of a function, so `return` may stand at the top.
 */
import { parseAst } from 'rolldown/parseAst'
import type { Of } from './syntax.ts'

export type Parsed =
  | { readonly ok: true; readonly program: Of<'Program'> }
  /** `at`: offset in UTF-16 units. */
  | { readonly ok: false; readonly message: string; readonly at: number }

export function parseAction(code: string): Parsed {
  try {
    const program: unknown = parseAst(code, { lang: 'js', sourceType: 'commonjs' })
    return { ok: true, program: program as Of<'Program'> }
  } catch (error) {
    const { message = '', pos } = Object(error)
    // The first line only counts the errors; the second says what is wrong.
    const lines = String(message).split('\n')
    const said = /^Parse failed/.test(lines[0] ?? '') ? lines[1] : lines[0]
    return { ok: false, message: said ?? '', at: typeof pos === 'number' ? pos : 0 }
  }
}
