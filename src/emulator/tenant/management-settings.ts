/** The tenant's settings that something here depends on, spelt as at `/api/v2/tenants/settings`. */

export interface TenantSettings {
  /** Hours. */
  session_lifetime: number
  idle_session_lifetime: number
  /** The audience of requests that name none. */
  default_audience: string
  /** The connection of password grants; empty: none, and they fail. */
  default_directory: string
  /** Where `/v2/logout` may lead without a client. */
  allowed_logout_urls: readonly string[]
  /** Where a flow that lost its way leads. */
  default_redirection_uri: string
  friendly_name: string
  support_email: string
  support_url: string
}

export const DEFAULT_SETTINGS: TenantSettings = {
  session_lifetime: 168,
  idle_session_lifetime: 72,
  default_audience: '',
  default_directory: '',
  allowed_logout_urls: [],
  default_redirection_uri: '',
  friendly_name: '',
  support_email: '',
  support_url: '',
}
