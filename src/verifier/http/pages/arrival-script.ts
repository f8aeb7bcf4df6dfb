/**
 * The script of the arrival page and of the bare page. It runs in the browser, as text: keep it to
 * what every browser of the last five years knows, and free of anything that a request brings.
 *
 * It keeps token and state in sessionStorage (this tab only) so that a reload works, takes them out
 * of the address bar and of this history entry, and posts the form when a person can see the page.
 * The form's own address stays: it says which words the page uses.
 */
import { inline } from './inline.ts'

/** Also read by the leaving page's script. */
export const STORAGE_KEY = 'redirect-verifier'

export const ARRIVAL_SCRIPT = inline(`
(function () {
  'use strict'
  var opened = +new Date
  var root = document.documentElement
  var form = document.forms[0]
  var sent = false
  var timer

  function field(name) { return form.elements.namedItem(name) }
  function read() {
    try { return JSON.parse(sessionStorage.getItem('${STORAGE_KEY}')) } catch (error) { return null }
  }
  function keep(entry) {
    try { sessionStorage.setItem('${STORAGE_KEY}', JSON.stringify(entry)) } catch (error) { }
  }

  var entry = { token: field('session_token').value, state: field('state').value, click: form.dataset.click === 'yes' }
  if (!entry.token) {
    entry = read()
    if (!entry || typeof entry.token !== 'string' || typeof entry.state !== 'string') return
    field('session_token').value = entry.token
    field('state').value = entry.state
    document.getElementById('lost').hidden = true
    document.getElementById('found').hidden = false
  }
  keep(entry)
  history.replaceState(null, '', form.getAttribute('action'))

  function report() {
    field('script').value = '1'
    field('webdriver').value = navigator.webdriver ? '1' : '0'
    field('elapsed_ms').value = String(Math.max(0, +new Date - opened))
    try { field('time_zone').value = Intl.DateTimeFormat().resolvedOptions().timeZone || '' } catch (error) { }
  }
  function wait() {
    sent = true
    root.classList.add('busy')
    clearTimeout(timer)
    timer = setTimeout(again, 10000)
  }
  function again() {
    sent = false
    root.classList.remove('busy')
  }
  form.addEventListener('submit', function (event) {
    if (sent) { event.preventDefault(); return }
    report()
    keep({ token: entry.token, state: entry.state, click: false })
    wait()
  })
  window.addEventListener('pageshow', function (event) { if (event.persisted) again() })

  function seen() { return !document.prerendering && document.visibilityState === 'visible' }
  function go() {
    if (sent || !seen()) return
    document.removeEventListener('visibilitychange', go)
    document.removeEventListener('prerenderingchange', go)
    field('go').click()
  }
  if (entry.click === true) return
  document.addEventListener('visibilitychange', go)
  document.addEventListener('prerenderingchange', go)
  go()
})()
`)
