/**
 * What others wrote (notes, values, audit details, names, stored documents) on the operators' pages:
 * none of it becomes markup, and no form works without the role for it.
 */

import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import type { AdminDeps, AdminVariables } from '../../src/verifier/admin/admin-deps.ts'
import { createAdminPages } from '../../src/verifier/admin/pages/app.tsx'
import { compilePolicy } from '../../src/verifier/domain/compile.ts'
import type { PolicyDocument } from '../../src/verifier/domain/policy.ts'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { DEFAULT_SETTINGS, StoreError } from '../../src/verifier/ports.ts'
import {
  type AdminStore,
  type AssessmentRecord,
  BAD_CURSOR,
  type Role,
} from '../../src/verifier/ports-admin.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { ACME } from '../support/app.ts'
import { attributesOf, tagsOf } from '../support/page.ts'
import { factsOf, NOW } from './support/facts.ts'

const CSRF = 'the-token-of-this-session'
const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</title></style><svg onload=alert(1)>',
  '{{7*7}} &lt;b&gt; &#60;',
  '\u202eevil\u0000\u001b[31m',
] as const

const [RESET] = defaultPolicies('enforce') as [PolicyDocument, ...PolicyDocument[]]
const ID = '0f8fad5b-d9cb-469f-a165-70867728950e'
const AT = '2026-11-20T12:00:00Z'

function recordWith(text: string): AssessmentRecord {
  const facts = factsOf({ token: { client_id: text, factors: ['otp'] } })
  const decision = compilePolicy(RESET).decide(facts)
  return {
    id: ID,
    reference: '7SPR-SDQX',
    tenant: ACME.id,
    flow: 'password_reset',
    opened_at: AT,
    settled_at: AT,
    outcome: 'deny',
    assessed: 'step_up',
    score: decision.score,
    codes: [text],
    needs_review: true,
    confirmed: false,
    policy_version: 1,
    user: '4711',
    facts,
    decision: {
      ...decision,
      reasons: [{ rule: text, code: text, evidence: 1, signals: { [text]: text } }],
    },
    policy: { rules: [{ id: text, group: text, when: { signal: text, op: 'eq', value: text } }] },
    shadow: [{ policy_version: 2, outcome: 'allow', assessed: 'allow', score: 0, rules: [text] }],
  }
}

/** A store in which every text is this one, and what was asked of it to change. */
function storeOf(text: string) {
  const changes: string[] = []
  const change =
    <T>(name: string, answer: T) =>
    async () => {
      changes.push(name)
      return answer
    }
  const version = { id: 1, tenant: ACME.id, flow: 'password_reset', created_at: AT } as const
  const bodies = {
    ...RESET,
    version: 2,
    rules: RESET.rules.map((rule) => ({ ...rule, note: text })),
  }
  const versions = [
    { ...version, version: 2, status: 'shadow', body: bodies },
    { ...version, version: 1, status: 'active', body: RESET },
  ] as const
  const token = { id: '1', name: text, role: 'viewer', created_at: AT, expires_at: text } as const
  const store: Partial<AdminStore> = {
    listPolicies: async () => versions,
    readPolicy: async (key) => versions.find((one) => one.version === key.version),
    addPolicy: change('addPolicy', 'added'),
    activatePolicy: change('activatePolicy', { replaced: 1 }),
    shadowPolicy: change('shadowPolicy', 'shadowed'),
    retireShadow: change('retireShadow', true),
    countShadow: async () => [],
    countReplay: async () => 0,
    replay: async () => {},
    listAssessments: async () => ({ items: [recordWith(text)], next: text }),
    readAssessment: async () => recordWith(text),
    releaseAssessment: change('releaseAssessment', true),
    summarise: async () => ({
      buckets: [{ at: NOW, allow: 1, step_up: 2, deny: 3, open: 0 }],
      reasons: [{ code: text, records: 1, users: 1 }],
      users: 1,
      review: 1,
      confirmed: 0,
    }),
    readEntries: async () => [
      {
        kind: 'client',
        action: 'deny',
        // Postgres holds no U+0000, and a form that names one is read as naming this.
        value: text.replaceAll('\0', '\ufffd'),
        note: text,
        expires_at: text,
        created_at: AT,
      },
    ],
    readFeeds: async () => [
      { kind: text, source: text, entries: 1, ranges: 1, networks: 1, loaded_at: text },
    ],
    putEntry: change('putEntry', undefined),
    removeEntry: change('removeEntry', true),
    exportSubject: change('exportSubject', { [text]: text }),
    eraseSubject: change('eraseSubject', {}),
    listAudit: async () => ({
      items: [
        { id: '1', at: AT, actor: text, action: text, subject: text, detail: { [text]: text } },
      ],
      next: text,
    }),
    listTokens: async () => [{ ...token, last_used_at: text, revoked_at: null }],
    addToken: change('addToken', 'taken'),
    revokeToken: change('revokeToken', true),
  }
  return { store: store as AdminStore, changes }
}

