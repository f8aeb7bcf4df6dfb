/**
 * password-reset / post-challenge, in place of password-reset-verify.js: the same, and whom the verifier
 * stops for want of a second factor gets a form to ask for help. The form never lets the reset go on.
 * Fails closed: what is missing, wrong or unknown denies. RV_MODE `observe` logs it and goes on.
 * @typedef {import('redirect-verifier/emulator').PostChallengeEvent} Event
 * @typedef {import('redirect-verifier/emulator').PostChallengeApi} Api
 */
const { randomUUID } = require('node:crypto')
/** First challenge → the factor that would only prove the same channel again. */
const CHANNEL = new Map([['email', 'email']]).set('phone_number', 'phone')
const FACTORS = /^(otp|phone|push(-notification)?|webauthn-(platform|roaming)|recovery-code|email)$/
/** The verifier's reason where the policy's `no_factor` is `form`. */
const WANTED = 'recovery_form'
const DOWN = "We can't check this right now. Try again in a few minutes."
const EXPIRED = 'This link no longer works. Ask for a new one.'
const STOPPED = "We can't reset your password online. Contact support: "
const NOTED = "We'll get in touch with you. Your code: "

/** @param {Event} event @param {Api} api */
exports.onExecutePostChallenge = async (event, api) =>
  guard(event, api, `${STOPPED}RV-FAILED.`, async () => {
    const { RV_URL, RV_SESSION_SECRET: secret = '', RV_WHEN_DOWN } = event.secrets
    const started = Date.now()
    const up = await isUp(new URL('/readyz', RV_URL), api.cache)
    const seen = { outcome: up ? 'sent' : 'down', ms: Date.now() - started }
    if (!up) return (RV_WHEN_DOWN === 'step_up' ? stepUp : stop)(event, api, DOWN, seen)
    const payload = { jti: randomUUID(), facts: factsOf(event) }
    const token = api.redirect.encodeToken({ secret, payload, expiresInSeconds: 300 })
    api.redirect.sendUserTo(new URL('/verify', RV_URL).href, { query: { session_token: token } })
    log(seen)
  })

/** @param {Event} event @param {Api} api */
exports.onContinuePostChallenge = async (event, api) =>
  guard(event, api, EXPIRED, async () => {
    const { RV_FORM_ID: form, RV_MODE } = event.secrets
    if (form && event.prompt?.id === form) return asked(event, api)
    const { jti, sub, flow, decision, reasons, reference } = await answerOf(event, api)
    const ours = sub === event.user.user_id && flow === 'password_reset'
    const seen = { outcome: ours ? String(decision) : 'foreign', reference, assessment: jti }
    const help = `${STOPPED}${reference ?? 'RV-ANSWER'}.`
    if (ours && decision === 'allow') return log(seen)
    if (ours && decision === 'step_up') return stepUp(event, api, help, seen)
    const wanted = ours && decision === 'deny' && Array.isArray(reasons) && reasons[0] === WANTED
    if (!wanted || !form)
      return stop(event, api, ours && decision === 'deny' ? help : EXPIRED, seen)
    log({ ...seen, form })
    if (RV_MODE !== 'observe') api.prompt.render(form, { vars: { reference } })
  })

/**
 * Back from the form. It asked how to get in touch and for no secret: knowing things proves nothing, so
 * whatever was entered, the reset ends here.
 */
const asked = (/** @type {Event} */ event, /** @type {Api} */ api) => {
  const { fields, vars } = event.prompt ?? {}
  const contact = ['email', 'phone'].find((way) => way === fields?.contact) ?? 'none'
  const reference = vars?.reference ?? 'RV-ANSWER'
  const text = contact === 'none' ? STOPPED : NOTED
  stop(event, api, `${text}${reference}.`, { outcome: 'form', contact, reference })
}

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

/** Asks only for factors on another channel than the first challenge: others prove nothing new. */
const stepUp = (/** @type {Event} */ event, /** @type {Api} */ api, text = '', seen = {}) => {
  const { factors, first_challenge: first } = factsOf(event)
  const spent = (first.length ? first : [...CHANNEL.keys()]).map((name) => CHANNEL.get(name))
  const types = factors?.filter((type) => !spent.includes(type))
  if (!types?.length) return stop(event, api, text, { ...seen, factors: types ?? 'unknown' })
  log({ ...seen, factors: types })
  if (event.secrets.RV_MODE === 'observe') return
  api.authentication.challengeWithAny(types.map((type) => ({ type })))
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
  const first = rest.authentication?.methods.map(({ name }) => name) ?? []
  const language = request.language?.split('-')[0]?.toLowerCase()
  return {
    ...{ flow: 'password_reset', enforced: secrets.RV_MODE !== 'observe' },
    ...{ account_age_days: days(user.created_at), client_id: client.client_id, language },
    ...{ last_reset_age_days: days(user.last_password_reset), logins_count: stats.logins_count },
    factors: user.enrolledFactors?.map(({ type }) => type).filter((type) => FACTORS.test(type)),
    first_challenge: first.filter((name) => CHANNEL.has(name)),
    ...{ country, time_zone, latitude: tenths(place.latitude), longitude: tenths(place.longitude) },
  }
}
