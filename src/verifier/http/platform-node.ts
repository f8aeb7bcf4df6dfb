/**
 * Node: the client's address from the socket, one named header or trusted proxies, as configured.
 * Headers that are not configured are never read, whatever they are called.
 */
import { clientAddressFromForwarded, parseAddress } from '../address.ts'
import type { Config } from '../config.ts'
import type { VisitNetwork } from '../domain/visit.ts'
import { type Platform, parseCountry } from './platform.ts'

type NodeSource = Pick<Config, 'clientAddress' | 'countryHeader' | 'asnHeader'>

/** What `@hono/node-server` puts into the environment of a request, as far as it is read here. */
interface NodeEnv {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } }
}

type Header = (name: string) => string | undefined

export function createNodePlatform(source: NodeSource): Platform {
  return {
    readPlace(c) {
      const header: Header = (name) => c.req.header(name)
      const peer = (c.env as NodeEnv | undefined)?.incoming?.socket?.remoteAddress
      const address = readAddress(source, header, peer)
      return {
        ...(address === undefined ? {} : { address: address.text }),
        network: readNetwork(source, header),
      }
    },
  }
}

function readAddress({ clientAddress }: NodeSource, header: Header, peer: string | undefined) {
  switch (clientAddress.kind) {
    case 'socket':
      return peer === undefined ? undefined : parseAddress(peer)
    case 'header':
      return parseAddress(header(clientAddress.name)?.trim() ?? '')
    case 'forwarded':
      return clientAddressFromForwarded(header('x-forwarded-for'), peer, clientAddress.trusted)
  }
}

function readNetwork({ countryHeader, asnHeader }: NodeSource, header: Header): VisitNetwork {
  const country = countryHeader && parseCountry(header(countryHeader))
  const asn = asnHeader && parseAsn(header(asnHeader))
  return { ...(country ? { country } : {}), ...(asn ? { asn } : {}) }
}

/** `64500` or `AS64500`; 32 bits, and 0 is nobody's (RFC 7607). */
export function parseAsn(value: string | undefined): number | undefined {
  const [, digits] = /^(?:AS)?(\d{1,10})$/i.exec(value ?? '') ?? []
  const asn = Number(digits)
  return asn >= 1 && asn <= 0xffff_ffff ? asn : undefined
}
