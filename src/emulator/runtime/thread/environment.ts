/**
 * Makes a thread look like the place Actions run in: names under `.localhost` resolve, files cannot be
 * written, the process cannot be signalled, and the clock is the tenant's. It is not a sandbox: it keeps
 * honest code honest, not hostile code in.
 */
import childProcess from 'node:child_process'
import dns from 'node:dns'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import tls from 'node:tls'
import type { InstanceData } from '../protocol.ts'

const LOOPBACK = { address: '127.0.0.1', family: 4 } as const

export function prepareEnvironment({
  loopbackHosts,
  trustedCertificates,
}: Pick<InstanceData, 'loopbackHosts' | 'trustedCertificates'>): void {
  resolveToLoopback(new Set(loopbackHosts))
  if (trustedCertificates.length > 0) trustCertificates(trustedCertificates)
  forbidWrites()
  forbidSignals()
  syncBuiltinESMExports()
}

/** Node asks the system's resolver for `*.localhost`, which may not know it; browsers never ask. */
function resolveToLoopback(hosts: ReadonlySet<string>): void {
  const isLoopback = (name: unknown) =>
    typeof name === 'string' && (name.endsWith('.localhost') || hosts.has(name))
  const all = (options: unknown) =>
    typeof options === 'object' && options !== null && Reflect.get(options, 'all') === true
  // Proxies keep what hangs on the functions, e.g. what `util.promisify` asks them for.
  const lookup = new Proxy(dns.lookup, {
    apply(target, self, parameters: readonly unknown[]) {
      const [name, options] = parameters
      const callback = parameters.at(-1)
      if (!isLoopback(name) || typeof callback !== 'function') {
        return Reflect.apply(target, self, parameters)
      }
      process.nextTick(() =>
        all(options)
          ? callback(null, [LOOPBACK])
          : callback(null, LOOPBACK.address, LOOPBACK.family),
      )
      return {}
    },
  })
  const lookupLater = new Proxy(dns.promises.lookup, {
    apply(target, self, parameters: readonly unknown[]) {
      const [name, options] = parameters
      if (!isLoopback(name)) return Reflect.apply(target, self, parameters)
      return Promise.resolve(all(options) ? [LOOPBACK] : LOOPBACK)
    },
  })
  Object.assign(dns, { lookup })
  Object.assign(dns.promises, { lookup: lookupLater })
}

/** For an emulator that serves HTTPS with a certificate made at start. */
function trustCertificates(certificates: readonly string[]): void {
  const { createSecureContext } = tls
  const ca = [...tls.rootCertificates, ...certificates]
  Object.assign(tls, {
    createSecureContext: (options?: tls.SecureContextOptions) =>
      createSecureContext({ ...options, ca: options?.ca ?? ca }),
  })
}

const WRITERS = [
  'appendFile',
  'chmod',
  'chown',
  'copyFile',
  'cp',
  'fchmod',
  'fchown',
  'ftruncate',
  'futimes',
  'lchmod',
  'lchown',
  'link',
  'lutimes',
  'mkdir',
  'mkdtemp',
  'rename',
  'rm',
  'rmdir',
  'symlink',
  'truncate',
  'unlink',
  'utimes',
  'write',
  'writeFile',
  'writev',
]

/** Auth0's node22 runtime disables writing; the error is the one of Node's permission model (assumed). */
function forbidWrites(): void {
  const refuse = (resource: unknown) =>
    Object.assign(new Error('Access to this API has been restricted'), {
      code: 'ERR_ACCESS_DENIED',
      permission: 'FileSystemWrite',
      resource: String(resource),
    })
  const refuseNow = (path: unknown) => {
    throw refuse(path)
  }
  const refuseLater = async (path: unknown) => refuseNow(path)
  const isWrite = (flags: unknown) =>
    typeof flags === 'number'
      ? (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR | fs.constants.O_CREAT)) !== 0
      : typeof flags === 'string' && !['r', 'rs', 'sr'].includes(flags)
  const readOnly =
    (open: (...parameters: never[]) => unknown, owner: object) =>
    (path: unknown, flags?: unknown, ...rest: unknown[]) =>
      isWrite(flags) ? refuseNow(path) : Reflect.apply(open, owner, [path, flags, ...rest])

  for (const name of WRITERS) {
    for (const method of [name, `${name}Sync`]) {
      if (method in fs) Object.assign(fs, { [method]: refuseNow })
    }
    if (name in fs.promises) Object.assign(fs.promises, { [name]: refuseLater })
  }
  const { open, openSync } = fs
  const { open: openLater } = fs.promises
  Object.assign(fs, {
    createWriteStream: refuseNow,
    open: readOnly(open, fs),
    openSync: readOnly(openSync, fs),
  })
  const openLaterReadOnly = readOnly(openLater, fs.promises)
  Object.assign(fs.promises, {
    open: async (path: unknown, flags?: unknown, ...rest: unknown[]) =>
      openLaterReadOnly(path, flags, ...rest),
  })
}

/** A thread shares its process with the emulator: a signal or a child would reach beyond the Action. */
function forbidSignals(): void {
  const refuse = (what: string) => () => {
    throw new Error(`not emulated: ${what}`)
  }
  Object.assign(process, { kill: refuse('process.kill'), abort: refuse('process.abort') })
  for (const name of [
    'exec',
    'execFile',
    'execFileSync',
    'execSync',
    'fork',
    'spawn',
    'spawnSync',
  ]) {
    Object.assign(childProcess, { [name]: refuse(`child_process.${name}`) })
  }
}
