/**
 * The documentation against the program: every command and flag that it names is there, every variable
 * is read by somebody, every link leads somewhere, and the blocks marked `sh runnable` run, in their
 * order, in a folder of their own.
 */
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'
import {
  blocksFor,
  blocksOf,
  documentsFor,
  ROOT,
  readDocument as read,
  withoutBlocks,
} from '../support/docs-blocks.ts'
import { openShell } from '../support/docs-shell.ts'

const FILES = [
  'README.md',
  'SECURITY.md',
  'actions/README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

/** However a document calls it: from a checkout, installed where a command may stand, or by its script. */
const CALL =
  /(?:npx redirect-verifier|(?<=^\s*|[|&;(]\s*)redirect-verifier|npm run (?:--silent |-s )?cli --|npm run (?:--silent |-s )?demo(?: --)?)(?=$|\s)/

/** Command lines in blocks, and in the text where they stand between back ticks. */
function commandsOf(text: string): readonly string[] {
  const shell = blocksOf(text)
    .filter(({ language }) => language === 'sh' || language === 'bash' || language === '')
    .flatMap((block) => block.text.replaceAll('\\\n', ' ').split('\n'))
  const prose = withoutBlocks(text)
  const inline = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
  return [...shell, ...inline].flatMap(callsIn)
}

function callsIn(line: string): readonly string[] {
  const [, call = '', rest = ''] = new RegExp(`(${CALL.source})(.*)$`).exec(line) ?? []
  if (call === '') return []
  const words = rest.split(/\s[#|&>]|\s[12]>|;|\)/)[0] ?? ''
  const own = `${call.includes('demo') ? 'demo ' : ''}${words}`.trim()
  return [own, ...callsIn(rest.slice(words.length))]
}

/** What is wrong with a call, or nothing. */
function faultOf(call: string): string | undefined {
  let command: Command = createProgram()
  const words = (call.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) => word.replace(/=.*$/, ''))
  let at = 0
  for (; at < words.length; at += 1) {
    const next = command.commands.find((own) => own.name() === words[at])
    if (next === undefined) break
    command = next
  }
  const rest = words.slice(at)
  const [first] = rest
  if (command.commands.length > 0 && first !== undefined && /^[a-z]/.test(first))
    return `${call}: there is no command ${first}`
  const known = command.options.flatMap(({ long, short }) => [long, short])
  const missing = rest.filter((word) => /^--?[a-z]/.test(word) && !known.includes(word))
  const unknown = missing.filter((word) => word !== '--help')
  return unknown.length === 0 ? undefined : `${call}: there is no flag ${unknown.join(', ')}`
}

describe.each(FILES)('%s', (file) => {
  const text = read(file)

  it('names commands and flags that are there', () => {
    const faults = commandsOf(text).flatMap((call) => faultOf(call) ?? [])
    expect(faults).toEqual([])
  })

  it('names scripts that are there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = [...text.matchAll(/npm run (?:--silent |-s )?([a-z:]+)/g)].map(([, name]) => name)
    expect(named.filter((name) => !Object.hasOwn(scripts, name ?? ''))).toEqual([])
  })

  it('leads somewhere with every link', () => {
    const prose = withoutBlocks(text).replace(/`[^`\n]*`/g, '')
    for (const [, target = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?|mailto):/.test(target)) continue
      const [path = '', anchor] = target.split('#')
      const found = path === '' ? file : join(dirname(file), path)
      expect(existsSync(join(ROOT, found)), `${target}`).toBe(true)
      if (anchor !== undefined && found.endsWith('.md'))
        expect(anchorsOf(read(found)), target).toContain(anchor)
    }
  })
})

/** As they are made of headings where these files are read. */
const anchorsOf = (text: string) =>
  [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

it('finds a command that is not there, wherever it stands', () => {
  const text = `\`redirect-verifier polcy show\`
\`\`\`sh
npm run cli -- policy show --flo login
X=$(npx redirect-verifier policy show) | redirect-verifier nothing
npm run demo -- --onze
\`\`\``
  expect(
    commandsOf(text)
      .map(faultOf)
      .filter((fault) => fault !== undefined),
  ).toHaveLength(4)
})

it('every variable that is named is read by the service, an Action, a command or a test', () => {
  const places = ['src', 'actions', 'test', 'db'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|tsx|js|yaml)$/.test(name))
      .map((name) => read(`${folder}/${name}`)),
  )
  const known = new Set(places.flatMap((text) => text.match(/\b(RV|AUTH0)_[A-Z0-9_]+\b/g) ?? []))
  const named = FILES.flatMap((file) => read(file).match(/\b(RV|AUTH0)_[A-Z0-9_]+\b/g) ?? [])
  const unknown = named.filter((name) => !known.has(name) && !known.has(name.replace(/_FILE$/, '')))
  expect([...new Set(unknown)]).toEqual([])
})

const RUNNABLE = documentsFor('runnable')

it('there is something to run', () => {
  expect(RUNNABLE).toContain('docs/tutorial.md')
})

describe.each(RUNNABLE)('the runnable commands of %s', (file) => {
  it('run in their order', { timeout: 240_000 }, async () => {
    const { code, said } = await openShell().run(blocksFor('runnable', file).join('\n'))
    expect(code, said).toBe(0)
    if (file === 'docs/tutorial.md') {
      expect(said).toMatch(/the page says to contact support, code/)
      expect(said).toMatch(/outcome\s+deny/)
      expect(said).toContain('found')
    }
  })
})
