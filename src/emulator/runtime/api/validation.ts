/** `api.validation` of post-login: stops the login with an error of the customer's own. */
import { VALIDATION_ERROR_CHARACTERS } from '../limits.ts'
import type { LegContext } from '../thread/leg-context.ts'
import { refuseFaults, requiredFaults, textFaults } from './input-faults.ts'

export interface ValidationApi<Api> {
  error(errorCode: string, errorMessage: string): Api
}

export function validationApi<Api>(context: LegContext, api: () => Api): ValidationApi<Api> {
  return {
    error(errorCode, errorMessage) {
      const given = { errorCode, errorMessage }
      refuseFaults([
        ...requiredFaults(given),
        ...Object.entries(given).flatMap(([name, value]) =>
          value === undefined ? [] : textFaults(name, value, VALIDATION_ERROR_CHARACTERS),
        ),
      ])
      context.record({ type: 'validation.error', code: errorCode, message: errorMessage })
      return api()
    },
  }
}
