import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeError, fileProblem, MachineError } from '../../src/process/errors.ts';
import { startProgram } from '../support/stack.ts';
import { temporaryHome } from '../support/temporary-home.ts';

const WHAT_TO_DO =
  'Mend that and start again, or set HOLDFAST_HOME to another folder, in which Holdfast keeps its files.';

function caught(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('It did not fail.');
}

function described(work: () => unknown): string {
  return describeError(caught(work));
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

test('a full disk is named by the folder that was to be written to', () => {
  const error = caught(() => writeFileSync('/dev/full', 'x'));
  expect(fileProblem(error, '/home/pids')).toBe(`Cannot use /home/pids: its disk is full (ENOSPC). ${WHAT_TO_DO}`);
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
