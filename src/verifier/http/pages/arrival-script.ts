/**
 * The script of the arrival page and of the bare page. It runs in the browser, as text: keep it to
 * what every browser of the last five years knows, and free of anything that a request brings.
 *
 * It keeps token and state in sessionStorage (this tab only) so that a reload works, takes them out
 * of the address bar and of this history entry, and posts the form when a person can see the page.
 * The form's own address stays: it says which words the page uses. Where a human check is asked for, the
 * form waits for its answer, though not for ever: one that does not come is left out.
 */
import { HUMAN_WORKER_PATH } from '../human-worker.ts'
import { inline } from './inline.ts'
import { TRUSTED_TYPES_POLICY } from './layout.ts'

/** Also read by the leaving page's script. */
export const STORAGE_KEY = 'redirect-verifier'

/** A slow phone's worst case at the default work; a person waits no longer for a page. */
const PROOF_MILLISECONDS = 15_000

export const ARRIVAL_SCRIPT = inline(`
(function () {
  'use strict'
  var opened = +new Date
  var root = document.documentElement
  var form = document.forms[0]
  var sent = false
  var proving = false
  var waiting = false
  var timer

  function field(name) { return form.elements.namedItem(name) }
  function read() {
    try { return JSON.parse(sessionStorage.getItem('${STORAGE_KEY}')) } catch (error) { return null }
  }
  function keep(entry) {
    try { sessionStorage.setItem('${STORAGE_KEY}', JSON.stringify(entry)) } catch (error) { }
  }

  var entry = { token: field('session_token').value, state: field('state').value, click: form.dataset.click === 'yes' }
  var human = field('human')
  if (human && human.dataset.challenge) entry.challenge = human.dataset.challenge
  if (!entry.token) {
    entry = read()
    if (!entry || typeof entry.token !== 'string' || typeof entry.state !== 'string') return
    field('session_token').value = entry.token
    field('state').value = entry.state
    document.getElementById('lost').hidden = true
    document.getElementById('found').hidden = false
    if (typeof entry.challenge === 'string') {
      human = document.createElement('input')
      human.type = 'hidden'
      human.name = 'human'
      form.appendChild(human)
    }
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

  function proven() {
    if (!proving) return
    proving = false
    if (!waiting) return
    waiting = false
    root.classList.remove('busy')
    field('go').click()
  }
  function allowTime(stop) {
    proving = true
    setTimeout(function () { if (stop) stop(); proven() }, ${PROOF_MILLISECONDS})
  }
  function prove() {
    var challenge = JSON.parse(entry.challenge)
    var policy = window.trustedTypes && trustedTypes.createPolicy('${TRUSTED_TYPES_POLICY}', {
      createScriptURL: function () { return '${HUMAN_WORKER_PATH}' }
    })
    var worker = new Worker(policy ? policy.createScriptURL('') : '${HUMAN_WORKER_PATH}')
    worker.onerror = proven
    worker.onmessage = function (event) {
      human.value = JSON.stringify({ challenge: challenge, solution: event.data })
      worker.terminate()
      proven()
    }
    allowTime(function () { worker.terminate() })
    worker.postMessage(challenge.parameters)
  }
  if (entry.challenge) {
    try { prove() } catch (error) { proving = false }
  } else if (human) {
    window.humanAnswered = function (answer) {
      human.value = answer
      proven()
    }
    window.humanUnanswered = function () { proven() }
    allowTime()
  }

  form.addEventListener('submit', function (event) {
    if (sent) { event.preventDefault(); return }
    if (proving) {
      event.preventDefault()
      waiting = true
      root.classList.add('busy')
      return
    }
    report()
    keep({ token: entry.token, state: entry.state, challenge: entry.challenge, click: false })
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
