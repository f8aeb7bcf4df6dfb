/**
 * The script of the leaving page: goes back to the tenant as soon as a person can see the page. Where
 * the continue token is about to expire, because the tab lay hidden, it returns to the bare page,
 * which asks again for the same decision. The address of our own form holds hints for words, never a token. Token and state are forgotten on leaving, not before.
 */
import { STORAGE_KEY } from './arrival-script.ts'
import { inline } from './inline.ts'

/**
 * Left for the tenant to receive and check the token. A page that was just loaded is never stale,
 * whatever it says, or it would ask again for ever.
 */
const MARGIN_SECONDS = 15

export const LEAVING_SCRIPT = inline(`
(function () {
  'use strict'
  var opened = +new Date
  var root = document.documentElement
  var way = document.forms[0] || document.getElementById('go')
  var left = false
  var timer

  function stale() {
    var age = (+new Date - opened) / 1000
    var seconds = Number(way.dataset.seconds)
    return age < 0 || age > Math.max(seconds - ${MARGIN_SECONDS}, seconds / 2, 1)
  }
  function again() {
    left = false
    root.classList.remove('busy')
  }
  function leave(event) {
    if (left || stale()) event.preventDefault()
    if (left) return
    left = true
    root.classList.add('busy')
    clearTimeout(timer)
    timer = setTimeout(again, 10000)
    if (stale()) { location.replace(location.pathname + location.search); return }
    try { sessionStorage.removeItem('${STORAGE_KEY}') } catch (error) { }
    if (way.tagName === 'A') { event.preventDefault(); location.replace(way.href) }
  }
  way.addEventListener(way.tagName === 'A' ? 'click' : 'submit', leave)
  window.addEventListener('pageshow', function (event) { if (event.persisted) again() })

  function go() {
    if (left || document.visibilityState !== 'visible') return
    document.removeEventListener('visibilitychange', go)
    document.getElementById('go').click()
  }
  document.addEventListener('visibilitychange', go)
  go()
})()
`)
