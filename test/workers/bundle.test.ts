/** What is uploaded, read off the bundle and esbuild's account of it. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, inject, it } from 'vitest'

interface Metafile {
  readonly inputs: Readonly<Record<string, unknown>>
  readonly outputs: Readonly<
    Record<
      string,
      { readonly imports: readonly { readonly path: string; readonly kind: string }[] }
    >
  >
}

const { file, metafile } = inject('workerBundle')
const bundle = readFileSync(file)
const meta = JSON.parse(readFileSync(metafile, 'utf8')) as Metafile
const inputs = Object.keys(meta.inputs)

it('is below one mebibyte, compressed', () => {
  const sizes = { raw: bundle.length, gzip: gzipSync(bundle).length }
  console.log(
    `The Worker: ${Object.entries(sizes)
      .map(([name, bytes]) => `${(bytes / 1024).toFixed(1)} KiB ${name}`)
      .join(', ')}`,
  )
  expect(sizes.raw).toBeGreaterThan(10_000)
  expect(sizes.gzip).toBeLessThan(1024 * 1024)
})

describe('the bundle', () => {
  it('leaves nothing to load but what workerd itself brings', () => {
    const left = new Set(
      Object.values(meta.outputs).flatMap(({ imports }) => imports.map(({ path }) => path)),
    )
    // Each is native with nodejs_compat, none of them a stand-in that throws when it is called.
    expect([...left].sort()).toEqual([
      'cloudflare:sockets',
      'node:buffer',
      'node:crypto',
      'node:events',
      'node:stream',
    ])
  })

  it('holds no stand-in for a module of Node', () => {
    expect(inputs.filter((path) => path.includes('unenv'))).toEqual([])
    expect(bundle.includes('[unenv]')).toBe(false)
  })

  it('holds the driver that is made for Workers, and no part of the other runtime', () => {
    expect(inputs.filter((path) => path.endsWith('node_modules/postgres/cf/src/index.js'))).toEqual(
      [expect.any(String)],
    )
    const nodeOnly =
      /^src\/(node|cli|emulator)\b|^actions\/|^db\/(?!schema-version|policy-versions|record-replay)|\bnode_modules\/(@hono\/node-server|drizzle-orm|commander|postgres\/(src|cjs))\//
    expect(inputs.filter((path) => nodeOnly.test(path))).toEqual([])
  })
})
