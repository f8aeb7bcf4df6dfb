/** Challenges: whether the factors exist, and whether the user has them. */
import type { ActionSource, ApiCall } from '../action-source.ts'
import type { Fault, Rule } from '../finding.ts'
import { is, memberOf, type Node, nodesIn, textOf } from '../syntax.ts'

/** Types a selector may have (`push` is the short name). */
const FACTOR_TYPES = new Set(
  'otp email phone push push-notification recovery-code webauthn-platform webauthn-roaming'.split(
    ' ',
  ),
)

const SELECTING = new Set(
  'challengeWith challengeWithAny enrollWith enrollWithAny'
    .split(' ')
    .map((name) => `authentication.${name}`),
)

/** The `type` of every selector written out in the call. */
const typesIn = ({ node }: ApiCall): readonly { readonly at: Node; readonly type: string }[] =>
  node.arguments
    .flatMap((argument) => [...nodesIn(argument)])
    .flatMap((inner) => {
      const at = is(inner, 'ObjectExpression') ? memberOf(inner, 'type') : undefined
      const type = textOf(at)
      return at && type !== undefined ? [{ at, type }] : []
    })

export const unknownFactorType: Rule = {
  id: 'challenge-with-sms',
  severity: 'error',
  why: 'There is no factor type of this name: Auth0 ignores it, and when nothing else is left the flow fails.',
  fix: "For a text message write { type: 'phone', options: { preferredMethod: 'sms' } }.",
  source:
    'Auth0 docs, post-login API object: supported values; the sample of the password-reset trigger has this mistake',
  check: ({ calls }) =>
    calls
      .filter(({ method }) => SELECTING.has(method))
      .flatMap((call) =>
        typesIn(call)
          .filter(({ type }) => !FACTOR_TYPES.has(type))
          .map(({ at, type }) => ({ at, message: `There is no factor of type "${type}".` })),
      ),
}

export const unenrolledFactor: Rule = {
  id: 'unenrolled-factor',
  severity: 'error',
  why: 'A challenge with nothing the user has enrolled fails the whole flow: these users are locked out.',
  fix: 'Ask for types found in event.user.enrolledFactors only, and decide what happens to a user without any.',
  source: 'Auth0 docs, post-login API object: without an enrolled factor the command fails',
  check: (action) =>
    action.calls
      .filter(({ method }) => /^authentication\.challengeWith(Any)?$/.test(method))
      .filter((call) => typesIn(call).length > 0 && !asksForFactors(action, call))
      .map(({ node }) => ({
        at: node,
        message: 'Nothing here looks at whether the user has enrolled this factor.',
      })),
}

/** Whether the handler the call belongs to ever looks at the enrolled factors. */
function asksForFactors(action: ActionSource, call: ApiCall): boolean {
  const handlers = action.exports.filter((handler) =>
    action.callsFrom(handler, call.method).some(({ node }) => node === call.node),
  )
  const places = handlers.flatMap((handler) => action.reachedFrom(handler))
  return places.some((place) => [...nodesIn(place)].some(isEnrolledFactors))
}

const isEnrolledFactors = (node: Node) =>
  is(node, 'Identifier') && /^(enrolledFactors|multifactor)$/.test(node.name)

export const enrolledFactorsUnknown: Rule = {
  id: 'enrolled-factors-unknown',
  severity: 'error',
  why: 'event.user.enrolledFactors is undefined when Auth0 could not fetch it, which is not the same as none: the handler throws and the flow fails.',
  fix: 'Write event.user.enrolledFactors?.… and treat undefined as unknown: deny, or go without.',
  source:
    'Auth0 docs, post-challenge event object; the sample of the password-reset trigger has this mistake',
  check: (action) =>
    [...nodesIn(action.program)].flatMap((node): readonly Fault[] => {
      if (!is(node, 'MemberExpression') || isOptional(node)) return []
      if (action.eventPath(node.object)?.join('.') !== 'event.user.enrolledFactors') return []
      return isGuarded(action, node)
        ? []
        : [{ at: node, message: 'enrolledFactors may be undefined here.' }]
    }),
}

const isOptional = (node: Node) => Reflect.get(node, 'optional') === true

/** A condition around it, or earlier in the function, that looks at the factors. */
function isGuarded(action: ActionSource, node: Node): boolean {
  const around = action.functionAround(node)
  if (!around) return false
  return [...nodesIn(around)].some((one) => {
    const test =
      is(one, 'IfStatement') || is(one, 'ConditionalExpression')
        ? one.test
        : is(one, 'LogicalExpression')
          ? one.left
          : undefined
    return (
      test !== undefined &&
      test.start < node.start &&
      ![...nodesIn(test)].includes(node) &&
      [...nodesIn(test)].some(
        (inner) => action.eventPath(inner)?.join('.') === 'event.user.enrolledFactors',
      )
    )
  })
}
