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

export const NOT_RUN: readonly NotRun[] = [
  {
    command: 'npm ci',
    reason: 'replaces node_modules, on which the suite runs; it is rehearsed with --dry-run',
    heldBy: { file: '.ci/run', says: '\nnpm ci\n' },
  },
  {
    command: 'npm test',
    reason: 'is this suite',
    heldBy: { file: '.ci/run', says: '\nnpm test\n' },
  },
]
