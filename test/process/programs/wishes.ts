/** Says which wish to stop it has heard. `--block MS` computes for so long after the first; `--child` starts another that leaves signals to it. */
import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { aborted, leaveSignalsToParent, listenForStop } from '../../../src/process/stop-signals.ts';

const { values } = parseArgs({
  options: { block: { type: 'string' }, child: { type: 'boolean' }, leave: { type: 'boolean' } },
});

if (values.leave === true) {
  leaveSignalsToParent();
  process.send?.('ready');
  process.once('disconnect', () => process.exit());
} else {
  using stop = listenForStop(process.env);
  const child = values.child === true ? fork(import.meta.filename, ['--leave']) : undefined;
  child?.once('exit', (code, signal) => process.stdout.write(`child ${signal ?? code}\n`));
  if (child !== undefined) await new Promise((resolve) => child.once('message', resolve));
  process.stdout.write('ready\n');
  await aborted(stop.first);
  process.stdout.write('first\n');
  const until = performance.now() + Number(values.block ?? 0);
  while (performance.now() < until);
  await aborted(stop.second);
  process.stdout.write('second\n');
  child?.disconnect();
}
