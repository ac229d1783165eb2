import { expect, test } from 'vitest';
import { commandRunner } from '../../src/dev/run-command.ts';

const run = commandRunner('/', process.env);

test('what a command printed on both outputs, and whether it ended well', async () => {
  expect(await run('sh', ['-c', 'pwd; echo oops >&2'], 10_000)).toEqual({ ok: true, said: '/\noops\n' });
  expect(await run('sh', ['-c', 'echo no; exit 3'], 10_000)).toEqual({ ok: false, said: 'no\n' });
});

test('a command that is not there did not end well', async () => {
  expect(await run('/nowhere/at-all', [], 10_000)).toEqual({ ok: false, said: 'Error: spawn /nowhere/at-all ENOENT' });
});

test('a command that takes too long is ended, and says so', async () => {
  const { ok, said } = await run('sleep', ['60'], 50);
  expect({ ok, said }).toEqual({ ok: false, said: 'It took longer than 0.05 s.\n' });
});

test('a grandchild that holds on to the outputs keeps nobody waiting', async () => {
  const { ok, said } = await run('sh', ['-c', 'sleep 60 & echo $!'], 10_000);
  process.kill(Number(said));
  expect(ok).toBe(true);
});
