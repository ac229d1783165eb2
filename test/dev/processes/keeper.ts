/** Stands in for the workers in tests of what runs them: needs Temporal to the last moment of its draining. */
import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig } from '../../../src/config.ts';
import { writePidFile } from '../../../src/process/pid-files.ts';
import { isListening } from '../../../src/dev/ports.ts';

const { home, temporal } = loadConfig(process.env);
using pidFile = new DisposableStack();
pidFile.use(writePidFile(home, 'keeper'));
const alive = setInterval(() => {}, 60_000);
const stopped = Promise.withResolvers<NodeJS.Signals>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.resolve(signal));
process.stdout.write('keeper is up\n');
process.stdout.write(`keeper got ${await stopped.promise}\n`);
await delay(1_000); // An attempt that takes a second to end.
const listening = await isListening(temporal.address, 1_000);
process.stdout.write(`keeper has drained, Temporal ${listening ? 'still answered' : 'was gone'}\n`);
clearInterval(alive);
