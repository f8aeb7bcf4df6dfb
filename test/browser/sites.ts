/** Sites and verifiers that are served until the running test ends. */
import type { RequestListener } from 'node:http'
import { onTestFinished } from 'vitest'
import { openSite, type Site } from './open-site.ts'
import { openVerifier, type VerifierSite, type VerifierSiteOptions } from './verifier-site.ts'

export async function serveSite(name: string, answer: RequestListener): Promise<Site> {
  const site = await openSite(name, answer)
  onTestFinished(site.close)
  return site
}

export const serveVerifier = (options: VerifierSiteOptions = {}): Promise<VerifierSite> =>
  openVerifier(serveSite, options)
