/** Applications of the tenant. */

export interface ClientSeed {
  /** 32 letters and digits in Auth0. */
  readonly client_id: string
  readonly name: string
  readonly metadata?: Readonly<Record<string, string>>
  /** Auth0's `initiate_login_uri`: the success screen leads there when no result URL is set. */
  readonly initiate_login_uri?: string
}

export interface Client {
  readonly client_id: string
  readonly name: string
  readonly metadata: Readonly<Record<string, string>>
  readonly initiate_login_uri?: string
}

export interface Clients {
  all(): readonly Client[]
  get(clientId: string): Client | undefined
  add(seed: ClientSeed): Client
}

/** What the demo and a tenant without options know: one ordinary web application. */
export const DEFAULT_CLIENT: ClientSeed = {
  client_id: 'EmulatedApplication0000000000000',
  name: 'Example application',
}

export function createClients(seeds: readonly ClientSeed[]): Clients {
  const clients = new Map<string, Client>()
  const add = (seed: ClientSeed) => {
    const client: Client = { ...seed, metadata: { ...seed.metadata } }
    clients.set(client.client_id, client)
    return client
  }
  for (const seed of seeds) add(seed)
  return { all: () => [...clients.values()], get: (clientId) => clients.get(clientId), add }
}
