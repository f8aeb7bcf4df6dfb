/** docs/threats.md against the tests it names, and the one absence that no other test looks for. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const root = new URL('../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')

/** Number → the tests that a row names, as `file: name`. */
const rows = [...read('docs/threats.md').matchAll(/^\| (\d+) \|.*\| (.*) \|$/gm)].map(
  ([, number, tests = '']) => ({
    number: Number(number),
    tests: [...tests.matchAll(/`(test\/[^:`]+): ([^`]+)`/g)].map(([, file = '', name = '']) => ({
      file,
      name,
    })),
  }),
)

describe('the table of threats', () => {
  it('has a row for each', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 39 }, (_, at) => at + 1))
  })

  it.each(rows)('row $number names tests that are there', ({ tests }) => {
    expect(tests).not.toEqual([])
    for (const { file, name } of tests) {
      expect(existsSync(new URL(file, root)), file).toBe(true)
      // Names are written once, in whichever quotes suit them.
      const names = [...read(file).matchAll(/(['"`])((?:(?!\1).)+)\1/g)].map(([, , text]) => text)
      expect(
        names.some((text) => text?.endsWith(name)),
        `${file}: ${name}`,
      ).toBe(true)
    }
  })
})

it('the verifier calls nobody but its database and what the operator configured', () => {
  const files = readdirSync(new URL('src/verifier', root), { recursive: true, encoding: 'utf8' })
  const calling = files
    .filter((file) => file.endsWith('.ts'))
    .filter((file) =>
      /\bfetch\(|node:https?'|node:net'|undici|axios|exporter-/.test(read(`src/verifier/${file}`)),
    )
  // The identity provider of the operators, Turnstile, and the collector of traces.
  expect(calling.sort()).toEqual([
    'admin/oidc.ts',
    'human-check-turnstile.ts',
    'telemetry/otlp.ts',
    'token/access-token.ts',
  ])
})
