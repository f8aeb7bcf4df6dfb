/**
 * A process that opens a record and never settles or answers it: run with the database's URL and the
 * token's name, it prints the record and waits to be killed.
 */
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { openingOf, PATIENT } from './openings.ts'

const [url, name] = process.argv.slice(2) as [string, string]
const answer = await createPoolStore(url, { ...PATIENT, connections: 1 }).open(openingOf(name))
console.log(JSON.stringify(answer))
setInterval(() => {}, 60_000)
