/**
 * A reference Action as a Terraform module for the `auth0/auth0` provider. The binding is appended
 * with `auth0_trigger_action`; `auth0_trigger_actions` would take every other Action off the trigger.
 */
import type { ReferenceAction, ReferenceSecret } from './actions-catalogue.ts'

export interface TerraformModule {
  /** File name → content. */
  readonly files: Readonly<Record<string, string>>
}

export function terraformModule(action: ReferenceAction): TerraformModule {
  const label = action.name.replaceAll('-', '_')
  return {
    files: {
      'main.tf': mainOf(action, label),
      'variables.tf': action.secrets.map(variable).join('\n'),
      'outputs.tf': `output "action_id" {\n  value = auth0_action.${label}.id\n}\n`,
    },
  }
}

const mainOf = ({ name, trigger, runtime, file, secrets }: ReferenceAction, label: string) => `\
terraform {
  required_version = ">= 1.3"
  required_providers {
    auth0 = {
      source  = "auth0/auth0"
      version = ">= 1.0.0"
    }
  }
}

# Secrets given this way are kept in Terraform's state: keep the state where secrets may be.
resource "auth0_action" "${label}" {
  name    = ${quoted(name)}
  runtime = ${quoted(runtime)}
  code    = file("\${path.module}/${file}")
  deploy  = true

  supported_triggers {
    id      = ${quoted(trigger.id)}
    version = ${quoted(trigger.version)}
  }
${secrets.map(secretBlock).join('')}}

# Appends; other Actions of the trigger stay. Do not use auth0_trigger_actions for the same trigger.
resource "auth0_trigger_action" "${label}" {
  trigger      = ${quoted(trigger.id)}
  action_id    = auth0_action.${label}.id
  display_name = ${quoted(name)}
}
`

const secretBlock = ({ name }: ReferenceSecret) => `
  secrets {
    name  = ${quoted(name)}
    value = var.${name.toLowerCase()}
  }
`

const variable = ({ name, value }: ReferenceSecret) => `\
variable "${name.toLowerCase()}" {
${
  value === undefined
    ? '  type      = string\n  sensitive = true\n'
    : `  type    = string\n  default = ${quoted(value)}\n`
}}
`

/** HCL expands a dollar or percent sign before a brace, inside quotes too. */
const quoted = (text: string) =>
  JSON.stringify(text).replaceAll('${', '$${').replaceAll('%{', '%%{')
