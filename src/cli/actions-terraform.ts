/**
 * A reference Action as a Terraform module for the `auth0/auth0` provider. The binding is appended
 * with `auth0_trigger_action`; `auth0_trigger_actions` would take every other Action off the trigger.
 */
import { PREVIOUS_SECRET, type ReferenceAction, type ReferenceSecret } from './actions-catalogue.ts'

export interface TerraformModule {
  /** File name → content. */
  readonly files: Readonly<Record<string, string>>
}

export function terraformModule(action: ReferenceAction): TerraformModule {
  const label = action.name.replaceAll('-', '_')
  return {
    files: {
      'main.tf': mainOf(action, label),
      'variables.tf': [...action.secrets.map(variable), PREVIOUS_VARIABLE].join('\n'),
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
${secrets.map(secretBlock).join('')}${PREVIOUS_BLOCK}}

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

/** HCL expands a dollar or percent sign before a brace, inside quotes too. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('${', '$${').replaceAll('%{', '%%{')
}

const PREVIOUS_NAME = PREVIOUS_SECRET.toLowerCase()

/** A sensitive value may decide nothing in Terraform; whether there is one is no secret. */
const PREVIOUS_BLOCK = `
  dynamic "secrets" {
    for_each = nonsensitive(var.${PREVIOUS_NAME} == "") ? [] : [${quoted(PREVIOUS_SECRET)}]
    content {
      name  = secrets.value
      value = var.${PREVIOUS_NAME}
    }
  }
`

const PREVIOUS_VARIABLE = `\
# Only while the continue secret is being replaced.
variable "${PREVIOUS_NAME}" {
  type      = string
  default   = ""
  sensitive = true
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
