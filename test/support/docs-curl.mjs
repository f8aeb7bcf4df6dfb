/**
 * What the documents ask of curl, for machines without it: -s -S --fail-with-body -H -X -d (`@file` too).
 * `*.localhost` is this machine; CURL_TO is the origin that stands in for https ones.
 */
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    silent: { type: 'boolean', short: 's' },
    'show-error': { type: 'boolean', short: 'S' },
    'fail-with-body': { type: 'boolean' },
    header: { type: 'string', short: 'H', multiple: true, default: [] },
    request: { type: 'string', short: 'X' },
    data: { type: 'string', short: 'd' },
  },
})
const [address = '', ...more] = positionals
if (more.length > 0) throw new Error(`curl is given ${positionals.join(' and ')}`)
const asked = new URL(address)
const target = asked.protocol === 'https:' ? new URL(process.env.CURL_TO ?? '') : asked
const data = values.data?.startsWith('@') ? readFileSync(values.data.slice(1)) : values.data
const headers = values.header.map((line) => line.split(/:\s*/, 2))

const sending = request({
  host: '127.0.0.1',
  port: target.port,
  path: `${asked.pathname}${asked.search}`,
  method: values.request ?? (data === undefined ? 'GET' : 'POST'),
  headers: { host: asked.host, ...Object.fromEntries(headers) },
})
sending.on('response', (answer) => {
  answer.pipe(process.stdout)
  if (values['fail-with-body'] && (answer.statusCode ?? 500) >= 400) process.exitCode = 22
})
sending.end(data)
