/** What a person sees while long work goes on, and what a program does not. */
import { describe, expect, it } from 'vitest'
import { createProgress } from '../../src/cli/progress.ts'

function stream(isTTY: boolean) {
  const written: string[] = []
  const write = (text: string) => written.push(text) > 0
  return { written, stream: { isTTY, write } as unknown as NodeJS.WriteStream }
}

const CLEAR = '\r\u001b[K'

describe('progress', () => {
  it.each([
    [0, 4_000, '[........................]   0 %  0 of 4,000 records'],
    [1_000, 4_000, '[######..................]  25 %  1,000 of 4,000 records'],
    [4_000, 4_000, '[########################] 100 %  4,000 of 4,000 records'],
    [4_100, 4_000, '[########################] 100 %  4,100 of 4,000 records'],
    [0, 0, '[########################] 100 %  0 of 0 records'],
    [12_000, undefined, '12,000 records'],
  ])('of %j of %j is a bar over the last one', (done, of, expected) => {
    const { written, stream: to } = stream(true)
    createProgress('records', to).show(done, of)
    expect(written).toEqual([`${CLEAR}${expected}`])
  })

  it('is taken away at the end', () => {
    const { written, stream: to } = stream(true)
    createProgress('records', to).end()
    expect(written).toEqual([CLEAR])
  })

  it('says nothing where nobody watches', () => {
    const { written, stream: to } = stream(false)
    const progress = createProgress('records', to)
    progress.show(1, 2)
    progress.end()
    expect(written).toEqual([])
  })
})
