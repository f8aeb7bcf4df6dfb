/** `api.user` of post-login: metadata changes, carried out together at the end of the flow. */
import { isObject, type LegContext, objectAt } from '../thread/leg-context.ts'

export interface UserApi<Api> {
  /** `null` removes the property. */
  setAppMetadata(name: string, value: unknown): Api
  setUserMetadata(name: string, value: unknown): Api
}

export function userApi<Api>(context: LegContext, api: () => Api): UserApi<Api> {
  const stored = (kind: 'app_metadata' | 'user_metadata') => objectAt(context.event, 'user')[kind]
  return {
    setAppMetadata(name, value) {
      if (!isObject(stored('app_metadata'))) {
        throw new Error('Unexpected app_metadata format. Must be a valid JSON object')
      }
      context.record({ type: 'user.setAppMetadata', name, value })
      return api()
    },
    setUserMetadata(name, value) {
      // Auth0's text for this one ends with a full stop, the other one's does not.
      if (!isObject(stored('user_metadata'))) {
        throw new Error('Unexpected user_metadata format. Must be a valid JSON object.')
      }
      context.record({ type: 'user.setUserMetadata', name, value })
      return api()
    },
  }
}
