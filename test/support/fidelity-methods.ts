/**
 * What the documents say of every method of both `api` objects (seeds 000, 001, 002 and 004; the contract
 * where it says more), each with the tests that show it. `fidelity.ts` makes the table of it.
 */
import type { FidelityRow } from './fidelity-row.ts'

const row = (claim: string, from: string, ...tests: readonly string[]): FidelityRow => ({
  claim,
  from,
  tests,
})

const RECORDS_SAML = `api.samlResponse.\${setter}: records the setting and returns api`
const SEES_SAML = 'sees what the Action set in the response'
const PLAIN_SAML = 'sees untyped attributes without a name format, and names as they are'
const OWN_KEY_SAML =
  'verifies with the key the Action brought, and with the older algorithms it chose'
const ENCRYPTED_SAML = 'reads an assertion encrypted with %s'
const REFUSES_SAML = `api.samlResponse.\${setter}: a wrong value throws`

const saml = (setter: string, claim: string, effect: string) =>
  [`api.samlResponse.${setter}`, [row(claim, '004', RECORDS_SAML, effect, REFUSES_SAML)]] as const

const ONLY_POST_LOGIN = 'post-login alone'

export const METHODS: Readonly<Record<string, readonly FidelityRow[]>> = {
  'api.access.deny': [
    row(
      'takes the reason, one argument, shown to people',
      '000 001 002',
      'api.access.deny: records the reason',
      "api.access.deny: takes one argument: of two, as in seed 000's example, the first is the reason",
      'shows the reason of a denial, runs no later Action and changes nothing',
    ),
    row(
      'the flow stops after this Action, no further one runs',
      '000 001 004',
      'shows the reason of a denial, runs no later Action and changes nothing',
      'goes to the application as access_denied with the reason, and no later Action runs',
    ),
    row(
      'does not throw: what follows in the handler still runs',
      '001, contract 1.2.11',
      'api.access.deny: does not throw and does not return from the handler',
      'lets a denial win over a redirect of the same Action',
    ),
    row(
      'other side effects, such as metadata, stay',
      '001 004',
      'does not take back metadata: aggregated over the Actions, written once',
    ),
    row(
      'post-login: returns api; the reason is error_description',
      '004',
      'api.access.deny: records the reason and returns api',
      'goes to the application as access_denied with the reason, and no later Action runs',
      'at the token endpoint is 403 with the reason, and nothing is issued',
    ),
  ],
  'api.accessToken.setCustomClaim': [
    row(
      'any name and value, in the access token that is issued',
      '004',
      'api.accessToken.setCustomClaim: records name and value and returns api',
      'carry the claims and scopes of the Actions, but no name that belongs to the protocol',
    ),
    row(
      'the claim scope is refused',
      'contract 3.2',
      'api.accessToken.setCustomClaim: scope is reserved',
    ),
  ],
  'api.accessToken.addScope': [
    row(
      'adds a scope to the access token',
      '004',
      'api.accessToken.addScope: trims, and returns nothing although seed 004 says api',
      'carry the claims and scopes of the Actions, but no name that belongs to the protocol',
    ),
    row(
      'a text of 1 to 280 characters without white space, at most 1000',
      'contract 3.2',
      'api.accessToken.addScope: 281 characters',
      'api.accessToken.addScope: an empty scope',
      'api.accessToken.addScope: the 1001st scope',
    ),
  ],
  'api.accessToken.removeScope': [
    row(
      'removes a scope from the access token',
      '004',
      'api.accessToken.removeScope: records the scope',
      'carry the claims and scopes of the Actions, but no name that belongs to the protocol',
    ),
  ],
  'api.authentication.challengeWith': [
    row(
      'asks for the factor, with options',
      '000 001 002 004',
      'api.authentication.challengeWith: records the factor',
      'api.authentication.challengeWith: records options and additional factors',
      'by %s is asked for, passed, and shown to the next Action',
    ),
    row(
      'additionalFactors: the user may choose another one',
      '001 002 004',
      'offers a picker for several factors, and the others beside a default',
      'is passed with the factor on screen when every other is offered beside it',
    ),
    row(
      'types otp, recovery-code, email, push-notification, phone, webauthn-platform, webauthn-roaming',
      '004',
      'by %s is asked for, passed, and shown to the next Action',
    ),
    row(
      'phone: preferredMethod sms, voice or both',
      '004',
      'preferredMethod %s reaches the phone in this way alone',
      'preferredMethod both lets the user choose',
    ),
    row(
      'push-notification: otpFallback false takes no code in its place',
      '004',
      'a push notification takes the code of the app, once',
      'otpFallback false takes the notification alone',
    ),
    row(
      'later Actions wait until it is passed',
      '001',
      'by %s is asked for, passed, and shown to the next Action',
      'come between two Actions, and the next one sees the factor',
    ),
    row(
      'not shown when the user has satisfied it in this transaction',
      '000 001',
      'is not shown again for a factor that was passed in this transaction',
    ),
    row(
      'nothing enrolled or enabled: the command fails',
      '004',
      'fails the reset when nothing it names is enrolled',
      'fails the reset when what is enrolled is not enabled on the tenant',
    ),
    row('stands over multifactor.enable', '004', 'gives way to a challenge of api.authentication'),
    row(
      'at most four challenge or enrol commands in a flow',
      'contract 2.3',
      'may be asked for four times in a flow, not five',
    ),
  ],
  'api.authentication.challengeWithAny': [
    row(
      'shows a factor picker',
      '000 001 002 004',
      'api.authentication.challengeWithAny: records the factors, unknown ones as well',
      'offers a picker for several factors, and the others beside a default',
    ),
    row(
      'no picker when one factor is given or valid',
      '001 004',
      'skip the picker when one factor is left, and fail when none is',
    ),
    row(
      'nothing enrolled: the command fails',
      '004',
      'fails the reset when nothing it names is enrolled',
    ),
    row(
      'unknown types such as sms match nothing',
      'contract 2.3',
      'api.authentication.challengeWithAny: records the factors, unknown ones as well',
      'survive selectors that are none',
    ),
  ],
  'api.authentication.enrollWith': [
    row(
      'asks to enrol the factor; additionalFactors to choose from',
      '004',
      'api.authentication.enrollWith: records factor and additional factors',
      'enrol an authenticator app with a code it shows',
      'enrol a phone by a code that was sent to it, after a choice',
    ),
    row(
      'preferredMethod of a phone: voice, sms or both',
      '004',
      'reach a phone that is enrolled with preferredMethod %s',
    ),
    row(
      'everything enrolled already: the command fails',
      '004',
      'skip the picker when one factor is left, and fail when none is',
    ),
  ],
  'api.authentication.enrollWithAny': [
    row(
      'shows a picker of factors to enrol',
      '004',
      'api.authentication.enrollWithAny: records the factors',
      'enrol a phone by a code that was sent to it, after a choice',
    ),
    row(
      'no picker when one is left; fails when none is',
      '004',
      'skip the picker when one factor is left, and fail when none is',
    ),
  ],
  'api.authentication.recordMethod': [
    row(
      'in onContinuePostLogin alone; a URL of the web; returns api',
      '004',
      'api.authentication.recordMethod: in onContinuePostLogin records the URL and returns api',
      'api.authentication.recordMethod: outside onContinuePostLogin',
      'api.authentication.recordMethod: a URL that is not of the web',
    ),
    row(
      'shows in event.authentication.methods of subsequent logins',
      '004',
      'shows the method that was recorded to the next login of the session',
    ),
  ],
  'api.authentication.setPrimaryUser': [
    row(
      'tokens are issued for the primary user',
      '004',
      'api.authentication.setPrimaryUser: records the user and returns nothing',
      'makes the tokens for the primary user the identity is linked to',
    ),
    row(
      'the identity must be among the secondary ones, else the login fails',
      '004',
      'fails the login for %s',
    ),
    row(
      'once per transaction, a text of at most 128 characters',
      'contract 3.2',
      'api.authentication.setPrimaryUser: twice',
      'api.authentication.setPrimaryUser: empty',
      'api.authentication.setPrimaryUser: 129 characters',
    ),
  ],
  'api.cache.delete': [
    row(
      'success when there was a record, an error with a code otherwise',
      '000 001 002 004',
      'api.cache.delete: removes what was there',
      'api.cache.delete: an unknown key',
    ),
  ],
  'api.cache.get': [
    row(
      'a record with value and expires_at, or undefined',
      '000 001 002 004',
      'api.cache.get: gives the record at once, value and expiry',
      'api.cache.get: an unknown key',
    ),
  ],
  'api.cache.set': [
    row(
      'stores a text and returns the record, scoped to the trigger',
      '000 001 002 004',
      'api.cache.set: lives 15 minutes by default',
      'is shared by all users and Actions of the trigger',
      'is kept per trigger',
    ),
    row(
      '15 minutes when no lifetime is given (seed 001 says 24 hours: outdated)',
      '000 002 004',
      'api.cache.set: lives 15 minutes by default',
    ),
    row(
      'ttl and expires_at in milliseconds; the earlier one counts',
      '002 004',
      'api.cache.set: ttl in milliseconds',
      'api.cache.set: expires_at in epoch milliseconds',
      'api.cache.set: of ttl and expires_at the earlier one counts',
    ),
    row(
      'limits: key 64 bytes, value 4096, 16640 together, 20 records, 24 hours',
      'contract 4.3',
      'api.cache.set: a key of 65 bytes',
      'api.cache.set: a value of 4097 bytes',
      'api.cache.set: all records together hold 16640 bytes, keys counted',
      'api.cache.set: at most 20 records, but each of them may be replaced',
      'no record outlives 24 hours, whatever its expiry says',
    ),
    {
      claim: 'records may be gone in later transactions, also after a redirect',
      from: '000 001 004, contract 1.6.5',
      tests: [
        'cacheAfterRedirect: dropped gives a continue handler an empty cache',
        'cacheAfterRedirect: kept, the default, gives it the record',
      ],
      switch: 'cacheAfterRedirect',
    },
  ],
  'api.groups.getUserGroups': [
    row(
      'groups of the user, by page',
      'contract 3.2',
      'api.groups.getUserGroups: all of them',
      'api.groups.getUserGroups: a page, and where the next begins',
    ),
  ],
  'api.groups.hasGroupMembership': [
    row(
      'whether the user is in a group',
      'contract 3.2',
      'api.groups.hasGroupMembership: by id, by name and for a stranger',
    ),
  ],
  'api.idToken.setCustomClaim': [
    row(
      'any name and value, in the ID token',
      '004',
      'api.idToken.setCustomClaim: records name and value and returns api',
      'carry the claims and scopes of the Actions, but no name that belongs to the protocol',
    ),
    row(
      'the claim scope is refused',
      'contract 3.2',
      'api.idToken.setCustomClaim: scope is reserved',
    ),
  ],
  'api.multifactor.enable': [
    row(
      'a provider: any, duo, google-authenticator, guardian or none',
      '004',
      'api.multifactor.enable: records the provider and returns api',
      'takes %s',
      'fails the login for a provider there is not',
    ),
    row(
      'deferred to the end of the flow',
      '004',
      'asks after all Actions and all redirects, and the ID token says so',
    ),
    row(
      'allowRememberBrowser: asked once every 30 days',
      '004',
      'remembers the browser for thirty days where it may',
      'without leave to remember asks every time',
    ),
    row(
      'allowRememberBrowser with guardian: a box for the person to tick',
      '004',
      'leaves it to the person whether guardian remembers the browser',
    ),
    row(
      'providerOptions are taken',
      '004',
      'api.multifactor.enable: records the two options and no other',
    ),
  ],
  'api.prompt.render': [
    row(
      'shows the form and goes on in the continue handler with event.prompt',
      '000 001',
      'api.prompt.render: records fields and vars',
      'suspends, shows its fields, and hands fields and vars to the continue handler',
      'comes back to the continue handler of the same Action',
    ),
    row(
      'one per Action, not together with a redirect',
      'contract 1.2.7 and 2.3',
      'api.prompt.render: a second one in the same Action aborts',
      'api.prompt.render: after sendUserTo the call aborts',
      'api.redirect.sendUserTo: after render the call aborts',
    ),
    row(
      'limits: id 48 characters, 24 fields, 24 vars, 24 KiB',
      'contract 2.3',
      'api.prompt.render: 24 fields, 24 vars and 48 characters are taken',
      'api.prompt.render: a prompt id of 49 characters is refused',
      'api.prompt.render: options of more than 24 KiB are refused',
    ),
    {
      claim: 'the form as drawn in Auth0’s editor, with its own logic and styling',
      from: 'Auth0 docs, Forms',
      tests: [],
      notEmulated:
        'the tenant shows the fields the Action sets and those declared for the form’s id',
    },
  ],
  'api.redirect.canRedirect': [
    row(
      'false for prompt=none and for protocols without a browser',
      'contract 1.7.1',
      'api.redirect.canRedirect: protocol %s gives %s',
      'api.redirect.canRedirect: prompt=none gives false',
      'with prompt=none is interaction_required, and canRedirect says so before',
    ),
    row(
      `${ONLY_POST_LOGIN}: in post-challenge it is no function`,
      'contract 2.3',
      '%s throws a TypeError',
    ),
  ],
  'api.redirect.encodeToken': [
    row(
      'a JWT signed with the shared secret',
      '000 001 002 004',
      'api.redirect.encodeToken: header is exactly alg HS256 and typ JWT, without kid',
      'api.redirect.encodeToken: is signed with the UTF-8 bytes of the secret',
      'api.redirect.encodeToken: another implementation makes the same token and accepts it',
    ),
    row(
      'expiresInSeconds, 900 by default',
      '002 004',
      'api.redirect.encodeToken: expiresInSeconds %s gives a life of %i s',
    ),
    row(
      'claims iat, iss, sub, exp, ip, then the payload, which stands over them',
      '002, contract 1.1',
      'api.redirect.encodeToken: claims are iat, iss, sub, exp, ip and then the payload',
      'api.redirect.encodeToken: payload overrides standard claims',
      'api.redirect.encodeToken: adds no state, aud, jti or nbf',
    ),
    row(
      'without a usable secret it throws',
      'contract, trap 26',
      'api.redirect.encodeToken: a secret that is %s throws and makes no token',
    ),
  ],
  'api.redirect.sendUserTo': [
    row(
      'redirects the browser when the Action has finished',
      '000 001 002 004',
      'api.redirect.sendUserTo: records the URL',
      'sends the browser away with a state of the genuine form',
    ),
    row(
      'query parameters are set in the URL',
      '002 004',
      'api.redirect.sendUserTo: query replaces every parameter of the same name',
      'api.redirect.sendUserTo: query values become text, encoded as a form',
    ),
    row(
      'a relative or malformed URL throws; scheme and host are not checked',
      'contract 1.2.1',
      'api.redirect.sendUserTo: a relative URL throws TypeError',
      'api.redirect.sendUserTo: no scheme and no host is refused',
    ),
    row(
      'Auth0 adds state, over any of the Action',
      'contract 1.2.3 and 1.2.4',
      'overwrites a state the Action put into the address',
    ),
    row(
      'post-login returns api, post-challenge nothing (seed 002 says api: outdated)',
      '002 004, contract 1.2.5',
      'api.redirect.sendUserTo: records the URL and returns api',
      'api.redirect.sendUserTo: records the URL',
    ),
    {
      claim: 'called twice in one Action',
      from: 'contract 1.2.8',
      tests: ['uses the last of two redirects of one Action, or fails when switched so'],
      switch: 'secondRedirect',
    },
    {
      claim: 'called in the continue handler',
      from: 'contract 1.2.9',
      tests: ['may be sent away again by the continue handler, with another state'],
      switch: 'redirectInContinue',
    },
  ],
  'api.redirect.validateToken': [
    row(
      'reads the parameter from query or body, session_token by default',
      '000 001 002 004',
      'api.redirect.validateToken: reads the query string when the body has no such parameter',
      'api.redirect.validateToken: the body wins over the query string, state included',
      'api.redirect.validateToken: reads the parameter it is told to',
      'api.redirect.validateToken: a %s parameter has its own message',
    ),
    row(
      'returns the payload, flat',
      '002 004',
      'api.redirect.validateToken: returns standard and custom claims together, flat',
    ),
    row(
      'throws on signature, missing claims, expiry, state and sub, with Auth0’s texts',
      'contract 1.5',
      'api.redirect.validateToken: refuses %s: %s',
      'api.redirect.validateToken: an %s secret refuses every token',
      'api.redirect.validateToken: a session token sent back as it came is refused, it has no state',
    ),
    row(
      'a refusal is an ordinary exception',
      'contract 1.5.8',
      'api.redirect.validateToken: a refusal can be caught, and the handler goes on',
    ),
    {
      claim: 'whether iss must be the tenant’s host',
      from: 'contract 1.5',
      tests: [
        'api.redirect.validateToken: iss is required but need not be the host',
        'validateTokenIssuer: hostname refuses another iss and takes the bare host',
      ],
      switch: 'validateTokenIssuer',
    },
    {
      claim: 'whether sub must be the user',
      from: 'contract 1.5',
      tests: ['validateTokenChecksSub: off lets another subject through'],
      switch: 'validateTokenChecksSub',
    },
    {
      claim: 'whether typ must be JWT',
      from: 'contract 1.5',
      tests: ['validateTokenChecksType: off lets a token without typ through'],
      switch: 'validateTokenChecksType',
    },
    {
      claim: 'leeway after exp',
      from: 'contract 1.5.10',
      tests: ['tokenExpiryLeewaySeconds: is exclusive to the second'],
      switch: 'tokenExpiryLeewaySeconds',
    },
    {
      claim: 'which of several faults is named',
      from: 'contract 1.5.7',
      tests: ['validateTokenOrder: state_first names the state before the signature'],
      switch: 'validateTokenOrder',
    },
  ],
  'api.refreshToken.revoke': [
    row(
      'rejects the exchange and revokes the token; the reason is error_description',
      '004',
      'api.refreshToken.revoke: records the reason',
      'refreshToken.revoke denies the exchange and ends the token',
      'refreshToken.revoke does nothing where no refresh token is exchanged',
    ),
  ],
  'api.refreshToken.setExpiresAt': [
    row(
      'absolute expiry in epoch milliseconds',
      '004',
      'api.refreshToken.setExpiresAt: epoch milliseconds',
      'refreshToken.setExpiresAt counts for the token the login issues',
    ),
  ],
  'api.refreshToken.setIdleExpiresAt': [
    row(
      'idle expiry in epoch milliseconds',
      '004',
      'api.refreshToken.setIdleExpiresAt: epoch milliseconds',
      'ends after its idle time and after its lifetime',
    ),
  ],
  'api.refreshToken.setMetadata': [
    row(
      'stays with the token',
      'contract 3.2',
      'api.refreshToken.setMetadata: works before there is a refresh token',
      'refreshToken.setMetadata stays with the token',
    ),
  ],
  'api.refreshToken.deleteMetadata': [
    row('removes a key', 'contract 3.2', 'api.refreshToken.deleteMetadata: removes the key'),
  ],
  'api.refreshToken.evictMetadata': [
    row('removes everything', 'contract 3.2', 'api.refreshToken.evictMetadata: removes everything'),
  ],
  'api.roles.getUserEffectiveRoles': [
    row('roles of the user', 'contract 3.2', 'api.roles.getUserEffectiveRoles: all of them'),
  ],
  'api.roles.getUserEffectiveRolesByIds': [
    row(
      'those with the ids',
      'contract 3.2',
      'api.roles.getUserEffectiveRolesByIds: those with the ids',
    ),
  ],
  'api.roles.getUserEffectiveRolesByNames': [
    row(
      'those with the names',
      'contract 3.2',
      'api.roles.getUserEffectiveRolesByNames: those with the names',
    ),
  ],
  'api.rules.wasExecuted': [
    row(
      'whether a Rule ran before in this transaction',
      '004',
      'api.rules.wasExecuted: a rule that ran',
      'api.rules.wasExecuted: another rule',
    ),
  ],
  'api.samlResponse.setAttribute': [
    row(
      'sets an attribute: text, number, boolean, list; null removes it',
      '004',
      'api.samlResponse.setAttribute: records the attribute and returns api',
      'api.samlResponse.setAttribute: undefined removes, as null does',
      SEES_SAML,
    ),
    row(
      'a failed call throws with a message',
      '004',
      'api.samlResponse.setAttribute: a value of 2049 characters',
      'api.samlResponse.setAttribute: an object',
    ),
  ],
  ...Object.fromEntries([
    saml('setAudience', 'the audience', SEES_SAML),
    saml('setIssuer', 'the issuer', SEES_SAML),
    saml(
      'setEncryptionPublicKey',
      'encrypts the assertion, together with the certificate',
      ENCRYPTED_SAML,
    ),
    saml('setRecipient', 'the recipient of the assertion', SEES_SAML),
    saml('setCreateUpnClaim', 'whether a UPN claim is made', PLAIN_SAML),
    saml('setPassthroughClaimsWithNoMapping', 'whether unmapped claims go along', SEES_SAML),
    saml('setMapUnknownClaimsAsIs', 'unmapped claims without a prefix', PLAIN_SAML),
    saml('setMapIdentities', 'whether identities go along', SEES_SAML),
    saml('setDestination', 'the destination of the response', SEES_SAML),
    saml('setRelayState', 'the RelayState', SEES_SAML),
    saml('setLifetimeInSeconds', 'the life of the assertion', SEES_SAML),
    saml(
      'setSignResponse',
      'the response is signed instead of the assertion',
      'takes a signed response in place of a signed assertion, when the Action asks for it',
    ),
    saml('setNameIdentifierFormat', 'the format of the name identifier', SEES_SAML),
    saml('setNameIdentifierProbes', 'which attribute is the name identifier', SEES_SAML),
    saml('setAuthnContextClassRef', 'the AuthnContextClassRef', SEES_SAML),
    saml(
      'setSigningCert',
      'requests must be signed by this certificate’s key',
      'must be signed by the key of the certificate an Action names',
    ),
    saml('setIncludeAttributeNameFormat', 'whether NameFormat is inferred', PLAIN_SAML),
    saml('setTypedAttributes', 'whether xs:type is inferred', PLAIN_SAML),
    saml(
      'setEncryptionCert',
      'encrypts the assertion, together with the public key',
      ENCRYPTED_SAML,
    ),
    saml('setCert', 'signs with a certificate of one’s own', OWN_KEY_SAML),
    saml('setKey', 'signs with a key of one’s own', OWN_KEY_SAML),
    saml('setSignatureAlgorithm', 'rsa-sha256 or rsa-sha1', OWN_KEY_SAML),
    saml('setDigestAlgorithm', 'sha256 or sha1', OWN_KEY_SAML),
  ]),
  'api.samlResponse.setEncryptionAlgorithm': [
    row('the algorithm of the encryption', 'contract 3.2', RECORDS_SAML, ENCRYPTED_SAML),
  ],
  'api.session.revoke': [
    row(
      'rejects the transaction, ends the session and its refresh tokens',
      '004',
      'api.session.revoke: records the reason and keeps no refresh tokens',
      'session.revoke ends the session and its refresh tokens, unless they are to be kept',
      'also comes from %s',
    ),
    row('preserveRefreshTokens keeps them', '004', 'api.session.revoke: preserveRefreshTokens'),
    row(
      'OIDC Back-Channel Logout to the applications of the session',
      '004',
      'tells the application that session.revoke ended the session, in a signed token',
      'is told to nobody without an address, and nothing fails when nobody answers',
    ),
  ],
  'api.session.setExpiresAt': [
    row(
      'absolute expiry in epoch milliseconds; the earliest wins',
      '004',
      'api.session.setExpiresAt: epoch milliseconds',
      'session.setExpiresAt and setIdleExpiresAt only shorten; the earliest wins',
    ),
  ],
  'api.session.setIdleExpiresAt': [
    row(
      'idle expiry in epoch milliseconds',
      '004',
      'api.session.setIdleExpiresAt: epoch milliseconds',
      'session.setExpiresAt and setIdleExpiresAt only shorten; the earliest wins',
    ),
  ],
  'api.session.setCookieMode': [
    row(
      'persistent or non-persistent',
      'contract 3.2',
      'api.session.setCookieMode: records the mode',
      'session.setCookieMode writes the cookie again without an age',
    ),
  ],
  'api.session.setMetadata': [
    row(
      'seen at once and in later logins; 25 keys, 255 characters',
      'contract 3.2',
      'api.session.setMetadata: adds to what the session has',
      'session.setMetadata is seen by the next Action and the next login',
      'api.session.setMetadata: the 26th key',
    ),
  ],
  'api.session.deleteMetadata': [
    row('removes a key', 'contract 3.2', 'api.session.deleteMetadata: removes the key'),
  ],
  'api.session.evictMetadata': [
    row('removes everything', 'contract 3.2', 'api.session.evictMetadata: removes everything'),
  ],
  'api.transaction.setResultUrl': [
    row(
      'where the user is led after the reset, with query parameters',
      '000 001 002',
      'api.transaction.setResultUrl: follows the same URL rules',
      'changes the password, ends on the success screen and offers the result URL',
      'keeps a result URL of the Action before that of the ticket',
    ),
    row(
      'without it: the application’s login page, or no button',
      'contract 2.3',
      'offers no button without a result URL',
      'falls back to the result URL of the ticket, then to the login page of the application',
    ),
    {
      claim: 'success and message appended to the result URL',
      from: 'contract 2.3',
      tests: ['keeps a result URL of the Action before that of the ticket'],
      switch: 'resultUrlParameters',
    },
    {
      claim: 'used on the success screen, or at once as the answer to /continue',
      from: 'contract 2.3 (for tests of other sites)',
      tests: ['goes straight on to the result URL when switched so'],
      switch: 'resultUrlAt',
    },
  ],
  'api.transaction.setMetadata': [
    row(
      'text, number, boolean or null; survives the redirect; post-login alone',
      'contract 1.6.6 and 3.2',
      'api.transaction.setMetadata: records the whole metadata',
      'api.transaction.setMetadata: the new value',
      'tells the request, the session and the transaction of the login',
    ),
    row(
      'limits: key 64 characters, value 8 KiB, 16 KiB in all, safe integers',
      'contract 3.2',
      'api.transaction.setMetadata: a key of 65 characters',
      'api.transaction.setMetadata: a value of 8193 bytes',
      'api.transaction.setMetadata: more than 16 KiB in all',
      'api.transaction.setMetadata: a fraction',
    ),
  ],
  ...Object.fromEntries(
    ['addTargetScope', 'removeTargetScope', 'setTargetScopes', 'clearTargetScopes'].map((name) => [
      `api.transaction.${name}`,
      [
        row(
          'is behind a flag that no tenant has: it throws',
          '@auth0/actions',
          `api.transaction.\${name}: is behind a flag that no tenant has`,
        ),
      ],
    ]),
  ),
  'api.user.setAppMetadata': [
    row(
      'aggregated, written once at the end, null removes; returns api',
      '004',
      'api.user.setAppMetadata: records name and value and returns api',
      'does not take back metadata: aggregated over the Actions, written once',
    ),
  ],
  'api.user.setUserMetadata': [
    row(
      'aggregated, written once at the end, null removes; returns api',
      '004',
      'api.user.setUserMetadata: null removes the property',
      'does not take back metadata: aggregated over the Actions, written once',
    ),
  ],
  'api.validation.error': [
    row(
      'prevents the login with a validation error; at most 100 characters each',
      'contract 3.2',
      'api.validation.error: records code and message and returns api',
      'api.validation.error: a code of 101 characters',
      'also comes from %s',
    ),
  ],
}
