import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { leftBehind, type Held } from './held-resources.ts';

const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
const CONFIG = fileURLToPath(new URL('leaky/vitest.config.ts', import.meta.url));

const held = (resources: readonly string[], ...pids: readonly number[]): Held => ({
  resources,
  children: pids.map((pid) => ({ pid, command: `sleep ${pid}` })),
});

test.each<[string, Held, Held, string[]]>([
  ['the same', held(['PipeWrap', 'Timeout'], 7), held(['Timeout', 'PipeWrap'], 7), []],
  ['less', held(['PipeWrap', 'Timeout'], 7), held([]), []],
  ['more of a kind', held(['Timeout']), held(['Timeout', 'Timeout', 'Timeout']), ['a timer (2 × Timeout)']],
  ['another kind', held(['Timeout']), held(['TCPServerWrap']), ['a listening socket (1 × TCPServerWrap)']],
  ['a kind that has no word', held([]), held(['Zlib']), ['something (1 × Zlib)']],
  ['another process', held(['ProcessWrap'], 7), held(['ProcessWrap'], 8), ['the process 8 (sleep 8)']],
  ['a process, told of once', held([]), held(['ProcessWrap'], 8), ['the process 8 (sleep 8)']],
  ['a process of which only Node tells', held([]), held(['ProcessWrap']), ['a process (1 × ProcessWrap)']],
])('%s', (_what, before, now, left) => {
  expect(leftBehind(before, now)).toEqual(left);
});

/** Runs one of the files in `leaky/` as vitest runs every other. @returns what was printed */
async function runLeaky(file: string): Promise<{ ok: boolean; printed: string }> {
  const { promise, resolve } = Promise.withResolvers<{ ok: boolean; printed: string }>();
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };
  execFile(process.execPath, [VITEST, 'run', '--config', CONFIG, file], { env }, (error, stdout, stderr) =>
    resolve({ ok: error === null, printed: stdout + stderr }),
  );
  return promise;
}

// Elsewhere the process is told of without its command.
test.runIf(process.platform === 'linux')(
  'a file that leaves something behind fails, though its tests pass',
  async () => {
    const { ok, printed } = await runLeaky('leaves-all-behind');
    const said = /These tests left behind the process (?<pid>\d+) \(sleep 21\), (?<rest>.*)\. A test ends/.exec(
      printed,
    )?.groups;
    if (said?.['pid'] !== undefined) process.kill(Number(said['pid']));
    expect(said?.['rest']?.split(', ').sort()).toEqual([
      'a listening socket (2 × TCPServerWrap)',
      'a timer (1 × Timeout)',
    ]);
    expect(printed).toMatch(/Tests +1 passed/);
    expect(ok).toBe(false);
  },
);

test('a file whose leftovers end a moment later passes', async () => {
  expect(await runLeaky('leaves-nothing-behind')).toMatchObject({ ok: true });
});
