/**
 * post-login: a verifier judges the login before the application gets anything.
 * Fails closed: what is missing, wrong or unknown denies. RV_MODE `observe` logs it and goes on.
 * @typedef {import('redirect-verifier/emulator').PostLoginEvent} Event
 * @typedef {import('redirect-verifier/emulator').PostLoginApi} Api
 */
const { randomUUID } = require('node:crypto')
/** First challenge → the factor that would only prove the same channel again. */
const CHANNEL = new Map([['email', 'email']]).set('phone_number', 'phone').set('sms', 'phone')
for (const name of ['pwd', 'passkey', 'federated']) CHANNEL.set(name, '')
const FACTORS = /^(otp|phone|push(-notification)?|webauthn-(platform|roaming)|recovery-code|email)$/
/** Denials that accuse nobody: there is no factor, a person has to look, the verifier was down. */
const SOFT = /^(no_factor|needs_review|recovery_form|unavailable|engine_changed)$/
const DOWN = "We can't check this right now. Try again in a few minutes."
const UNFINISHED = "We couldn't finish this login. Start again."
const ALONE = 'This login needs a browser. Log in there.'
const STOPPED = "We can't log you in. Contact support: "

/** @param {Event} event @param {Api} api */
exports.onExecutePostLogin = async (event, api) =>
  guard(event, api, `${STOPPED}RV-FAILED.`, async () => {
    const { RV_URL, RV_SESSION_SECRET: secret = '', RV_WHEN_DOWN } = event.secrets
    if (isChecked(event)) return log({ outcome: 'checked' })
    if (!api.redirect.canRedirect()) return withoutBrowser(event, api)
    const started = Date.now()
    const up = await isUp(new URL('/readyz', RV_URL), api.cache)
    const seen = { outcome: up ? 'sent' : 'down', ms: Date.now() - started }
    if (!up) return (RV_WHEN_DOWN === 'step_up' ? stepUp : stop)(event, api, DOWN, seen)
    const nonce = randomUUID()
    api.transaction.setMetadata('rv_nonce', nonce)
    const payload = { jti: nonce, facts: factsOf(event) }
    const token = api.redirect.encodeToken({ secret, payload, expiresInSeconds: 300 })
    const ui_locales = event.transaction?.locale ?? ''
    const query = { session_token: token, flow: 'login', ui_locales }
    api.redirect.sendUserTo(new URL('/verify', RV_URL).href, { query })
    log(seen)
  })

/** @param {Event} event @param {Api} api */
exports.onContinuePostLogin = async (event, api) =>
  guard(event, api, UNFINISHED, async () => {
    const { RV_URL } = event.secrets
    const answer = await answerOf(event, api)
    const { jti, sub, flow, nonce, decision, reasons, reference } = answer
    const kept = event.transaction?.metadata.rv_nonce
    const bound = typeof kept === 'string' && kept !== '' && nonce === kept
    const ours = bound && sub === event.user.user_id && flow === 'login'
    const seen = { outcome: ours ? String(decision) : 'foreign', reference, assessment: jti }
    const help = `${STOPPED}${reference ?? 'RV-ANSWER'}.`
    const why = Array.isArray(reasons) ? String(reasons[0]) : ''
    if (ours && decision === 'allow') {
      api.authentication.recordMethod(new URL('/allow', RV_URL).href)
      return log(seen)
    }
    if (ours && (decision === 'step_up' || (decision === 'deny' && why === 'no_factor')))
      return stepUp(event, api, help, seen, new URL(`/step_up/${Date.now()}`, RV_URL).href)
    if (ours && decision === 'deny' && !SOFT.test(why)) revoke(event, api, help)
    stop(event, api, ours && decision === 'deny' ? help : UNFINISHED, seen)
  })

/** @param {Event} event @param {Api} api @param {string} text @param {() => Promise<void>} leg */
const guard = async (event, api, text, leg) => {
  const { RV_MODE, RV_CLIENTS = '', RV_URL = '', RV_SESSION_SECRET: there = '' } = event.secrets
  const { RV_CONTINUE_SECRET: back = '', RV_CONTINUE_SECRET_PREVIOUS: before } = event.secrets
  if (RV_MODE === 'off') return
  if (RV_CLIENTS.match(/[^\s,]+/g)?.includes(event.client.client_id) === false) return
  try {
    const safe = /^(https:\/\/|http:\/\/([a-z-]+\.)?localhost(:|\/|$))/.test(RV_URL)
    const long = [there, back, before || back].every((secret) => secret.length >= 32)
    if (safe && long && there !== back && there !== before) return await leg()
    stop(event, api, `${STOPPED}RV-SETUP.`, { outcome: 'setup' })
  } catch (error) {
    const message = String(error).replace(/[\w-]{24,}/g, '…')
    stop(event, api, text, { outcome: 'failed', message: message.slice(0, 120) })
  }
}

/** Whether this session was checked since its last first factor, and not too long ago. */
const isChecked = (/** @type {Event} */ { authentication, secrets }) => {
  const methods = authentication?.methods ?? []
  const latest = (/** @type {(name: string) => boolean} */ is) =>
    Math.max(...methods.filter(({ name }) => is(name)).map((one) => Date.parse(one.timestamp)))
  const first = latest((name) => !/^(mfa$|https?:)/.test(name))
  const since = Math.max(first, Date.now() - Number(secrets.RV_REMEMBER_HOURS || 12) * 36e5)
  const allow = new URL('/allow', secrets.RV_URL).href
  const stepUp = new URL('/step_up/', secrets.RV_URL).href
  // Only a factor passed after the verifier asked for one counts: the time is in the record's name.
  const asked = Math.max(...methods.map(({ name }) => Number(name.split(stepUp)[1] ?? 0)))
  const confirmed = asked >= since && latest((name) => name === 'mfa') >= asked
  return first > 0 && (confirmed || latest((name) => name === allow) >= since)
}

