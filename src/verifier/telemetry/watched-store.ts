/** The Store with somebody who watches how long each question takes. It changes no answer. */
import { type Store, StoreError } from '../ports.ts'

/** One question begins; the returned function is called once it ended, with its error's code if any. */
export type Watch = (operation: StoreOperation) => (failure?: string) => void
export type StoreOperation = keyof Store

export function watchedStore<S extends Store>(store: S, watches: readonly Watch[]): S {
  const watched =
    <Given extends readonly unknown[], T>(
      operation: StoreOperation,
      ask: (...given: Given) => Promise<T>,
    ) =>
    async (...given: Given): Promise<T> => {
      const ends = watches.map((watch) => watch(operation))
      let failure: string | undefined
      try {
        return await ask(...given)
      } catch (error) {
        failure = error instanceof StoreError ? error.code : 'bug'
        throw error
      } finally {
        for (const end of ends) end(failure)
      }
    }
  const every = {
    open: watched('open', store.open),
    settle: watched('settle', store.settle),
    readUnsettled: watched('readUnsettled', store.readUnsettled),
    readPolicy: watched('readPolicy', store.readPolicy),
    readShadows: watched('readShadows', store.readShadows),
    readSettings: watched('readSettings', store.readSettings),
    check: watched('check', store.check),
  } satisfies Store
  return { ...store, ...every }
}
