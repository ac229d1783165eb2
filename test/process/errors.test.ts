import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeError, fileProblem, MachineError } from '../../src/process/errors.ts';
import { startProgram } from '../support/stack.ts';
import { temporaryHome } from '../support/temporary-home.ts';

const WHAT_TO_DO =
  'Mend that and start again, or set HOLDFAST_HOME to another folder, in which Holdfast keeps its files.';

function described(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return describeError(error);
  }
  throw new Error('It did not fail.');
}

test('what was written for a person is shown as it is, and a fault of ours with its stack', () => {
  expect(describeError(new MachineError('Do this.'))).toBe('Do this.');
  expect(describeError(new TypeError('x is undefined'))).toMatch(/^TypeError: x is undefined\n +at /);
});

test('files that cannot be used are a sentence', async () => {
  await using home = await temporaryHome();
  const file = join(home.path, 'file');
  writeFileSync(file, '');
  expect(described(() => openSync(home.path, 'w'))).toBe(
    `Cannot use ${home.path}: it is a folder (EISDIR). ${WHAT_TO_DO}`,
  );
  expect(described(() => mkdirSync(join(file, 'x'), { recursive: true }))).toBe(
    `Cannot use ${file}/x: a part of that path is a file and no folder (ENOTDIR). ${WHAT_TO_DO}`,
  );
});

test('a file that is missing where it should not be is a fault of ours', async () => {
  await using home = await temporaryHome();
  expect(described(() => openSync(join(home.path, 'none'), 'r'))).toMatch(/^Error: ENOENT.+\n +at /);
});

test('a full disk is named by what was to be written, which the error does not know', () => {
  let error: unknown;
  try {
    writeFileSync('/dev/full', 'x');
  } catch (thrown) {
    error = thrown;
  }
  expect(fileProblem(error, '/home/pids')).toBe(`Cannot use /home/pids: its disk is full (ENOSPC). ${WHAT_TO_DO}`);
  expect(fileProblem(new Error('another'), '/home/pids')).toBeUndefined();
});

test.each(['dev', 'web', 'hard_worker', 'temporal-server'])(
  'bin/%s says in one sentence that its home cannot be made, and exits',
  async (name) => {
    await using program = startProgram(name, [], { ...process.env, HOLDFAST_HOME: '/dev/null/home' });
    expect(await program.ended).toBe(1);
    expect(program.output()).toBe(
      `Cannot use /dev/null/home: a part of that path is a file and no folder (ENOTDIR). ${WHAT_TO_DO}\n`,
    );
  },
);
