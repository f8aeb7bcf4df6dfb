/** Runs the checks of `doctor` in the order in which one would look: configuration, database, policies. */
import { lookAtDatabase } from '../../db/diagnosis.ts'
import { listPolicies } from '../../db/policies.ts'
import { hostFindings, readConfig } from './doctor-config.ts'
import { databaseFindings } from './doctor-database.ts'
import { keyFindings } from './doctor-keys.ts'
import { policyFindings, streamFindings } from './doctor-tenants.ts'
import { type Finding, reportFindings } from './findings.ts'
import { createProgress } from './progress.ts'
import { ofProcess, type Surroundings } from './surroundings.ts'

export interface DoctorFlags {
  readonly online?: true
  readonly log?: string
  readonly json?: true
}

/** Whether nothing is wrong. */
export async function runDoctor(
  flags: DoctorFlags,
  around: Surroundings = ofProcess,
): Promise<boolean> {
  const nowSeconds = Date.now() / 1000
  const { config, findings: configured } = readConfig(around.env)
  const findings: Finding[] = [...configured]
  const secrets = config?.revealSecrets()
  if (config && flags.online) {
    const bar = createProgress('hosts asked', process.stderr)
    findings.push(...(await hostFindings(config, around.fetch ?? fetch, bar.show)))
    bar.end()
  }
  if (config && secrets?.databaseUrl !== undefined) {
    const looked = await lookAtDatabase(secrets.databaseUrl)
    findings.push(...databaseFindings(looked, Date.now() / 1000))
    if (looked.ok && looked.look.records) {
      const versions = await listPolicies(secrets.databaseUrl)
      findings.push(...policyFindings([...config.tenants.keys()], versions))
      const streams = [...secrets.streamTokens.keys()]
      findings.push(...streamFindings(streams, looked.look.records.streamAgeSeconds))
    }
  }
  if (flags.log !== undefined) findings.push(...keyFindings(flags.log, nowSeconds))
  return reportFindings(findings, flags.json === true, around.write)
}