/** `prompt=none`, a refresh token, a password at the token endpoint: nobody can be sent anywhere. */
const withoutBrowser = (/** @type {Event} */ event, /** @type {Api} */ api) => {
  const { RV_SILENT, RV_MODE, RV_URL = '' } = event.secrets
  const seen = { outcome: 'silent', protocol: event.transaction?.protocol }
  // A refresh token exists only because its login was let through.
  if (RV_SILENT === 'allow' || seen.protocol === 'oauth2-refresh-token') return log(seen)
  if (event.request.query.prompt !== 'none') return stop(event, api, ALONE, seen)
  log(seen)
  // Auth0 sends nobody away here: it answers interaction_required, and applications start a login.
  if (RV_MODE !== 'observe') api.redirect.sendUserTo(RV_URL)
}

/** By the secret before or the one in force, or it throws; nothing for another state than came back. */
const answerOf = async (/** @type {Event} */ { secrets, request }, /** @type {Api} */ api) => {
  const { RV_CONTINUE_SECRET: now = '', RV_CONTINUE_SECRET_PREVIOUS: before } = secrets
  const read = async (secret = now) => api.redirect.validateToken({ secret })
  const answer = await (before ? read(before).catch(() => read()) : read())
  return (request.query?.state ?? answer.state) === answer.state ? answer : {}
}

/** Only `up` is remembered, so that an outage ends here as soon as it ends. */
const isUp = async (/** @type {URL} */ url, /** @type {Api['cache']} */ cache) => {
  if (cache.get('rv_up')?.value === url.origin) return true
  const answer = fetch(url, { redirect: 'error', signal: AbortSignal.timeout(1500) })
  const status = await answer.then((up) => up.status).catch(() => 0)
  if (status === 200) cache.set('rv_up', url.origin, { ttl: 30_000 })
  return status === 200
}

/**
 * Asks only for factors on another channel than the first challenge: others prove nothing new.
 * Who has none may enrol one where RV_ENROL names some: a thief of the password may, too.
 * @param {Event} event @param {Api} api @param {string} text @param {object} seen
 * @param {string=} record given when the verifier asked, and so the only time anybody may enrol
 */
const stepUp = (event, api, text, seen, record) => {
  const { factors, first_challenge: first } = factsOf(event)
  const spent = (first.length ? first : [...CHANNEL.keys()]).map((name) => CHANNEL.get(name))
  const types = factors?.filter((type) => !spent.includes(type))
  const named = event.secrets.RV_ENROL?.split(/[\s,]+/) ?? []
  const fresh = named.filter((type) => FACTORS.test(type) && !factors?.includes(type))
  const enrol = types?.length === 0 && record !== undefined && fresh.length > 0
  const chosen = enrol ? fresh : types
  if (!chosen?.length) return stop(event, api, text, { ...seen, factors: types ?? 'unknown' })
  log({ ...seen, factors: chosen, ...(enrol && { enrol }) })
  if (event.secrets.RV_MODE === 'observe') return
  if (record) api.authentication.recordMethod(record)
  const selectors = chosen.map((type) => ({ type }))
  if (enrol) api.authentication.enrollWithAny(selectors)
  else api.authentication.challengeWithAny(selectors)
}
/** The session outlives a denial. Tenants without the enterprise feature must not fail on this. */
const revoke = (/** @type {Event} */ event, /** @type {Api} */ api, /** @type {string} */ text) => {
  const { RV_REVOKE, RV_MODE } = event.secrets
  if (RV_REVOKE !== 'on' || RV_MODE === 'observe') return
  try {
    api.session.revoke(text)
  } catch {
    log({ outcome: 'not_revoked' })
  }
}
const stop = (/** @type {Event} */ event, /** @type {Api} */ api, text = '', seen = {}) => {
  log(seen)
  if (event.secrets.RV_MODE !== 'observe') api.access.deny(text)
}
const log = (seen = {}) => console.log(JSON.stringify({ wire: 1, ...seen }))

/** Coarse on purpose: the token is signed, not secret. What is undefined stays out: unknown. */
const factsOf = (/** @type {Event} */ { user, secrets, stats, client, request, ...rest }) => {
  const { countryCode: country, timeZone: time_zone, ...place } = request.geoip ?? {}
  const days = (/** @type {string=} */ t) => t && Math.floor((Date.now() - Date.parse(t)) / 864e5)
  const tenths = (/** @type {number=} */ degrees) => degrees && Math.round(degrees * 10) / 10
  const first = new Set(rest.authentication?.methods.map(({ name }) => name))
  const agent = rest.authentication?.riskAssessment?.assessments?.AgentDetection?.code
  const language = request.language?.split('-')[0]?.toLowerCase()
  return {
    ...{ flow: 'login', enforced: secrets.RV_MODE !== 'observe' },
    account_age_days: days(user.created_at),
    last_reset_age_days: days(user.last_password_reset),
    factors: user.enrolledFactors?.map(({ type }) => type).filter((type) => FACTORS.test(type)),
    first_challenge: [...first].filter((name) => CHANNEL.has(name)),
    agent: agent && agent === 'verified_agent',
    ...{ logins_count: stats.logins_count, client_id: client.client_id, language },
    ...{ country, time_zone, latitude: tenths(place.latitude), longitude: tenths(place.longitude) },
  }
}
