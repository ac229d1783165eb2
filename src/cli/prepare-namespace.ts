/** One of the jobs of docker-compose.yml; development has `dev` for the same. */
import { Command } from 'commander';
import { loadConfig } from '../config/config.ts';
import { describeError } from '../process/errors.ts';
import { connectClient } from '../temporal/connect.ts';
import { NamespaceUnpreparedError } from '../temporal/errors.ts';
import { prepareNamespace } from '../temporal/prepare-namespace.ts';
import { surviveLostOutput } from '../process/output.ts';

export function prepareNamespaceCommand(name: string): Command {
  return new Command(name)
    .description(
      'Creates the Temporal namespace and registers the search attributes that Holdfast needs. Safe to repeat.',
    )
    .option('--wait <seconds>', 'for a server that is starting', Number, 60)
    .addHelpText('after', '\nSettings: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the other TEMPORAL_*.')
    .action(prepare);
}

async function prepare({ wait }: { readonly wait: number }): Promise<void> {
  surviveLostOutput();
  try {
    const client = connectClient(loadConfig(process.env).temporal);
    const { created, retentionDays, registered } = await prepareNamespace(client, { withinMs: wait * 1_000 });
    process.stdout.write(
      `Namespace ${client.options.namespace} ${created ? 'created' : 'is there'}, keeps ended jobs for ${retentionDays} days; ` +
        `search attributes ${registered.length === 0 ? 'are registered' : `registered: ${registered.join(', ')}`}.\n`,
    );
    await client.connection.close();
  } catch (error) {
    process.stderr.write(`${error instanceof NamespaceUnpreparedError ? error.message : describeError(error)}\n`);
    process.exitCode = 1;
  }
}
