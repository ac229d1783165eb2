/** What a worker leaves for its successor, if it is killed. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { processIdentity } from '../../src/process/process-identity.ts';
import { ActivitiesInHand, inHandFolder } from '../../src/worker/activities-in-hand.ts';
import { startSleeper } from '../support/sleeper.ts';
import { temporaryHome } from '../support/temporary-home.ts';

function activity(n: number) {
  return { taskToken: `token-${n}`, workflowId: `job-${n}`, runId: 'run-1', activityId: '1' };
}

function filesIn(home: string): string[] {
  const names = readdirSync(inHandFolder(home)).filter((name) => name.endsWith('.jsonl'));
  return names.map((name) => join(inHandFolder(home), name));
}

/** Without its life sign, which comes when it can. */
function linesIn(home: string): unknown[] {
  const [file = ''] = filesIn(home);
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
    .filter((line) => !('lifeSign' in line));
}

test('whatever is taken has a line, and one when it is let go', async () => {
  await using home = await temporaryHome();
  const inHand = new ActivitiesInHand(home.path);
  const { pid } = await startSleeper();
  const first = inHand.note(activity(1));
  inHand.note(activity(2));
  const runner = inHand.noteRunner(pid);
  await turn();
  first[Symbol.dispose]();
  runner[Symbol.dispose]();
  await turn();
  expect(linesIn(home.path)).toEqual([
    { worker: processIdentity(process.pid), pidNamespace: expect.any(String) },
    { taken: 1, activity: activity(1) },
    { taken: 2, activity: activity(2) },
    { runner: processIdentity(pid) },
    { done: 1 },
    { runnerGone: pid },
  ]);
});

test('nobody else may read the file', async () => {
  await using home = await temporaryHome();
  const inHand = new ActivitiesInHand(home.path);
  inHand.note(activity(1));
  await turn();
  const folder = inHandFolder(home.path);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(filesIn(home.path)).toHaveLength(1);
  for (const file of filesIn(home.path)) expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a file that has grown is rewritten as what still is in hand', async () => {
  await using home = await temporaryHome();
  const inHand = new ActivitiesInHand(home.path);
  const { pid } = await startSleeper();
  inHand.noteRunner(pid);
  inHand.note(activity(0));
  for (let n = 1; n <= 11_000; n += 1) inHand.note(activity(n))[Symbol.dispose]();
  await turn();
  expect(linesIn(home.path)).toEqual([
    { worker: processIdentity(process.pid), pidNamespace: expect.any(String) },
    { runner: processIdentity(pid) },
    { taken: 1, activity: activity(0) },
  ]);
  inHand.note(activity(1));
  await turn();
  expect(linesIn(home.path)).toHaveLength(4);
});

test('a worker that has told everything leaves no file, whatever it lets go afterwards', async () => {
  await using home = await temporaryHome();
  const inHand = new ActivitiesInHand(home.path);
  const late = inHand.note(activity(1));
  inHand.close();
  late[Symbol.dispose]();
  await turn();
  expect(readdirSync(inHandFolder(home.path))).toEqual([]);
});

test('a worker of the same number, as every one of a container, leaves its predecessor’s file alone', async () => {
  await using home = await temporaryHome();
  const before = new ActivitiesInHand(home.path);
  before.note(activity(1));
  await turn();
  const after = new ActivitiesInHand(home.path);
  expect(filesIn(home.path)).toHaveLength(2);
  after.close();
  expect(linesIn(home.path)).toContainEqual({ taken: 1, activity: activity(1) });
});

test('its life sign stands in its file, and still does when that is rewritten', async () => {
  await using home = await temporaryHome();
  const inHand = new ActivitiesInHand(home.path);
  const [file = ''] = filesIn(home.path);
  const signs = () => readFileSync(file, 'utf8').match(/"lifeSign"/g);
  await vi.waitFor(() => expect(signs()).toHaveLength(1));
  for (let n = 1; n <= 11_000; n += 1) inHand.note(activity(n))[Symbol.dispose]();
  await turn();
  expect(readFileSync(file, 'utf8').split('\n').length).toBeLessThan(5);
  expect(signs()).toHaveLength(1);
});
