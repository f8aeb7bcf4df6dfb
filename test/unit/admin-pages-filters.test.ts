/**
 * The filters of the operators' lists: said in one line where they are folded, open where one of them
 * cannot be used, and never dropped in silence. And the notice that an entry may put above every page.
 */
import { describe, expect, it } from 'vitest'
import { type AdminWorld, adminWorld } from '../support/admin-world.ts'
import { ACME } from '../support/app.ts'

const OWN = `/admin/tenants/${ACME.id}`

async function open(path: string, world: AdminWorld = adminWorld()) {
  const response = await world.as('admin', path)
  const html = await response.text()
  const [, attributes, summary] = /<details([^>]*)><summary>(Filter:[^<]*)</.exec(html) ?? []
  return { status: response.status, html, attributes, summary, calls: world.store.calls }
}

describe('a filter card', () => {
  it.each([
    ['/assessments', 'Filter: none'],
    ['/assessments?flow=&code=', 'Filter: none'],
    ['/assessments?flow=login', 'Filter: 1 set (flow)'],
    ['/assessments?outcome=deny&reason=tor', 'Filter: 2 set (answered, reason)'],
    ['/assessments?review=yes', 'Filter: 1 set (waiting for a person)'],
    ['/audit', 'Filter: none'],
    ['/audit?actor=cli:ada&from=2026-01-31', 'Filter: 2 set (who, from)'],
  ])('of %s says “%s”, folded', async (path, summary) => {
    expect(await open(`${OWN}${path}`)).toMatchObject({ status: 200, attributes: '', summary })
  })

  it.each([
    ['/assessments?flow=logout', 'listAssessments'],
    ['/assessments?review=maybe', 'listAssessments'],
    ['/assessments?from=yesterday', 'listAssessments'],
    ['/audit?from=yesterday', 'listAudit'],
    ['/audit?to=2026-02-31x', 'listAudit'],
  ])('of %s is open, and nothing is listed', async (path, listing) => {
    const { status, attributes, html, calls } = await open(`${OWN}${path}`)
    expect({ status, attributes: attributes?.trim() }).toEqual({
      status: 422,
      attributes: 'open=""',
    })
    expect(html).toContain('These filters cannot be used')
    expect(calls).not.toContain(listing)
  })

  it('of the service’s audit refuses the same', async () => {
    expect((await open('/admin/audit?to=soon')).status).toBe(422)
    expect((await open('/admin/audit')).summary).toBe('Filter: none')
  })
})

describe('a notice', () => {
  const NOTICE = 'Demonstration: the records before <noon> are made up.'
  const PATHS = [
    OWN,
    `${OWN}/assessments`,
    `${OWN}/policies`,
    `${OWN}/backtest`,
    `${OWN}/lists`,
    `${OWN}/users`,
    `${OWN}/audit`,
    `${OWN}/nothing`,
    '/admin/tokens',
    '/admin/audit',
  ]

  it.each(PATHS)('stands on %s where one is given, as text', async (path) => {
    const { html } = await open(path, adminWorld({ notice: NOTICE }))
    expect(html).toContain(
      '<aside class="notice" aria-label="Notice">Demonstration: the records before &lt;noon&gt; are made up.</aside>',
    )
  })

  it.each(PATHS)('is not on %s where none is given', async (path) => {
    expect((await open(path)).html).not.toContain('class="notice"')
  })
})
