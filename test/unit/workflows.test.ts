/** What the public workflows may do and run: pinned code, few rights, commands that exist. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readManifest } from '../package/pack.ts'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}
interface Job {
  readonly permissions?: Readonly<Record<string, string>>
  readonly 'timeout-minutes'?: number
  readonly steps: readonly Step[]
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, Job>>
}

const FOLDER = new URL('../../.github/workflows/', import.meta.url)
const files = readdirSync(FOLDER)
const text = (file: string) => readFileSync(new URL(file, FOLDER), 'utf8')
const jobsOf = (file: string) => Object.values((parse(text(file)) as Workflow).jobs)
const stepsOf = (file: string) => jobsOf(file).flatMap(({ steps }) => steps)

it('there is one for checks, tests, fuzzing and releases', () => {
  expect(files.sort()).toEqual(['check.yml', 'fuzz.yml', 'release.yml', 'test.yml'])
})

describe.each(files)('%s', (file) => {
  it('runs foreign actions by their commit, with the version beside it', () => {
    const used = text(file)
      .split('\n')
      .filter((line) => line.includes('uses:'))
    expect(used.length).toBe(stepsOf(file).filter(({ uses }) => uses !== undefined).length)
    expect(used.length).toBeGreaterThan(0)
    for (const line of used) expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  it('may read the sources and nothing else, but for the release', () => {
    const { on, permissions } = parse(text(file)) as Workflow
    expect(permissions).toEqual({ contents: 'read' })
    // It would run a stranger's change with our rights.
    expect(Object.keys(on)).not.toContain('pull_request_target')
    const more = jobsOf(file).flatMap((job) => Object.entries(job.permissions ?? {}))
    expect(more).toEqual(
      file === 'release.yml'
        ? [
            ['contents', 'write'],
            ['id-token', 'write'],
          ]
        : [],
    )
  })

  it('keeps no credentials in the checkout and ends in time', () => {
    for (const job of jobsOf(file)) expect(job['timeout-minutes']).toBeLessThanOrEqual(60)
    const checkouts = stepsOf(file).filter(({ uses }) => uses?.startsWith('actions/checkout@'))
    expect(checkouts.length).toBe(jobsOf(file).length)
    for (const step of checkouts) expect(step.with?.['persist-credentials']).toBe(false)
  })

  it('calls scripts that the package has', () => {
    const { scripts } = readManifest()
    for (const { run = '' } of stepsOf(file)) {
      // What strangers can write, such as a branch name, must not become part of a command.
      expect(run).not.toMatch(/\$\{\{/)
      for (const [, name] of run.matchAll(/npm run (?:--silent )?([\w:-]+)/g)) {
        expect(Object.keys(scripts)).toContain(name)
      }
    }
  })
})