function pagesOf(text: string, role: Role = 'admin') {
  const { store, changes } = storeOf(text)
  const app = new Hono<{ Variables: AdminVariables }>()
  app.use(async (c, next) => {
    c.set('actor', { name: 'oidc:ada', role })
    c.set('displayName', text)
    c.set('csrfToken', CSRF)
    await next()
  })
  const deps: AdminDeps = {
    store,
    tenants: new Map([[ACME.id, ACME]]),
    settings: () => ({ ...DEFAULT_SETTINGS, name: text }),
    identifiers: createIdentifiers('i'.repeat(43)),
    clock: () => NOW,
    random: (bytes) => new Uint8Array(bytes),
    newId: () => ID,
    log: () => {},
    publicOrigin: 'https://verify.example',
  }
  app.route('/admin', createAdminPages(deps))
  const get = (path: string) => app.request(`/admin${path}`)
  const post = (path: string, fields: Record<string, string>, csrf: string | null = CSRF) =>
    app.request(`/admin${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...(csrf === null ? {} : { csrf }), ...fields }).toString(),
    })
  return { get, post, store, changes }
}

const own = (path: string) => `/tenants/${ACME.id}${path}`
const GETS = (text: string) => {
  const query = encodeURIComponent(text)
  return [
    own(''),
    own(`/assessments?code=${query}&reason=${query}&user=${query}&from=${query}&done=${query}`),
    own('/assessments'),
    own(`/assessments/${ID}`),
    own('/policies'),
    own('/policies/new'),
    own('/policies/password_reset/1'),
    own('/policies/password_reset/2'),
    own('/policies/password_reset/2/compare'),
    own('/policies/password_reset/2/activate'),
    own(`/backtest?policy=${query}&days=7&rate=${query}`),
    own('/lists'),
    own('/users'),
    own(`/audit?actor=${query}&action=${query}`),
    own(`/${query}`),
    `/tenants/${query}`,
    `/audit?actor=${query}`,
    '/tokens',
    '/tokens/1/revoke',
  ]
}
const POSTS = (text: string): readonly (readonly [string, Record<string, string>])[] => [
  [own('/policies'), { document: text }],
  [own('/backtest'), { document: text, days: text, rate: text }],
  [own('/lists'), { action: text, kind: 'address', value: text, note: text, days: text }],
  [own('/lists/remove'), { kind: 'client', value: text }],
  [own('/users'), { subject: text }],
  [own('/users/erase'), { subject: text }],
  ['/tokens', { name: text, role: text, days: text }],
]

/** Names of tags and of attributes, as a browser would see them. */
const skeleton = (html: string) => ({
  tags: tagsOf(html).map((tag) => tag?.toLowerCase()),
  attributes: attributesOf(html).map(({ name }) => name),
})

describe.each(HOSTILE)('%j', (text) => {
  it('stays text on every page', async () => {
    const [harmless, hostile] = [pagesOf('harmless'), pagesOf(text)]
    for (const [index, path] of GETS(text).entries()) {
      const html = await (await hostile.get(path)).text()
      const plain = await (await harmless.get(GETS('harmless')[index] as string)).text()
      expect(skeleton(html).tags, path).not.toContain('img')
      expect(
        skeleton(html).attributes.filter((name) => name.startsWith('on')),
        path,
      ).toEqual([])
      expect(html.match(/<script/g), path).toHaveLength(1)
      expect(new Set(skeleton(html).tags), path).toEqual(new Set(skeleton(plain).tags))
    }
  })

  it('stays text in every form that is refused or asks again', async () => {
    const { post, changes } = pagesOf(text)
    for (const [path, fields] of POSTS(text)) {
      const html = await (await post(path, fields)).text()
      expect(html.match(/<script/g), path).toHaveLength(1)
      expect(skeleton(html).tags, path).not.toContain('img')
      expect(
        skeleton(html).attributes.filter((name) => name.startsWith('on')),
        path,
      ).toEqual([])
    }
    expect(changes).toEqual([])
  })
})

it('has no inline style and no inline script on any page', async () => {
  const { get } = pagesOf('harmless')
  for (const path of GETS('harmless')) {
    const html = await (await get(path)).text()
    expect(skeleton(html).attributes, path).not.toContain('style')
    expect(html, path).not.toMatch(/<style|<script(?! src=")/)
  }
})

const CHANGES: readonly (readonly [string, Record<string, string>, Role, string])[] = [
  [own(`/assessments/${ID}/release`), { for: '1h' }, 'operator', 'releaseAssessment'],
  [
    own('/policies'),
    { document: JSON.stringify({ ...RESET, version: 3 }) },
    'operator',
    'addPolicy',
  ],
  [own('/policies/password_reset/1/watch'), {}, 'operator', 'shadowPolicy'],
  [own('/policies/password_reset/2/retire'), {}, 'operator', 'retireShadow'],
  [
    own('/lists'),
    { action: 'deny', kind: 'country', value: 'no', note: 'why', days: '7' },
    'operator',
    'putEntry',
  ],
  [
    own('/lists/remove'),
    { kind: 'client', value: 'harmless', sure: 'yes' },
    'operator',
    'removeEntry',
  ],
  [own('/users/export'), { subject: 'auth0|1' }, 'admin', 'exportSubject'],
  [own('/users/erase'), { subject: 'auth0|1', sure: 'yes' }, 'admin', 'eraseSubject'],
  ['/tokens', { name: 'ci', role: 'viewer', days: '30' }, 'admin', 'addToken'],
  ['/tokens/1/revoke', {}, 'admin', 'revokeToken'],
]

describe.each(CHANGES)('%s', (path, fields, role, change) => {
  it('changes something for who may', async () => {
    const { post, changes } = pagesOf('harmless', role)
    await post(path, fields)
    expect(changes).toEqual([change])
  })

  it('changes nothing for the role below', async () => {
    const { post, changes } = pagesOf('harmless', role === 'admin' ? 'operator' : 'viewer')
    expect((await post(path, fields)).status).toBe(403)
    expect(changes).toEqual([])
  })

  it.each([null, '', 'another-token'])('changes nothing with the csrf value %j', async (csrf) => {
    const { post, changes } = pagesOf('harmless')
    expect((await post(path, fields, csrf)).status).toBe(403)
    expect(changes).toEqual([])
  })

  it('changes nothing when it is only opened', async () => {
    const { get, changes } = pagesOf('harmless')
    await get(`${path}?${new URLSearchParams({ csrf: CSRF, ...fields })}`)
    expect(changes).toEqual([])
  })
})

it('answers 503 in its own frame while the store is away, and says what is not known', async () => {
  const { get, post, store } = pagesOf('harmless')
  const fail = async () => {
    throw new StoreError('unknown', '57014')
  }
  Object.assign(store, { summarise: fail, putEntry: fail })
  const read = await get(own(''))
  expect(read.status).toBe(503)
  expect(read.headers.get('retry-after')).toBe('10')
  expect(await read.text()).toContain('Try again')
  const changed = await post(own('/lists'), {
    action: 'deny',
    kind: 'country',
    value: 'NO',
    note: 'why',
    days: '7',
  })
  expect(changed.status).toBe(503)
  expect(await changed.text()).toContain('not known whether the change was made')
})

it('says that an address continues no list, and does not blame the store', async () => {
  const { get, store } = pagesOf('harmless')
  const fail = async () => {
    throw new StoreError('unknown', BAD_CURSOR)
  }
  Object.assign(store, { listAssessments: fail, listAudit: fail })
  for (const path of ['/assessments', '/audit']) {
    const answer = await get(own(`${path}?cursor=nonsense`))
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain(`href="/admin${own(path)}"`)
  }
})

it('takes no words of an address for a message of its own', async () => {
  const { get } = pagesOf('harmless')
  expect(await (await get(own('?done=released'))).text()).toContain('Released.')
  for (const code of ['constructor', 'toString', '<b>'])
    expect(await (await get(own(`?done=${code}`))).text()).not.toContain('class="flash"')
})
