/**
 * The documents that people read, and the blocks of commands in them. A word behind `sh` on the fence
 * says which test runs a block.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Each word with the test that extracts the blocks of that word and runs them. */
export const RUN_BY = {
  runnable: 'test/cli/docs.test.ts',
  stored: 'test/cli/docs-stored.test.ts',
  live: 'test/cli/admin-docs.test.ts',
  started: 'test/cli/docs-started.test.ts',
  emulated: 'test/cli/docs-emulated.test.ts',
  deployed: 'test/cli/docs-deployed.test.ts',
  installed: 'test/cli/docs-installed.test.ts',
  bound: 'test/cli/docs-bound.test.ts',
} as const

export type Word = keyof typeof RUN_BY

export interface Block {
  readonly language: string
  /** Behind the language. */
  readonly words: readonly string[]
  readonly text: string
}

const FOLDERS = ['', 'actions/', 'docs/', 'examples/']

/** Paths from the root of the checkout. */
export const DOCUMENTS: readonly string[] = FOLDERS.filter((folder) =>
  existsSync(join(ROOT, folder)),
).flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: folder !== '', encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}${name}`)
    .sort(),
)

export const readDocument = (path: string) => readFileSync(join(ROOT, path), 'utf8')

/** A fence may be indented, as in a list; its lines then are by as much. */
const FENCED = /^( *)```(\w*)([^\n]*)\n([\s\S]*?)^\1```$/gm

export const blocksOf = (text: string): readonly Block[] =>
  [...text.matchAll(FENCED)].map(([, indent = '', language = '', info = '', body = '']) => ({
    language,
    words: info.split(' ').filter((word) => word !== ''),
    text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }))

export const withoutBlocks = (text: string) => text.replaceAll(FENCED, '')

/** The blocks of a document that this test runs, in their order. */
export const blocksFor = (word: Word, path: string): readonly string[] =>
  blocksOf(readDocument(path))
    .filter(({ language, words }) => language === 'sh' && words.includes(word))
    .map(({ text }) => text)

export const documentsFor = (word: Word): readonly string[] =>
  DOCUMENTS.filter((path) => blocksFor(word, path).length > 0)

/** The commands of a block, without comments; a pipe and its parts are one. */
export const commandsOf = (text: string): readonly string[] =>
  text
    .replaceAll(/\\\n\s*/g, '')
    .split(/\n|&&/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
