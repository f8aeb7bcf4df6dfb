/** What is remembered of headers: the answer is the same as without, and what is kept has bounds. */
import { expect, it } from 'vitest'
import { remember } from '../../src/verifier/remember.ts'

function counted(characters: number) {
  const reads: string[] = []
  const read = remember(characters, (text) => {
    reads.push(text)
    return { text }
  })
  return { read, reads }
}

it('reads a text once', () => {
  const { read, reads } = counted(10)
  expect([read('a'), read('b'), read('a')]).toEqual([{ text: 'a' }, { text: 'b' }, { text: 'a' }])
  expect(reads).toEqual(['a', 'b'])
})

it('remembers an empty answer too', () => {
  let reads = 0
  const read = remember(10, () => {
    reads += 1
    return ''
  })
  expect([read('a'), read('a'), reads]).toEqual(['', '', 1])
})

it('keeps nothing of a longer text than it may', () => {
  const { read, reads } = counted(3)
  expect([read('abc'), read('abc'), read('abcd'), read('abcd')]).toHaveLength(4)
  expect(reads).toEqual(['abc', 'abcd', 'abcd'])
})

it('forgets all when there are too many, and is right as before', () => {
  const { read, reads } = counted(10)
  const texts = Array.from({ length: 501 }, (_, index) => `text ${index}`)
  for (const text of texts) expect(read(text)).toEqual({ text })
  expect(reads).toHaveLength(501)
  expect(read('text 500')).toEqual({ text: 'text 500' })
  expect(reads).toHaveLength(501)
  expect(read('text 0')).toEqual({ text: 'text 0' })
  expect(reads).toHaveLength(502)
})
