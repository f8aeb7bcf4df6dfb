/** The children of a process, as the operating system lists them at this moment. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** Process ids, in no particular order. */
export function childrenOf(parent: number): number[] {
  if (process.platform !== 'linux') {
    const { stdout } = spawnSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' })
    const rows = stdout.split('\n').map((row) => row.trim().split(/\s+/).map(Number))
    return rows.flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent ? [pid] : []))
  }
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      // The command stands in parentheses and may hold anything; state and parent follow it.
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      const [, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return Number(ppid) === parent ? [Number(name)] : []
    } catch {
      return [] // It ended while we looked.
    }
  })
}
