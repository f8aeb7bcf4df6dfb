/** `actions …`: the reference Actions, from a folder to a tenant and off it again. */
import { Command, Option } from 'commander'
import type { CheckFlags } from './actions-check.ts'
import type { DeployFlags, RemoveFlags } from './actions-deploy.ts'
import type { InitFlags } from './actions-init.ts'
import { loadOptional } from './emulate-load.ts'
import { EXIT } from './failure.ts'

const DOMAIN = 'the tenant, acme.eu.auth0.com; default: AUTH0_DOMAIN'
const USUAL = 'password-reset-verify'

const ENVIRONMENT = `
Environment: AUTH0_DOMAIN; AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET of a machine-to-machine application,
or AUTH0_MANAGEMENT_TOKEN. Scopes:`
const CODES =
  '\nExit codes: 0 done, or nothing to do; 1 it failed or a check does not hold; 2 wrong usage.'

export function actionsCommand(): Command {
  const command = new Command('actions').description('write, deploy, check and remove the Actions')
  const add = (name: string, description: string) =>
    command
      .command(name)
      .description(description)
      .argument(
        '[action]',
        'password-reset-verify, password-reset-recovery-form, login-verify',
        USUAL,
      )

  add('init', 'write an Action with its description into a folder')
    .option('--to <folder>', 'where to', 'auth0')
    .addOption(
      new Option('--format <name>', 'tenant.yaml of auth0-deploy-cli, or a Terraform module')
        .choices(['yaml', 'terraform'])
        .default('yaml'),
    )
    .option('--force', 'write over files that are there')
    .option('--json', 'what was written as JSON')
    .addHelpText('after', CODES)
    .action(async (action: string, flags: InitFlags) => {
      const { runInit } = await loadOptional(() => import('./actions-init.ts'))
      runInit(action, flags)
    })

  add('deploy', 'create or update an Action, deploy it, and append it to its trigger')
    .option('--domain <host>', DOMAIN)
    .option('--from <folder>', "a folder of actions init; default: the package's own")
    .option('--dry-run', 'say what differs and change nothing')
    .option('--secrets', 'set the secrets of an Action that exists as well, all of them')
    .addOption(
      new Option(
        '--set <name=value>',
        'a secret that need not be hidden, RV_MODE=enforce; repeatable',
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--no-bind', 'leave the trigger alone')
    .option('--json', 'one JSON document instead of text')
    .addHelpText(
      'after',
      `${ENVIRONMENT} read:actions create:actions update:actions.
RV_URL, RV_SESSION_SECRET and RV_CONTINUE_SECRET, or NAME_FILE: needed when the Action is new or with
--secrets. What runs keeps its secrets otherwise. A new Action starts in observe mode.
${CODES}`,
    )
    .action(async (action: string, flags: DeployFlags) => {
      const { runDeploy } = await loadOptional(() => import('./actions-deploy.ts'))
      await runDeploy(action, flags)
    })

  add('check', 'see that an Action runs, and that a reset of a test user comes past the verifier')
    .option('--domain <host>', DOMAIN)
    .option('--user <user_id>', 'start a reset of this user by a ticket; no mail is sent')
    .option('--client <client_id>', 'for this application; without it, as callers who forget it do')
    .option('--json', 'one JSON document instead of text')
    .addHelpText('after', `${ENVIRONMENT} read:actions create:user_tickets.${CODES}`)
    .action(async (action: string, flags: CheckFlags) => {
      const { runCheck } = await loadOptional(() => import('./actions-check.ts'))
      if (!(await runCheck(action, flags))) process.exitCode = EXIT.failed
    })

  add('remove', 'take an Action off its trigger and delete it; other Actions stay')
    .option('--domain <host>', DOMAIN)
    .option('--dry-run', 'say what there is and change nothing')
    .option('--json', 'one JSON document instead of text')
    .addHelpText('after', `${ENVIRONMENT} read:actions update:actions delete:actions.${CODES}`)
    .action(async (action: string, flags: RemoveFlags) => {
      const { runRemove } = await loadOptional(() => import('./actions-deploy.ts'))
      await runRemove(action, flags)
    })
  return command
}

const collect = (value: string, before: readonly string[]) => [...before, value]
