/** `api.prompt` of both triggers: a form in the middle of the flow (contract 2.3). */
import {
  PROMPT_FIELD_NAME,
  PROMPT_ID_CHARACTERS,
  PROMPT_MEMBERS,
  PROMPT_OPTIONS_BYTES,
} from '../limits.ts'
import type { LegContext } from '../thread/leg-context.ts'
import {
  type Faults,
  objectFaults,
  refuseFaults,
  requiredFaults,
  textFaults,
} from './input-faults.ts'

export const REDIRECT_AND_RENDER = 'Redirect and render commands cannot be used in the same action.'

export interface PromptOptions {
  readonly fields?: Readonly<Record<string, unknown>>
  readonly vars?: Readonly<Record<string, unknown>>
}

export interface PromptApi {
  render(promptId: string, promptOptions?: PromptOptions): void
}

export function promptApi(context: LegContext): PromptApi {
  return {
    render(promptId, promptOptions) {
      if (context.has('redirect.sendUserTo')) context.abort(REDIRECT_AND_RENDER)
      if (context.has('prompt.render')) {
        context.abort('Only 1 render command per action is allowed.')
      }
      const options = promptOptions || {}
      refuseFaults(promptFaults(promptId, options))
      if (Buffer.byteLength(JSON.stringify(options), 'utf8') > PROMPT_OPTIONS_BYTES) {
        throw new Error(
          `The total size of the prompt options exceeds the limit of ${PROMPT_OPTIONS_BYTES} bytes.`,
        )
      }
      const { fields = {}, vars = {} } = options
      context.record({ type: 'prompt.render', promptId, fields, vars })
    },
  }
}

function promptFaults(promptId: unknown, options: PromptOptions): Faults {
  return [
    ...requiredFaults({ promptId }),
    ...(promptId === undefined ? [] : textFaults('promptId', promptId, PROMPT_ID_CHARACTERS)),
    ...objectFaults('promptOptions', options, { allowed: ['fields', 'vars'] }),
    ...objectFaults('fields', options.fields, { most: PROMPT_MEMBERS, names: PROMPT_FIELD_NAME }),
    ...objectFaults('vars', options.vars, { most: PROMPT_MEMBERS }),
  ]
}
