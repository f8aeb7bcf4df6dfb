/** `serve`: the verifier on Node, configured by the environment. The same as `npm start`. */
import { Command } from 'commander'

export function serveCommand(): Command {
  return new Command('serve')
    .description('run the verifier; the README lists its environment variables')
    .addHelpText(
      'after',
      '\nLogs JSON lines. SIGTERM and SIGINT finish what is under way.\nExit codes: 0 stopped by a signal, 1 it could not start or failed.',
    )
    .action(async () => {
      const { runNode } = await import('../node.ts')
      await runNode()
    })
}
