/**
 * What every tenant has and the emulated one has nothing of: empty lists and settings without a member, so
 * that deploy tools can export the rest. Nothing of it can be changed.
 */
import type { Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import { needs } from './management-gate.ts'
import { answerList } from './management-list.ts'

/** Path → name of the list in a page of it. */
const LISTS: Readonly<Record<string, string>> = {
  rules: 'rules',
  'rules-configs': 'rules_configs',
  hooks: 'hooks',
  forms: 'forms',
  flows: 'flows',
  'flows/vault/connections': 'connections',
  'log-streams': 'log_streams',
  'event-streams': 'eventStreams',
  'network-acls': 'network_acls',
  'self-service-profiles': 'self_service_profiles',
  'user-attribute-profiles': 'user_attribute_profiles',
  'connection-profiles': 'connection_profiles',
  'connections-directory-provisionings': 'directory_provisionings',
  'token-exchange-profiles': 'token_exchange_profiles',
  'rate-limit-policies': 'rate_limit_policies',
  'guardian/factors': 'factors',
  'guardian/policies': 'policies',
  'prompts/rendering': 'configs',
}

const SETTINGS = [
  'branding',
  'prompts',
  'risk-assessments/settings',
  'risk-assessments/settings/new-device',
  'supplemental-signals',
  'attack-protection/breached-password-detection',
  'attack-protection/brute-force-protection',
  'attack-protection/suspicious-ip-throttling',
  'attack-protection/bot-detection',
  'attack-protection/captcha',
  'guardian/factors/sms/providers/twilio',
  'guardian/factors/push-notification/providers/sns',
  'guardian/factors/sms/templates',
  'guardian/factors/phone/selected-provider',
  'guardian/factors/phone/message-types',
] as const

export function mountAbsentApi(api: Hono, core: TenantCore) {
  const read = needs(core, 'read:tenant_settings')
  for (const [path, key] of Object.entries(LISTS))
    api.get(`/${path}`, read, (c) => answerList(c, key, []))
  for (const path of SETTINGS) api.get(`/${path}`, read, (c) => c.json({}))
  api.get('/prompts/:screen/partials', read, (c) => c.json({}))
  api.get('/branding/phone/providers', read, (c) => c.json({ providers: [] }))
  api.get('/branding/phone/templates', read, (c) => c.json({ templates: [] }))
  api.get('/connections/:id/clients', read, (c) => answerList(c, 'clients', []))
}
