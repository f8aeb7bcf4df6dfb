/**
 * The program that finds the proof of work, in a thread of the browser's own so that the page stays
 * usable. Fixed text under its own address, because a worker made from a string would need a looser
 * policy. Follows the challenge format of altcha-lib: SHA-256 over salt, nonce and a counter.
 */
import type { AppContext } from './app-deps.ts'

export const HUMAN_WORKER_PATH = '/verify/worker'

/** So many hashes are under way at once: waiting for each by itself takes several times as long. */
const AT_ONCE = 256

export const HUMAN_WORKER = `'use strict'
function bytes(hex) {
  var all = new Uint8Array(hex.length / 2)
  for (var i = 0; i < all.length; i += 1) all[i] = parseInt(hex.substr(i * 2, 2), 16)
  return all
}
function hexOf(key) {
  return Array.prototype.map.call(key, function (byte) { return (byte < 16 ? '0' : '') + byte.toString(16) }).join('')
}
function fits(key, prefix) {
  for (var i = 0; i < prefix.length; i += 1) if (key[i] !== prefix[i]) return false
  return true
}
function attempt(start, counter) {
  var block = new Uint8Array(start.length + 4)
  block.set(start)
  new DataView(block.buffer).setUint32(start.length, counter)
  return crypto.subtle.digest('SHA-256', block)
}
async function solve(parameters) {
  var start = bytes(parameters.salt + parameters.nonce)
  var prefix = bytes(parameters.keyPrefix)
  for (var first = 0; ; first += ${AT_ONCE}) {
    var tries = []
    for (var i = 0; i < ${AT_ONCE}; i += 1) tries.push(attempt(start, first + i))
    var keys = await Promise.all(tries)
    for (var k = 0; k < keys.length; k += 1) {
      var key = new Uint8Array(keys[k])
      if (fits(key, prefix)) return { counter: first + k, derivedKey: hexOf(key) }
    }
  }
}
self.onmessage = function (event) {
  solve(event.data).then(function (solution) { self.postMessage(solution) })
}
`

/** The worker's own policy is the answer's: `default-src 'none'`, so it can reach nothing. */
export function sendHumanWorker(c: AppContext): Response {
  c.header('Cache-Control', 'public, max-age=3600')
  c.header('Content-Type', 'text/javascript; charset=utf-8')
  return c.body(HUMAN_WORKER)
}
