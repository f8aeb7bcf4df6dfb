/**
 * The steps of a Containerfile, carried out in folders and with the programs of this machine: a stage
 * begins empty, COPY copies, RUN runs by bash. No container: an image's system, its user and its
 * isolation are not tried here. What it does not know it refuses.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, statSync } from 'node:fs'
import { basename, join, relative } from 'node:path'

export interface Stage {
  readonly name: string
  readonly from: string
  readonly steps: readonly Step[]
}

export interface Step {
  readonly word: string
  readonly rest: string
}

export function stagesOf(text: string): readonly Stage[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const starts = lines.flatMap((line, at) => (line.startsWith('FROM ') ? [at] : []))
  if (starts[0] !== 0) throw new Error('a Containerfile begins with FROM')
  return starts.map((start, at) => {
    const [head = '', ...steps] = lines.slice(start, starts[at + 1])
    const [, from = '', name = ''] = /^FROM (\S+)(?: AS (\S+))?$/.exec(head) ?? []
    return { name, from, steps: steps.map(stepOf) }
  })
}

const stepOf = (line: string): Step => {
  const [, word = '', rest = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? []
  return { word, rest }
}

/** What a stage says of how its image is started. */
export interface Started {
  readonly env: Readonly<Record<string, string>>
  readonly user: string
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  readonly health: readonly string[]
}

export interface Places {
  /** Where the stage's working directory is. */
  readonly folder: string
  /** The sources, and which of them a build is sent. */
  readonly context: string
  readonly isSent: (path: string) => boolean
  /** The folder of an earlier stage. */
  readonly stageAt: (name: string) => string
  /** For what RUN starts. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Throws with what was said when a step fails. */
export function carryOut({ steps }: Stage, places: Places): Started {
  const { folder, context, isSent, stageAt } = places
  const env: Record<string, string> = {}
  const said: Record<string, string> = {}
  mkdirSync(folder, { recursive: true })
  for (const { word, rest } of steps) {
    if (word === 'ENV') Object.assign(env, pairsOf(rest))
    else if (word === 'COPY') copy(rest)
    else if (word === 'RUN') run(rest)
    else if (word === 'WORKDIR' && rest === WORKDIR) continue
    else if (['USER', 'EXPOSE', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD'].includes(word))
      said[word] = rest
    else throw new Error(`${word} ${rest} is not carried out here`)
  }
  return {
    env,
    user: said.USER ?? 'root',
    entrypoint: wordsOf(said.ENTRYPOINT),
    command: wordsOf(said.CMD),
    health: wordsOf(said.HEALTHCHECK?.replace(/^.*? CMD /, '')),
  }

  /** Of a folder its contents are copied, of a file the file. */
  function copy(rest: string): void {
    const [, stage, paths = ''] = /^(?:--from=(\S+) )?(.+)$/.exec(rest) ?? []
    const words = paths.split(' ')
    const into = inside(words.pop() ?? '')
    for (const path of words) {
      const source = stage === undefined ? join(context, path) : join(stageAt(stage), inside(path))
      const isBeside = into.endsWith('/') && statSync(source).isFile()
      const target = join(folder, into, isBeside ? basename(path) : '')
      const filter = (each: string) => stage !== undefined || isSent(relative(context, each))
      if (!filter(source)) throw new Error(`COPY ${rest}: the build is not sent ${path}`)
      cpSync(source, target, { recursive: true, filter })
    }
  }

  function run(command: string): void {
    const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', command], {
      cwd: folder,
      env: { ...places.env, ...env },
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`RUN ${command}: ${stdout}${stderr}`)
  }
}

/** Every stage of the document works there. */
const WORKDIR = '/app'

const inside = (path: string) => path.replace(new RegExp(`^${WORKDIR}/`), '')

const wordsOf = (json = '[]') => JSON.parse(json) as readonly string[]

const pairsOf = (rest: string) => Object.fromEntries(rest.split(' ').map((pair) => pair.split('=')))

/** Of a `.dockerignore` that lets nothing through but what it names. */
export function sentBy(ignore: string): (path: string) => boolean {
  const [all, ...named] = ignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const names = named.map((line) => line.replace(/^!/, ''))
  if (all !== '*' || named.some((line) => !/^![\w.-]+$/.test(line)))
    throw new Error('the .dockerignore is not a list of what is let through')
  return (path) => path === '' || names.some((name) => path === name || path.startsWith(`${name}/`))
}
