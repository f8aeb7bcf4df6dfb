/** Tells when one of some files was saved. Editors replace files, so their folders are watched. */
import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'

export interface FileWatch {
  /** In place of the files watched so far. */
  follow(files: readonly string[]): void
  close(): void
}

/** Several events of one save come together. */
const TOGETHER_MS = 120

export function watchFiles(onChange: () => void): FileWatch {
  const watchers = new Map<string, FSWatcher>()
  let names = new Map<string, ReadonlySet<string>>()
  let timer: NodeJS.Timeout | undefined

  const changed = () => {
    clearTimeout(timer)
    timer = setTimeout(onChange, TOGETHER_MS)
  }
  const close = (folder: string) => {
    watchers.get(folder)?.close()
    watchers.delete(folder)
  }
  return {
    follow: (files) => {
      names = new Map()
      for (const file of files) {
        const folder = dirname(file)
        names.set(folder, new Set([...(names.get(folder) ?? []), basename(file)]))
      }
      for (const folder of watchers.keys()) if (!names.has(folder)) close(folder)
      for (const folder of names.keys()) {
        if (watchers.has(folder)) continue
        const watcher = watch(folder, (_, name) => {
          // Some systems do not say which file it was.
          if (name === null || names.get(folder)?.has(name)) changed()
        })
        watcher.on('error', () => close(folder))
        watchers.set(folder, watcher)
      }
    },
    close: () => {
      clearTimeout(timer)
      for (const folder of [...watchers.keys()]) close(folder)
    },
  }
}
