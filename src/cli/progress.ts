/** A bar for work that takes longer than a moment, where a person watches; nothing where a program reads. */

export interface Progress {
  /** Somebody sees it: whatever it needs to be known for its sake is worth asking. */
  readonly watched: boolean
  /** `of` absent: how much there is cannot be known, so only what is done is said. */
  show(done: number, of?: number): void
  /** Takes the bar away. */
  end(): void
}

const WIDTH = 24

/** On standard error, so that the answer on standard output stays clean. */
export function createProgress(unit: string, stream: NodeJS.WriteStream): Progress {
  if (stream.isTTY !== true) return { watched: false, show: () => {}, end: () => {} }
  return {
    watched: true,
    show: (done, of) => {
      stream.write(`\r\u001b[K${of === undefined ? '' : bar(done, of)}${count(done, of)} ${unit}`)
    },
    end: () => {
      stream.write('\r\u001b[K')
    },
  }
}

/** More may come while it is counted: never beyond its end. */
function bar(done: number, of: number): string {
  const share = of === 0 ? 1 : Math.min(1, done / of)
  const full = Math.floor(share * WIDTH)
  const percent = `${Math.floor(share * 100)}`.padStart(3)
  return `[${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}] ${percent} %  `
}

const count = (done: number, of: number | undefined) =>
  of === undefined ? number(done) : `${number(done)} of ${number(of)}`

const number = (value: number) => value.toLocaleString('en-US')
