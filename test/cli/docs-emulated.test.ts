/** The calls of docs/emulator.md, blocks marked `sh emulated`, as one script against a tenant that listens. */
import { expect, it, onTestFinished } from 'vitest'
import { createTenant } from '../../src/emulator/index.ts'
import { blocksFor, documentsFor } from '../support/docs-blocks.ts'
import { openShell } from '../support/docs-shell.ts'

it('the calls of the control plane are answered, in their order', async () => {
  expect(documentsFor('emulated')).toEqual(['docs/emulator.md'])
  const tenant = createTenant()
  onTestFinished(() => tenant.close())
  const { port } = await tenant.listen()
  const script = blocksFor('emulated', 'docs/emulator.md').join('\n')
  expect(script).toContain('http://tenant.localhost:3101/')
  const strict = script
    .replace(':3101/', `:${port}/`)
    .replaceAll(/^curl /gm, 'curl --fail-with-body ')
  const { code, said } = await openShell().run(strict)
  expect(code, said).toBe(0)
  expect(said).toContain('eve@example.com')
  // The last of them puts the tenant back to how it was created.
  expect(tenant.users.get('eve@example.com')).toBeUndefined()
})
