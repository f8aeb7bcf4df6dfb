/**
 * Faults of the other side: the tenant breaks off the way back, or the person does. Whatever happens
 * there, nothing is learned of a reset that was not completed, and a new attempt succeeds.
 */
import { type EmulatedTenant, isAtNewPassword, setPassword, startEmulated } from '../emulated.ts'
import type { Row, Scene } from '../row.ts'

type Case = (emulated: EmulatedTenant, scene: Scene) => Promise<void>

/** `/continue` answers 500: the person goes back and is given the same decision again. */
const fails: Case = async ({ tenant, arrive }, { expect }) => {
  const { browser, arrival, passwordChanged } = await arrive()
  const leaving = await browser.autoSubmit()
  tenant.faults.continueFails = true
  const broken = await browser.autoSubmit()
  tenant.faults.continueFails = false
  expect(`a failing tenant answers ${broken.status}`, broken.status === 500)
  await browser.visit(arrival.url)
  const anew = await browser.autoSubmit()
  expect('going back gives the same decision', decisionOf(anew.forms) === decisionOf(leaving.forms))
  expect('the way back works once the tenant does', isAtNewPassword(await browser.autoSubmit()))
  await setPassword(browser)
  expect('and the password is changed', await passwordChanged())
}

const isSlow: Case = async ({ tenant, arrive }, { expect }) => {
  const { browser } = await arrive()
  await browser.autoSubmit()
  tenant.faults.continueDelayMs = 1000
  const page = await browser.autoSubmit()
  tenant.faults.continueDelayMs = 0
  expect('a slow tenant only takes longer', isAtNewPassword(page))
}

/** The leaving page is sent twice: the second finds nothing, and changes nothing. */
const isAskedTwice: Case = async ({ arrive }, { expect }) => {
  const { browser, passwordChanged } = await arrive()
  const { forms } = await browser.autoSubmit()
  const [form] = forms
  const first = await browser.autoSubmit()
  expect('the first way back is taken', isAtNewPassword(first))
  const second = form === undefined ? first : await browser.submit(form)
  expect(
    `the second is answered ${second.status}`,
    second.status >= 400 && !isAtNewPassword(second),
  )
  expect('nobody set a password by it', !(await passwordChanged()))
}

/** The hour of the transaction is over: the answer is good and leads nowhere; a new link does. */
const forgets: Case = async ({ tenant, arrive }, { expect }) => {
  const { browser, again, passwordChanged } = await arrive()
  await browser.autoSubmit()
  tenant.faults.expiredTransaction = true
  const lost = await browser.autoSubmit()
  tenant.faults.expiredTransaction = false
  expect(`an expired transaction is answered ${lost.status}`, lost.status >= 400)
  expect('and opens nothing', !isAtNewPassword(lost))
  await again()
  await browser.autoSubmit()
  expect('a new link works', isAtNewPassword(await browser.autoSubmit()))
  await setPassword(browser)
  expect('to the end', await passwordChanged())
}

const losesItsCookie: Case = async ({ tenant, arrive }, { expect }) => {
  tenant.faults.lostCookie = true
  const { browser } = await arrive()
  await browser.autoSubmit()
  const lost = await browser.autoSubmit()
  tenant.faults.lostCookie = false
  expect('without the cookie nothing opens', lost.status >= 400 && !isAtNewPassword(lost))
}

const sendsAStrangeState: Case = async ({ tenant, arrive }, { expect }) => {
  tenant.faults.wrongState = true
  const { browser } = await arrive()
  tenant.faults.wrongState = false
  await browser.autoSubmit()
  const lost = await browser.autoSubmit()
  expect('a state that nobody has opens nothing', lost.status >= 400 && !isAtNewPassword(lost))
}

/** Two links of one person side by side, the older finished last: each tab has an answer of its own. */
const meetsTwoTabs: Case = async ({ arrive }, { expect }) => {
  const { browser, arrival, again, passwordChanged } = await arrive()
  const second = await again()
  const [older, newer] = [arrival.forms[0], second.forms[0]]
  if (older === undefined || newer === undefined) {
    expect('both tabs show a form', false)
    return
  }
  const newerLeaving = await browser.submit(newer)
  const newerAnswer = newerLeaving.forms[0]
  // The page on screen is one of the verifier's again, as the older tab's is.
  await browser.visit(arrival.url)
  const olderLeaving = await browser.submit(older)
  expect(
    'two tabs are two decisions',
    decisionOf(olderLeaving.forms) !== decisionOf(newerLeaving.forms),
  )
  const back = newerAnswer === undefined ? undefined : await browser.submit(newerAnswer)
  expect('the newer tab comes through', back !== undefined && isAtNewPassword(back))
  await setPassword(browser)
  expect('and sets the password', await passwordChanged())
}

/** Seen, decided, gone: no way back is ever taken. */
const neverSeesThemAgain: Case = async ({ arrive, learn, tenantId }, { stage, expect }) => {
  const before = await profilesOf(stage, tenantId)
  for (let person = 0; person < 5; person += 1) await (await arrive()).browser.autoSubmit()
  await learn()
  expect('who never came back taught nothing', (await profilesOf(stage, tenantId)) === before)
}

export const AUTH0_ROWS: readonly Row[] = [
  {
    name: 'Auth0 side',
    fault:
      '/continue fails, is slow, comes twice, too late, without its cookie, in two tabs, never',
    async inject(scene) {
      const emulated = await startEmulated(scene.stage)
      try {
        for (const each of [
          neverSeesThemAgain,
          fails,
          isSlow,
          isAskedTwice,
          forgets,
          losesItsCookie,
          sendsAStrangeState,
          meetsTwoTabs,
        ]) {
          await each(emulated, scene)
        }
        await emulated.learn()
        const confirmed = await scene.stage.asOwner(
          (sql) => sql`
            select from assessment where tenant = ${emulated.tenantId} and confirmed_at is not null`,
        )
        scene.expect(`${confirmed.length} records count as completed`, confirmed.length === 0)
      } finally {
        await emulated.close()
      }
      scene.healed()
    },
  },
]

const profilesOf = (stage: Scene['stage'], tenantId: string): Promise<number> =>
  stage.asOwner(async (sql) => {
    const [row] = await sql<{ profiles: number }[]>`
      select count(*)::integer as profiles from user_profile where tenant = ${tenantId}`
    return row?.profiles ?? Number.NaN
  })

/** The id of the record that a leaving page's answer names. */
function decisionOf(forms: readonly { readonly fields: readonly (readonly [string, string])[] }[]) {
  const token = new Map(forms[0]?.fields).get('session_token') ?? ''
  const [, payload = ''] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString() || '{}') as {
    readonly jti?: string
  }
  return claims.jti
}
