/** Whether the browser that came is one of the user's. Not a signal: several signals ask it. */
import type { Facts } from '../facts.ts'

/** It brought a device cookie that this user was confirmed with. No cookie is no device of anybody. */
export function isRecognised({ request: { device }, store: { profile } }: Facts): boolean {
  return device !== undefined && Object.hasOwn(profile?.hist.device ?? {}, device)
}
