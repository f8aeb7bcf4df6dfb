/** The one database connection of the emulated tenant. */

export interface Connection {
  readonly id: string
  readonly name: string
  readonly strategy: 'auth0'
  readonly metadata: Readonly<Record<string, string>>
}

export const DEFAULT_CONNECTION: Connection = {
  id: 'con_EmulatedDatabase',
  name: 'Username-Password-Authentication',
  strategy: 'auth0',
  metadata: {},
}
