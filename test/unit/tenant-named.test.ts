/**
 * What lets the store be sharded by tenant: every statement of the sources names the tenant at each
 * table, and every key begins with it. Read off the sources, so that a new statement is in it too.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { getTableName, is } from 'drizzle-orm'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import * as schema from '../../db/schema.ts'

const STORE = fileURLToPath(new URL('../../src/verifier/store/', import.meta.url))

/** On purpose, by the words they begin with: the sweep and the caches, which serve everybody. */
const OF_ALL_TENANTS = [
  /^select tenant, id, reference/,
  /^select tenant, name, logo_url/,
  /^select tenant, flow, id, case/,
]

/** Of the service and not of a tenant: who may act as an operator. Not on the path of a verification. */
const OF_THE_SERVICE = ['admin_token', 'admin_session']

interface Statement {
  readonly file: string
  /** Nested templates and parameters as `?`. */
  readonly text: string
}

/** Every template with the tag `sql`, the nested ones too. */
function statementsOf(file: string): Statement[] {
  const source = readFileSync(`${STORE}${file}`, 'utf8')
  return [...source.matchAll(/\bsql(?:<[^`()]*>)?`/g)].map((start) => {
    const text = templateFrom(source, start.index + start[0].length)
    return { file, text: text.replace(/\s+/g, ' ').trim() }
  })
}

/** The template's text from after its opening backtick. */
function templateFrom(source: string, from: number): string {
  let text = ''
  for (let at = from; source[at] !== '`'; at += 1) {
    if (source.startsWith('${', at)) {
      at = endOfExpression(source, at + 2)
      text += '?'
    } else text += source[at]
  }
  return text
}

/** Where the brace is that ends an interpolation. */
function endOfExpression(source: string, from: number): number {
  let depth = 1
  for (let at = from; ; at += 1) {
    if (source[at] === '`') at = endOfTemplate(source, at + 1)
    else if (source[at] === '{') depth += 1
    else if (source[at] === '}') depth -= 1
    if (depth === 0) return at
  }
}

function endOfTemplate(source: string, from: number): number {
  let at = from
  for (; source[at] !== '`'; at += 1) {
    if (source.startsWith('${', at)) at = endOfExpression(source, at + 2)
  }
  return at
}

const tables = Object.values(schema).flatMap((value) => (is(value, PgTable) ? [value] : []))
const ofTenants = tables.filter((table) => !OF_THE_SERVICE.includes(getTableName(table)))
const MENTION = new RegExp(
  `\\b(from|join|into|update|using)\\s+(${ofTenants.map(getTableName).join('|')})\\b`,
  'g',
)

const statements = readdirSync(STORE).flatMap((file) => statementsOf(file))
const touching = statements.filter(({ text }) => text.match(MENTION) !== null)

describe('every statement of the store', () => {
  it.each(touching.map(({ file, text }) => [file, text.slice(0, 60), text] as const))(
    '%s: %s',
    (_file, _begin, text) => {
      if (OF_ALL_TENANTS.some((purpose) => purpose.test(text))) return
      const mentions = [...text.matchAll(MENTION)]
      for (const [i, mention] of mentions.entries()) {
        const until = mentions[i + 1]?.index ?? text.length
        expect(text.slice(mention.index, until), mention[0]).toMatch(/\btenant\b/)
      }
    },
  )

  it('was found: the scan sees the tables of a verification, and each exception is one', () => {
    const seen = new Set(
      touching.flatMap(({ text }) => [...text.matchAll(MENTION)].map((m) => m[2])),
    )
    for (const table of ['redemption', 'state_claim', 'assessment', 'rate_gcra', 'user_profile']) {
      expect([...seen]).toContain(table)
    }
    for (const purpose of OF_ALL_TENANTS) {
      expect(touching.filter(({ text }) => purpose.test(text))).toHaveLength(1)
    }
  })
})

describe('every table', () => {
  it.each(ofTenants.map((table) => [getTableName(table), getTableConfig(table)] as const))(
    '%s has a key that begins with the tenant, and so have its unique indexes',
    (_name, { columns, primaryKeys, uniqueConstraints, indexes }) => {
      const keys = [
        ...primaryKeys.map((key) => key.columns[0]?.name),
        ...columns.filter(({ primary }) => primary).map(({ name }) => name),
      ]
      expect(keys).toEqual(['tenant'])
      for (const { columns } of uniqueConstraints) expect(columns[0]?.name).toBe('tenant')
      for (const { config } of indexes) {
        const [first] = config.columns
        if (config.unique) expect(first && 'name' in first && first.name).toBe('tenant')
      }
    },
  )

  it.each(OF_THE_SERVICE)('%s is there, and is read by the operators’ part alone', (name) => {
    expect(tables.map(getTableName)).toContain(name)
    const readers = statements.filter(({ text }) => new RegExp(`\\b${name}\\b`).test(text))
    expect(new Set(readers.map(({ file }) => file))).toEqual(new Set(['admin-access.ts']))
  })
})
