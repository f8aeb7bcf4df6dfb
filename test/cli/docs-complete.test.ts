/**
 * No command of the documentation goes untried: each block of commands says which test runs it, or every
 * command in it stands on the narrow list of those that the suite cannot carry out, with the reason.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  type Block,
  blocksOf,
  commandsOf,
  DOCUMENTS,
  ROOT,
  RUN_BY,
  readDocument,
  withoutBlocks,
} from '../support/docs-blocks.ts'
import { NOT_RUN } from '../support/docs-not-run.ts'

const SHELL = ['sh', 'bash', 'shell', 'console', 'zsh']
const LISTED = new Set(NOT_RUN.map(({ command }) => command))
/** How a line begins that somebody types. */
const TYPED =
  /^\$? ?(npm|npx|node|redirect-verifier|wrangler|curl|psql|pg_dump|pg_restore|docker|podman|terraform|systemctl|auth0|a0deploy|git|sudo|export|cat|sed|[A-Z]+=\S+:\/\/\S*$) ?/

/** Blocks of commands, whatever their fence says of them. */
const isShell = ({ language, text }: Block) =>
  SHELL.includes(language) || (language === '' && text.split('\n').some((line) => TYPED.test(line)))

/** The commands that no test would run. */
function untried(text: string): readonly string[] {
  const fenced = blocksOf(text)
    .filter(isShell)
    .filter(({ language, words }) => language !== 'sh' || !isRun(words))
    .flatMap((block) => commandsOf(block.text))
  const indented = [...withoutBlocks(text).matchAll(/^(?: {4,}|\t)\s*(\S.*)$/gm)]
    .map(([, line = '']) => line)
    .filter((line) => TYPED.test(line))
  return [...fenced, ...indented].filter((command) => !LISTED.has(command))
}

const isRun = (words: readonly string[]) =>
  words.length === 1 && Object.hasOwn(RUN_BY, words[0] ?? '')

describe.each(DOCUMENTS)('%s', (path) => {
  it('has no command that no test runs', () => {
    expect(untried(readDocument(path))).toEqual([])
  })
})

it.each(Object.entries(RUN_BY))('the blocks marked %s are extracted by %s', (word, file) => {
  const asked = new RegExp(`(documentsFor|blocksFor)\\(\\s*'${word}'`)
  expect(readFileSync(join(ROOT, file), 'utf8')).toMatch(asked)
  const marked = DOCUMENTS.filter((path) =>
    blocksOf(readDocument(path)).some(({ words }) => words.includes(word)),
  )
  expect(marked).not.toEqual([])
})

describe.each(NOT_RUN)('not run: $command', ({ command, reason, heldBy }) => {
  it('is documented', () => {
    const all = DOCUMENTS.flatMap((path) => blocksOf(readDocument(path)).filter(isShell))
    expect(all.flatMap(({ text }) => commandsOf(text))).toContain(command)
  })

  it('has a reason, and is tried elsewhere', () => {
    expect(reason).not.toBe('')
    const file = join(ROOT, heldBy.file)
    expect(existsSync(file), heldBy.file).toBe(true)
    expect(`${readFileSync(file, 'utf8')}\n`).toContain(heldBy.says)
  })
})

it.each([
  ['a block without a word', '```sh\nnpm run demo\n```\n', 'npm run demo'],
  ['a word that nobody knows', '```sh later\nnpm run demo\n```\n', 'npm run demo'],
  ['another name of the shell', '```bash runnable\nnpm run demo\n```\n', 'npm run demo'],
  ['a fence without a language', '```\nnpm run demo\n```\n', 'npm run demo'],
  ['a block in a list', '1. So:\n\n   ```sh\n   npm run demo\n   ```\n', 'npm run demo'],
  ['an indented line', 'So:\n\n    npm run demo\n', 'npm run demo'],
  ['more than what is listed', '```sh\nnpm ci && npm run demo\n```\n', 'npm run demo'],
  ['another form of what is listed', '```sh\nnpm ci --force\n```\n', 'npm ci --force'],
  ['continued lines', '```sh\ncurl -s \\\n  https://a.example\n```\n', 'curl -s https://a.example'],
])('%s is found', (_what, text, command) => {
  expect(untried(text)).toEqual([command])
})

it('what is run or listed is not found', () => {
  expect(untried('```sh runnable\nnpm run demo\n```\n```sh\nnpm ci && npm test\n```\n')).toEqual([])
  expect(untried('```json\n{ "npm": 1 }\n```\n')).toEqual([])
})
