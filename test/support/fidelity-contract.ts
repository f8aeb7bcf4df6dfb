/** What the contract says of the flow, the runtime, the event and the tenant around the methods. */
import type { FidelityRow } from './fidelity-row.ts'

const row = (claim: string, from: string, ...tests: readonly string[]): FidelityRow => ({
  claim,
  from,
  tests,
})

export const CONTRACT: Readonly<Record<string, readonly FidelityRow[]>> = {
  'The state of a redirect': [
    row(
      'has the form of a genuine one, 166 characters',
      '1.3.2',
      'sends the browser away with a state of the genuine form',
    ),
    row('lives one hour', '1.3.4', '%s is refused as invalid_request and resumes nothing'),
    row(
      'works once',
      '1.3.5',
      'a second time by %s is refused',
      'twice at the same moment resumes once',
    ),
    row(
      'unknown, missing or lost: invalid_request with Auth0’s sentence',
      '1.3.6 and 1.3.7',
      '%s is refused as invalid_request and resumes nothing',
    ),
    {
      claim: 'is bound to the browser’s cookie of that host',
      from: '1.3.8',
      tests: [
        'lets another browser in when the binding is switched off',
        '%s is refused as invalid_request and resumes nothing',
      ],
      switch: 'cookieBinding',
    },
    {
      claim: 'the cookie is SameSite=None, so that a form POST from another site carries it',
      from: '1.3.8',
      tests: ['loses the cookie on a cross-site POST when it is Lax, not on a GET'],
      switch: 'cookieSameSite',
    },
  ],
  '/continue': [
    row(
      'takes GET with everything in the query',
      '1.4.1',
      'by GET resumes the same Action with the query it brings',
    ),
    row(
      'takes an urlencoded POST of the browser, and nothing else',
      '1.4.2 and 1.4.3',
      'by a cross-site form POST resumes it with the fields it brings',
      '%s is refused as invalid_request and resumes nothing',
    ),
    {
      claim: 'takes state in the body alone',
      from: '1.4.4',
      tests: ['takes the state from the body alone, unless switched off'],
      switch: 'bodyOnlyState',
    },
    row(
      'hands further parameters through, in a new event.request',
      '1.4.5',
      'by GET resumes the same Action with the query it brings',
      'shows address, place, browser and language of the request that starts the leg',
    ),
    row(
      'resumes without a token too: an Action must insist on one',
      '1.4.7',
      'takes anybody who has the state past the third-party site: it asks for no token',
    ),
  ],
  'Suspend and resume': [
    row(
      'earlier Actions never run again; the same one continues, then the next',
      '1.6.1, seed 003',
      'runs no earlier Action again, and the later ones after it',
      'suspends, resumes the same Action once at /continue, then the next ones',
    ),
    row(
      'the continue handler must exist',
      '1.6.2',
      'needs the %s handler %s to exist',
      'sendUserTo: sends an unsigned user id away, and has no handler to come back to',
    ),
    row(
      'the time limit counts anew after the redirect',
      '1.6.4',
      'counts anew after a redirect: the time on the other site is not the Actions’',
    ),
    {
      claim: 'after the resume it may be another instance',
      from: '1.6.5',
      tests: [
        'instances: cold_after_redirect gives a continue handler a new one, warm does not',
        '%s: module-level state lives as long as they do',
      ],
      switch: 'instances',
    },
    row(
      'changes of the user during the redirect are visible',
      '1.6.8',
      'sees the user as changed while the browser was away',
    ),
    row(
      'one execution record with status, legs in order and their commands',
      '1.6.9',
      'hold every leg in order with event, commands, log and status, and no secret',
      'tells each Action of a run and its error',
    ),
    row(
      'a redirect comes before deferred MFA',
      '1.6.10',
      'asks after all Actions and all redirects, and the ID token says so',
    ),
  ],
  'Logins without a browser': [
    row(
      'prompt=none and a redirect: interaction_required; the session stays',
      '1.7.2',
      'with prompt=none is interaction_required, and canRedirect says so before',
      'while the browser is away leaves a session that a silent login of a lenient Action uses',
    ),
    row(
      'password grant and refresh with a redirect fail',
      '1.7.3',
      'fails a password grant and a refresh',
    ),
  ],
  'Errors of handlers': [
    row('post-login: access_denied with the error’s message', '1.8.1', 'also comes from %s'),
    row(
      'post-challenge: the error screen, without the message',
      '1.8.3',
      'fails when an Action throws, without its message on the screen',
    ),
    {
      claim: 'the reason of a denial is shown on the error screen of a reset',
      from: '2.3',
      tests: [
        'keeps the reason from the screen when the tenant is switched so',
        'shows the reason of a denial, runs no later Action and changes nothing',
      ],
      switch: 'denyReasonShown',
    },
    row(
      'an actions_execution_failed event with its class',
      '1.8.4',
      'actionTimesOut %s: fails the flow as action_timeout',
    ),
  ],
  'Password reset': [
    row(
      'asked for on the page, by /dbconnections/change_password, or by a ticket',
      '2.1.2',
      'mails a link and says no more than that it did',
      'gives a link that starts the flow of this application',
      'changes the password, ends on the success screen and offers the result URL',
    ),
    row(
      'extra query parameters of the link reach the event',
      '2.1.3',
      'shows Actions the extra query parameters of the link',
    ),
    row(
      'without a client_id no Action runs',
      '2.1.6',
      'runs no Action without a client_id, and says so',
    ),
    row(
      'up to four Actions',
      '2.1.7, seed 003',
      'runs up to four Actions in order and refuses a fifth at deploy',
    ),
    row(
      'a link lives five days, works once, and only the newest counts',
      '2.1.8',
      'refuses %s and runs nothing',
    ),
    {
      claim: 'what uses the link up',
      from: '2.1.8',
      tests: [
        'is not opened by a request for the headers or by a prefetch',
        'can be started again from the mail, from the first Action on',
      ],
      switch: 'ticketConsumedOn',
    },
    row('a reset ends the user’s sessions', '2.1.9', 'ends the sessions of the user'),
    {
      claim: 'a verified address is enrolled for MFA by e-mail',
      from: '2.3',
      tests: [
        'asks a verified user without another factor for the same inbox again',
        'verifiedEmailIsFactor: off leaves a verified address without a factor',
      ],
      switch: 'verifiedEmailIsFactor',
    },
    {
      claim: 'the trigger post-change-password after a reset',
      from: '2.1.9',
      tests: [],
      notEmulated: 'two triggers are emulated: password-reset / post-challenge and post-login',
    },
  ],
  'The event': [
    row(
      'post-challenge: every documented member, and none of post-login',
      '2.2',
      'event: every required member is there, and no optional one that nobody gave',
      'event: has no session, refresh_token, resource_server, security_context or asn',
    ),
    row(
      'enrolledFactors: undefined when unknown, empty when none',
      '2.2',
      'event.user.enrolledFactors: unknown is absent, none is an empty list',
    ),
    row(
      'post-login: transaction, session, refresh token, risk assessment, asn',
      '3.1',
      'event: has a transaction with metadata, and what the login request said',
      'event: hands through what only post-login has',
      "event.authentication.riskAssessment: Auth0's own, with its codes",
      'assesses the risk of a login by those before it that were let through',
      'tells of the refresh token in its exchange, and of the session it came from',
    ),
    row(
      'a custom domain is hostname, iss and event.custom_domain',
      '2.4',
      'shows the custom domain the browser used, with its metadata',
    ),
    row(
      'may be overridden by a test, in any depth',
      'this project',
      'event: an override reaches any depth, replaces lists and takes members away',
      'takes what a test lays over it',
    ),
  ],
  Runtime: [
    row(
      'handlers must be async functions; Auth0’s text otherwise',
      '4.1',
      'refuses %s with the text of Auth0',
    ),
    row('exports must be an object', '4.1', 'refuses module.exports = %s'),
    row(
      'module, exports, require, console; no __dirname',
      '4.1',
      'has module, exports, require and console, and neither __dirname nor __filename',
    ),
    row(
      'the module is loaded once per instance; its error is thrown again',
      '4.1',
      'runs top-level code once, at the first execution, and logs it there',
      'throws a top-level error again at every execution, without running it again',
    ),
    row('no file can be written', '4.1', 'refuses every way to write a file'),
    row(
      'npm dependencies and Action Modules',
      '4.1',
      'gives a declared npm module from where the Action says',
      'gives an Action Module its own secrets, compiled once',
    ),
    row(
      'secrets belong to the deployed version',
      '4.1',
      'adds the secrets of the Action to the event, and no others',
      'runs as it was deployed until the change is deployed too',
    ),
    row(
      '20 seconds for all Actions of a trigger',
      '4.2',
      'hands each Action what the earlier ones left of 20 seconds',
      'fails the flow when together they took all of it, and runs no later one',
    ),
    row(
      'a log of 256 KiB per execution, cut at the byte',
      '4.2',
      'is cut at 256 KiB, to the byte',
      'drops what is written after the handler settled, and tells of it',
    ),
    row(
      'return values are ignored; what is no Error is wrapped',
      '4.2',
      'ignores what the handler returns',
    ),
    row(
      'a loop, a memory hog, process.exit, a throw at load: its own leg fails, the tenant lives on',
      'this project',
      '%s fails its own step with a clear message, and the tenant lives on',
      'tells of %s, keeps what was asked before, and spares the next leg',
      'an Action that loops while it loads times out each time',
      'an Action that ends its process while it loads fails each time',
    ),
    {
      claim: 'Node 22 itself, and native add-ons refused',
      from: '4.1',
      tests: [],
      notEmulated: 'Actions run on the Node that runs the emulator (20.19 or later)',
    },
  ],
  'Clients of a real tenant': [
    row(
      'callbacks and logout addresses with a wildcard for one subdomain',
      'Auth0 docs, subdomain placeholders',
      'a wildcard on the list of callbacks stands for one label, and logs in nowhere else',
    ),
    row(
      'openid-client, express-openid-connect and auth0-spa-js log in',
      'this project',
      'logs in by code with PKCE and verifies the ID token',
      'logs in with a code, asks for the profile, and logs out at the tenant',
      'logs in by redirect and gets a token again in a hidden frame',
    ),
    row(
      'the auth0 management client and auth0-deploy-cli work',
      '6.1 and 6.2',
      'deploys an Action when it is built, not before, and binds it',
      'imports the Actions of this project and exports them without a difference',
    ),
    row(
      'a SAML service provider logs in',
      'this project',
      'logs in by the redirect binding with a signed assertion',
    ),
  ],
}
