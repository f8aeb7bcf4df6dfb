/** `actions init`: a reference Action in a folder of one's own, ready for a deploy tool. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { actionNamed, readCatalogue } from './actions-catalogue.ts'
import { terraformModule } from './actions-terraform.ts'
import { type AnswerFlags, answer } from './answer.ts'
import { EXIT, Failure } from './failure.ts'

export interface InitFlags extends AnswerFlags {
  readonly to: string
  readonly format: 'yaml' | 'terraform'
  readonly force?: true
}

export function runInit(name: string, flags: InitFlags): void {
  const { to, format, force } = flags
  const catalogue = readCatalogue()
  const action = actionNamed(catalogue, name)
  const files: Readonly<Record<string, string>> = {
    [action.file]: action.code,
    ...(format === 'terraform'
      ? terraformModule(action).files
      : { 'tenant.yaml': catalogue.yamlOf(name) }),
  }
  const standing = Object.keys(files).filter((file) => existsSync(join(to, file)))
  if (standing.length > 0 && !force) {
    throw new Failure(
      `${to} has ${standing.join(', ')} already: --force writes over it.`,
      EXIT.usage,
    )
  }
  mkdirSync(to, { recursive: true })
  for (const [file, text] of Object.entries(files)) writeFileSync(join(to, file), text)
  const written = Object.keys(files).map((file) => join(to, file))
  answer(
    flags,
    { action: name, format, written },
    [...written.map((path) => `wrote ${path}`), ...nextSteps(format, to, name)].join('\n'),
  )
}

const nextSteps = (format: InitFlags['format'], to: string, name: string) =>
  format === 'terraform'
    ? ['', 'It deploys in observe mode and appends the binding: terraform init && terraform apply']
    : [
        '',
        'It deploys in observe mode. Deploy and bind it, other Actions untouched:',
        `  redirect-verifier actions deploy ${name} --from ${to} --dry-run`,
        'or import it with auth0-deploy-cli and bind it yourself: an import replaces whole bindings.',
      ]
