/** Colour where a person watches, plain text where a program reads. */
import { styleText } from 'node:util'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta' | 'blue'
export type Paint = (style: Style, text: string) => string

/** NO_COLOR: https://no-color.org. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  const colours = stream.isTTY === true && !process.env.NO_COLOR
  return (style, text) => (colours ? styleText(style, text) : text)
}
