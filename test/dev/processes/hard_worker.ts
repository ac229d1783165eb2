/** Stands in for the workers in tests of what runs them: needs Temporal to the last moment of its draining. Says each signal, and hurries at the second. */
import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig } from '../../../src/config/config.ts';
import { writePidFile } from '../../../src/process/pid-files.ts';
import { isListening } from '../../../src/dev/ports.ts';

const { home, temporal } = loadConfig(process.env);
using pidFile = new DisposableStack();
pidFile.use(writePidFile(home, 'worker'));
const alive = setInterval(() => {}, 60_000);
const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
let signals = 0;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    process.stdout.write(`worker got ${signal}\n`);
    (signals++ === 0 ? first : second).resolve();
  });
process.stdout.write('worker is up\n');
await first.promise;
// An attempt that takes a second to end, if nothing else is said.
const drained = delay(Number(process.env['WORKER_DRAINS_FOR_MS'] ?? 1_000)).then(() => 'has drained');
const how = await Promise.race([drained, second.promise.then(() => 'hurries')]);
const listening = await isListening(temporal.address, 1_000);
process.stdout.write(`worker ${how}, Temporal ${listening ? 'still answered' : 'was gone'}\n`);
clearInterval(alive);
process.exit();
