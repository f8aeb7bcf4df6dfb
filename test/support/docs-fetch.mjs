/**
 * Loaded into a command in front of everything: calls of the hosts in FETCH_HOSTS go to FETCH_TO, on this
 * machine, which is told what was asked. A call of any other host fails: nothing leaves.
 */
const platform = globalThis.fetch
const hosts = (process.env.FETCH_HOSTS ?? '').split(',')

globalThis.fetch = async (input, init) => {
  const request = new Request(input, init)
  const { host, pathname, search } = new URL(request.url)
  if (!hosts.includes(host)) throw new Error(`nobody stands in for ${host}`)
  const body = request.body === null ? null : await request.text()
  const headers = new Headers(request.headers)
  headers.set('x-asked', request.url)
  return platform(new URL(`${pathname}${search}`, process.env.FETCH_TO), {
    method: request.method,
    headers,
    body,
    redirect: 'manual',
    signal: request.signal,
  })
}
