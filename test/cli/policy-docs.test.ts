/** The policy guide says what is so: its examples parse, its commands exist, its defaults are those in force. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { policyCommand } from '../../src/cli/policy.ts'
import { describePolicy } from '../../src/verifier/domain/policy-text.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { parsePolicy } from '../../src/verifier/schema/policy-document.ts'

const read = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)), 'utf8')
const GUIDE = read('policy.md')
const [RESET] = defaultPolicies('monitor')

const examples = [...GUIDE.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = '']) => text)

describe('the policy guide', () => {
  it.each([
    ['policy-password-reset.md', 'password_reset'],
    ['policy-login.md', 'login'],
  ])('%s is what `policy document default` prints', (name, flow) => {
    const policy = defaultPolicies('monitor').find((each) => each.flow === flow)
    expect(policy && describePolicy(policy)).toBe(read(name))
  })

  it('shows a policy, a condition and a rule that are accepted', () => {
    const [whole, condition, rule] = examples.map((text) => JSON.parse(text))
    expect(parsePolicy(whole)).toMatchObject({ ok: true })
    const floor = { id: 'x', floor: 'step_up', on_unknown: 'none', reason: 'x', when: condition }
    expect(parsePolicy({ ...RESET, floors: [floor], rules: [rule] })).toMatchObject({ ok: true })
    expect(examples).toHaveLength(3)
  })

  it('names commands and options that there are', () => {
    const lines = [...GUIDE.matchAll(/redirect-verifier policy ([a-z]+)([^\n#>]*)/g)]
    expect(lines.length).toBeGreaterThan(10)
    for (const [, name, rest = ''] of lines) {
      const command = policyCommand().commands.find((each) => each.name() === name)
      expect(command, `policy ${name}`).toBeDefined()
      for (const [option] of rest.matchAll(/--[a-z-]+/g))
        expect(command?.options.map(({ long }) => long)).toContain(option)
    }
  })

  it('explains each member that a policy may have', () => {
    for (const member of Object.keys(RESET ?? {})) expect(GUIDE).toContain(`| \`${member}`)
    for (const member of Object.keys(RESET?.model ?? {})) expect(GUIDE).toContain(`\`${member}\``)
  })
})
