/**
 * Source of an Action → syntax tree. The only file that knows the parser.
 * Actions are CommonJS: compiled as the body of a function, so `return` may stand at the top.
 */
import { parse } from 'acorn'
import type { Of } from './syntax.ts'

export type Parsed =
  | { readonly ok: true; readonly program: Of<'Program'> }
  /** `at`: offset in UTF-16 units. */
  | { readonly ok: false; readonly message: string; readonly at: number }

export function parseAction(code: string): Parsed {
  try {
    const program: unknown = parse(code, {
      ecmaVersion: 'latest',
      sourceType: 'script',
      allowReturnOutsideFunction: true,
    })
    return { ok: true, program: program as Of<'Program'> }
  } catch (error) {
    const { message = '', pos } = Object(error)
    // The parser puts line and column behind its sentence; we say them ourselves.
    const said = String(message).replace(/ \(\d+:\d+\)$/, '.')
    return { ok: false, message: said, at: typeof pos === 'number' ? pos : 0 }
  }
}
