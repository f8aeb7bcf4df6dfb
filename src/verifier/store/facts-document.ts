/**
 * The facts of a verification as one jsonb expression: what the request said, and what the store knows
 * of it. A part of the one statement, not a statement: it stands where `given` and `charge` and
 * `released` are in scope. Every read is by key or capped.
 */
import type { Fragment, Sql } from 'postgres'
import {
  addressUsersExpression,
  deviceUsersExpression,
  globalExpression,
  profileExpression,
  streamExpression,
  unconfirmedExpression,
} from './learning-facts.ts'
import { entriesExpression, rangesExpression } from './lists-facts.ts'

export function factsDocument(sql: Sql): Fragment {
  const known = documents.get(sql)
  if (known !== undefined) return known
  const made = documentOf(sql)
  documents.set(sql, made)
  return made
}

/** It holds no value of a request, and to put it together costs a request as much as judging it. */
const documents = new WeakMap<Sql, Fragment>()

const documentOf = (sql: Sql): Fragment => sql`
    jsonb_build_object(
      'decided_at', floor(extract(epoch from now())),
      'request', given.request,
      'store', jsonb_build_object(
        'profile', ${profileExpression(sql)},
        'lists', ${entriesExpression(sql)},
        'velocity', jsonb_strip_nulls(jsonb_build_object(
          'user', (select debt from charge where bucket = 'user'),
          'token_address', (
            select debt from charge where bucket = 'address' and key = given.token_address
          ),
          'visit_address', (
            select debt from charge where bucket = 'address' and key = given.visit_address
          )
        )),
        'users_per_address', ${addressUsersExpression(sql)}
      )
      || ${unconfirmedExpression(sql)}
      || jsonb_strip_nulls(jsonb_build_object('users_per_device', ${deviceUsersExpression(sql)}))
      || coalesce((select '{"released": true}'::jsonb from released), '{}')
      || ${streamExpression(sql)}
      || ${globalExpression(sql)}
      || ${rangesExpression(sql)}
    )`
