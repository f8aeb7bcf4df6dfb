/** Entries of a list: read from a form, shown, and asked about before one is removed. */
import { LIST_KINDS, type ListKind } from '../../domain/facts.ts'
import { entryFault, storedListValue } from '../../lists-values.ts'
import type { ListEntry, NewListEntry } from '../../ports-admin.ts'
import type { AdminContext, AdminDeps } from '../admin-deps.ts'
import { chosen, DAY } from './choices.ts'
import { Input, Select } from './fields.tsx'
import type { FormFields } from './form.ts'
import { Heading } from './frame.tsx'
import { Card, Csrf, Time } from './marks.tsx'
import { tenantPath } from './paths.ts'
import { Table } from './table.tsx'

const KIND_WORDS: Record<ListKind, string> = {
  user: 'User, by Auth0’s user_id',
  address: 'Address',
  device: 'Device, by its pseudonym',
  country: 'Country, two letters',
  asn: 'Network, by AS number',
  client: 'Application, by client_id',
}

const EXPIRIES = {
  '1': '1 day',
  '7': '7 days',
  '30': '30 days',
  '365': 'a year',
  never: 'for ever',
}

const ACTIONS = ['deny', 'allow'] as const
const ACTION_WORDS = { deny: 'Refuse', allow: 'Let through' } as const
const NOTE_CHARACTERS = 500
const VALUE_CHARACTERS = 256

type EntryFaults = Readonly<Partial<Record<'action' | 'kind' | 'value' | 'note' | 'days', string>>>

/** What was typed, and what is wrong with it. */
export interface RefusedEntry {
  readonly form: FormFields
  readonly faults: EntryFaults
}

/** What a form enters, under its pseudonym where it has one; absent where anything is wrong with it. */
export function entryOf(
  { identifiers }: AdminDeps,
  tenant: string,
  form: FormFields,
): { readonly entry?: NewListEntry; readonly faults: EntryFaults } {
  const action = chosen(ACTIONS, form('action'))
  const kind = chosen(LIST_KINDS, form('kind'))
  const days = chosen(Object.keys(EXPIRIES), form('days'))
  const [typed, note] = [form('value').trim(), form('note').trim()]
  const value =
    kind === undefined || typed === '' || typed.length > VALUE_CHARACTERS
      ? undefined
      : storedListValue(() => identifiers, tenant, kind, typed)
  const refused = kind && action ? entryFault({ kind, action }) : undefined
  const faults: EntryFaults = {
    ...(action === undefined ? { action: 'Choose what happens.' } : {}),
    ...(refused === undefined ? {} : { action: refused }),
    ...(kind === undefined ? { kind: 'Choose what it is.' } : {}),
    ...(days === undefined ? { days: 'Choose how long.' } : {}),
    ...(value === undefined
      ? { value: 'Say who or what.' }
      : value.ok
        ? {}
        : { value: value.error }),
    ...(note === '' || note.length > NOTE_CHARACTERS
      ? { note: `Say why, in at most ${NOTE_CHARACTERS} characters.` }
      : {}),
  }
  if (!value?.ok || !action || !kind || !days || Object.keys(faults).length > 0) return { faults }
  return {
    entry: {
      kind,
      action,
      value: value.value,
      note,
      ...(days === 'never' ? {} : { expiresInSeconds: Number(days) * DAY }),
    },
    faults,
  }
}

export const Entries = (props: {
  readonly c: AdminContext
  readonly tenant: string
  readonly entries: readonly ListEntry[]
  readonly allowed: boolean
}) => (
  <Table
    caption="Users and addresses are entered under a pseudonym and cannot be read back."
    columns={[
      { label: 'Value' },
      { label: 'What' },
      { label: 'Happens' },
      { label: 'Reason' },
      { label: 'Until' },
      ...(props.allowed ? [{ label: 'Change' }] : []),
    ]}
    rows={props.entries.map((entry) => [
      <code>{entry.value}</code>,
      entry.kind,
      <span class={`badge ${entry.action}`}>{ACTION_WORDS[entry.action]}</span>,
      entry.note ?? '',
      <Time at={entry.expires_at} none="for ever" />,
      ...(props.allowed
        ? [
            <form method="post" action={tenantPath(props.tenant, ['lists', 'remove'])}>
              <Csrf token={props.c.get('csrfToken')} />
              <input type="hidden" name="kind" value={entry.kind} />
              <input type="hidden" name="value" value={entry.value} />
              <button class="plain small" type="submit">
                Remove…
                <span class="visually-hidden">
                  {' '}
                  {entry.kind} {entry.value}
                </span>
              </button>
            </form>,
          ]
        : []),
    ])}
    empty="Nobody and nothing is entered."
  />
)

export const EntryForm = (props: {
  readonly c: AdminContext
  readonly tenant: string
  readonly refused?: RefusedEntry
}) => {
  const { c, tenant, refused } = props
  const typed = (name: string) => refused?.form(name) ?? ''
  const fault = (name: keyof EntryFaults) => refused?.faults[name]
  return (
    <form class="form" method="post" action={tenantPath(tenant, ['lists'])}>
      <Csrf token={c.get('csrfToken')} />
      <div class="pair">
        <Select
          label="What happens"
          name="action"
          value={typed('action') || 'deny'}
          options={ACTIONS.map((value) => ({ value, label: ACTION_WORDS[value] }))}
          fault={fault('action')}
        />
        <Select
          label="What it is"
          name="kind"
          value={typed('kind') || 'user'}
          options={LIST_KINDS.map((value) => ({ value, label: KIND_WORDS[value] }))}
          fault={fault('kind')}
        />
      </div>
      <Input
        label="Value"
        name="value"
        value={typed('value')}
        maxlength={VALUE_CHARACTERS}
        required
        fault={fault('value')}
      />
      <Input
        label="Reason"
        name="note"
        hint="For your colleagues. No names: it is kept as it is typed."
        value={typed('note')}
        maxlength={NOTE_CHARACTERS}
        required
        fault={fault('note')}
      />
      <Select
        label="For how long"
        name="days"
        value={typed('days') || '30'}
        options={Object.entries(EXPIRIES).map(([value, label]) => ({ value, label }))}
        fault={fault('days')}
      />
      <div class="actions">
        <button type="submit">Enter</button>
      </div>
    </form>
  )
}

export const ConfirmRemoval = (props: {
  readonly c: AdminContext
  readonly tenant: string
  readonly entry: ListEntry
}) => {
  const { c, tenant, entry } = props
  return (
    <>
      <Heading title="Remove this entry?" />
      <Card title="What will change">
        <p>
          {entry.action === 'deny'
            ? 'It is no longer refused by name: the rules decide as about everybody.'
            : 'It is no longer trusted by name: the rules decide as about everybody.'}
        </p>
        <dl class="facts">
          <dt>{entry.kind}</dt>
          <dd>
            <code>{entry.value}</code>
          </dd>
          <dt>Happens</dt>
          <dd>{ACTION_WORDS[entry.action]}</dd>
          <dt>Reason</dt>
          <dd>{entry.note ?? 'none given'}</dd>
        </dl>
      </Card>
      <form class="actions" method="post" action={tenantPath(tenant, ['lists', 'remove'])}>
        <Csrf token={c.get('csrfToken')} />
        <input type="hidden" name="kind" value={entry.kind} />
        <input type="hidden" name="value" value={entry.value} />
        <input type="hidden" name="sure" value="yes" />
        <button class="danger" type="submit">
          Remove the entry
        </button>
        <a href={tenantPath(tenant, ['lists'])}>Keep it</a>
      </form>
    </>
  )
}
