/**
 * `actions check`: whether the Action is deployed and bound, and whether a reset of a test user, started
 * in the way that is given, comes past the verifier. A reset that names no application does not: Auth0
 * runs no Action then, nothing fails, and nobody hears of it.
 */
import { actionNamed, readCatalogue } from './actions-catalogue.ts'
import { connectManagement, credentialsFrom, type Management } from './actions-management.ts'
import { type Finding, reportFindings } from './findings.ts'
import { ofProcess, type Surroundings } from './surroundings.ts'

export interface CheckFlags {
  readonly domain?: string
  readonly user?: string
  readonly client?: string
  readonly json?: true
}

/** Whether nothing is wrong. */
export async function runCheck(
  name: string,
  flags: CheckFlags,
  around: Surroundings = ofProcess,
): Promise<boolean> {
  const management = connectManagement(credentialsFrom(around.env, flags.domain), around.fetch)
  const { user, client } = flags
  const findings = [
    ...(await standing(management, name)),
    ...(user === undefined
      ? []
      : [await passing(management, { user, client }, around.fetch ?? fetch)]),
  ]
  return reportFindings(findings, flags.json === true, around.write)
}

async function standing(management: Management, name: string): Promise<readonly Finding[]> {
  const { trigger, code } = actionNamed(readCatalogue(), name)
  const found = await management.findAction(name)
  if (found === undefined) {
    const todo = `redirect-verifier actions deploy ${name}`
    return [{ check: 'action', level: 'error', text: `${name} is not there`, todo }]
  }
  const bindings = await management.bindings(trigger.id)
  const place = bindings.findIndex(({ actionName }) => actionName === name)
  const todo = `redirect-verifier actions deploy ${name}`
  return [
    found.allDeployed
      ? { check: 'deployed', level: 'ok', text: 'what runs is what the draft says' }
      : { check: 'deployed', level: 'error', text: 'the draft is not deployed', todo },
    found.code === code
      ? { check: 'code', level: 'ok', text: 'is that of this version' }
      : { check: 'code', level: 'warning', text: 'differs from this version', todo },
    place === -1
      ? { check: 'bound', level: 'error', text: `not to ${trigger.id}: it never runs`, todo }
      : {
          check: 'bound',
          level: 'ok',
          text: `to ${trigger.id}, ${place + 1} of ${bindings.length}`,
        },
  ]
}

async function passing(
  management: Management,
  { user, client }: { readonly user: string; readonly client: string | undefined },
  ask: typeof fetch,
): Promise<Finding> {
  const link = await management.resetLink(user, client)
  const end = await follow(link, management.domain, ask)
  const how = client === undefined ? 'without a client_id' : `for ${client}`
  if (end.passed) return { check: 'reset', level: 'ok', text: `one ${how} is sent to ${end.place}` }
  return {
    check: 'reset',
    level: 'error',
    text: `one ${how} ends at ${end.place}: the verifier was not asked`,
    todo:
      client === undefined
        ? 'Every caller of /dbconnections/change_password and of the ticket API must pass client_id.'
        : 'Bind the Action; see whether RV_MODE is off or RV_CLIENTS leaves this application out.',
  }
}

const HOPS = 10

/** Opens a link as a browser would, up to the verifier and never into it: the token stays unused. */
async function follow(
  link: string,
  domain: string,
  ask: typeof fetch,
): Promise<{ readonly passed: boolean; readonly place: string }> {
  const cookies = new Map<string, string>()
  let url = new URL(link)
  for (let hop = 0; hop < HOPS; hop += 1) {
    if (url.host !== domain && url.searchParams.has('session_token'))
      return { passed: true, place: url.origin }
    const answer = await ask(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(15_000),
      headers: {
        accept: 'text/html',
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      },
    })
    await answer.body?.cancel()
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=;]+)=([^;]*)/.exec(cookie) ?? []
      if (name !== undefined && value !== undefined) cookies.set(name, value)
    }
    const location = answer.headers.get('location')
    if (location === null || !URL.canParse(location, url)) break
    url = new URL(location, url)
  }
  return { passed: false, place: `${url.host}${url.pathname}` }
}
