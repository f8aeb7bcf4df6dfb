/** The log's way out of the process: no line is lost, doubled or out of order. */
import { spawnSync } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { createOutput } from '../../src/node-output.ts'

const turn = () => new Promise((next) => setImmediate(next))

function output() {
  const written: string[] = []
  const process = new EventEmitter()
  return { written, process, line: createOutput((text) => void written.push(text), process) }
}

describe('standard output', () => {
  it('takes the lines of one turn together, in order', async () => {
    const { written, line } = output()
    line('1')
    line('2')
    expect(written).toEqual([])
    await turn()
    expect(written).toEqual(['1\n2\n'])
    line('3')
    await turn()
    expect(written).toEqual(['1\n2\n', '3\n'])
  })

  it('writes what waits when the process ends, once', async () => {
    const { written, process, line } = output()
    line('1')
    process.emit('exit')
    expect(written).toEqual(['1\n'])
    await turn()
    expect(written).toEqual(['1\n'])
  })

  it.each([
    ['ends by itself', '', 0],
    ['is ended in the same turn', 'process.exit(3)', 3],
    ['fails', 'throw new Error()', 1],
  ])('loses nothing when the process %s', (_, end, status) => {
    const script = `
      import { createOutput } from './src/node-output.ts'
      const line = createOutput((text) => process.stdout.write(text), process)
      for (let at = 0; at < 20000; at += 1) line(String(at))
      ${end}`
    const { stdout, status: left } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script],
      { encoding: 'utf8' },
    )
    expect(left).toBe(status)
    expect(stdout.split('\n').slice(0, -1)).toEqual(
      Array.from({ length: 20000 }, (_, at) => `${at}`),
    )
  })
})
