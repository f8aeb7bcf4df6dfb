/**
 * The commands of the documentation that the suite does not carry out, word for word, each with its
 * reason and with what tries it elsewhere. Narrow on purpose: whatever else stands in a block is run.
 */
export interface NotRun {
  readonly command: string
  readonly reason: string
  /** A file of the checkout, and what stands in it. */
  readonly heldBy: { readonly file: string; readonly says: string }
}

const INSTALLS = 'replaces node_modules, on which the suite runs; it is rehearsed with --dry-run'

export const NOT_RUN: readonly NotRun[] = [
  {
    command: 'npm ci',
    reason: INSTALLS,
    heldBy: { file: '.ci/run', says: '\nnpm ci\n' },
  },
  {
    command: 'npm ci --ignore-scripts',
    reason: INSTALLS,
    heldBy: { file: '.ci/run', says: '\nnpm ci\n' },
  },
  {
    command: 'npm ci --omit=dev --ignore-scripts',
    reason: INSTALLS,
    // The packed package: the same dependencies, none for development, no scripts.
    heldBy: { file: 'test/cli/package-smoke.test.ts', says: "'--ignore-scripts'" },
  },
  {
    command: 'npm test',
    reason: 'is this suite',
    heldBy: { file: '.ci/run', says: '\nnpm test\n' },
  },
  {
    command: 'npx wrangler login',
    reason: "opens a browser at Cloudflare; with wrangler's own --help it is asked for",
    heldBy: { file: 'test/cli/docs-deployed.test.ts', says: 'wrangler login' },
  },
  {
    command: 'auth0 api get  "actions/triggers/password-reset-post-challenge/bindings"',
    reason: "is Auth0's command line, which is no package of npm",
    heldBy: { file: 'test/cli/actions.test.ts', says: '/bindings`)' },
  },
  {
    command:
      'auth0 api patch "actions/triggers/password-reset-post-challenge/bindings" --data \'{"bindings":[…what was there…,{"ref":{"type":"action_name","value":"password-reset-verify"},"display_name":"password-reset-verify"}]}\'',
    reason: "is Auth0's command line, which is no package of npm",
    heldBy: { file: 'test/cli/actions.test.ts', says: "/bindings`, 'PATCH'" },
  },
]
