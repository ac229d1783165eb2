/** A worker that starts tells Temporal what the one before had in hand when it was killed, and ends what that one left running. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { attemptEndFromError } from '../../src/job/attempt-end.ts';
import { isAlive, processIdentity, type ProcessIdentity } from '../../src/process/process-identity.ts';
import { ActivitiesInHand, inHandFolder, pidNamespace } from '../../src/worker/activities-in-hand.ts';
import { reportPredecessors } from '../../src/worker/predecessors.ts';
import { startSleeper } from '../support/sleeper.ts';
import { temporaryHome } from '../support/temporary-home.ts';

const DAY = 24 * 60 * 60_000;
/** Of no process any more: its system started at another time. */
const GONE = { pid: 1, startedAt: 'another boot 5' };

function activity(n: number) {
  const taskToken = Buffer.from(`token-${n}`).toString('base64');
  return { taskToken, workflowId: `job-${n}`, runId: 'run-1', activityId: '1' };
}

/** @param reports what Temporal has heard last of an activity, by workflow id */
function temporal(reports: Readonly<Record<string, object>> = {}, onTold = () => {}) {
  const told = new Map<string, unknown>();
  const refused = new Set<string>();
  const client = {
    options: { loadedDataConverter: { payloadConverter: defaultPayloadConverter, payloadCodecs: [] } },
    withDeadline: async (_deadline: number, call: () => Promise<void>) => call(),
    workflow: {
      getHandle: (workflowId: string) => ({
        async describe() {
          const report = reports[workflowId];
          const heartbeatDetails = report && { payloads: [defaultPayloadConverter.toPayload(report)] };
          return { raw: { pendingActivities: [{ activityId: '1', heartbeatDetails }] } };
        },
      }),
    },
    activity: {
      async fail(token: Uint8Array, error: Error) {
        const of = Buffer.from(token).toString();
        if (refused.has(of)) throw new Error('not found');
        onTold();
        told.set(of, attemptEndFromError(error));
      },
    },
  } as unknown as Client;
  return { client, told, refused };
}

function inHandFile(home: string, lines: readonly (object | string)[], name = 'worker-1.jsonl'): string {
  mkdirSync(inHandFolder(home), { recursive: true });
  const file = join(inHandFolder(home), name);
  writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : `${JSON.stringify(line)}\n`)).join(''));
  return file;
}

function filesIn(home: string): string[] {
  return readdirSync(inHandFolder(home)).filter((name) => name.endsWith('.jsonl'));
}

function identityOf({ pid }: { readonly pid: number }): ProcessIdentity {
  return processIdentity(pid) ?? expect.fail('a sleeper has no identity');
}

const silent = pino({ level: 'silent' });
const deadWorker = () => ({ worker: GONE, pidNamespace: pidNamespace() });

test('what a killed worker had in hand is told as lost, without a witness, and what it had let go is not', async () => {
  await using home = await temporaryHome();
  const report = { startedAt: 5, worker: 'worker-1', checkpoint: { rows: 7 } };
  const module = new URL('../../src/worker/activities-in-hand.ts', import.meta.url).href;
  const program = `
    import { ActivitiesInHand } from ${JSON.stringify(module)};
    const inHand = new ActivitiesInHand(${JSON.stringify(home.path)});
    inHand.note(${JSON.stringify(activity(1))});
    inHand.note(${JSON.stringify(activity(2))})[Symbol.dispose]();
    inHand.note(${JSON.stringify(activity(3))});
    setImmediate(() => console.log('written'));
    setInterval(() => {}, 1_000);`;
  const worker = spawn(process.execPath, ['--input-type=module', '--eval', program]);
  onTestFinished(() => void worker.kill('SIGKILL'));
  await once(worker.stdout, 'data');
  const { client, told } = temporal({ 'job-1': report });
  await reportPredecessors(client, home.path, silent);
  expect(told).toEqual(new Map());

  worker.kill('SIGKILL');
  await once(worker, 'exit');
  await reportPredecessors(client, home.path, silent);
  const message = `worker ${worker.pid} was killed, and with it the process that this ran in`;
  const lost = { as: 'crashed', evidence: 'none', error: { type: 'WorkerLost', message } };
  expect([...told.keys()].toSorted()).toEqual(['token-1', 'token-3']);
  expect(told.get('token-1')).toMatchObject({ ...lost, report });
  expect(told.get('token-3')).toMatchObject(lost);
  expect(told.get('token-3')).not.toHaveProperty('report');
  expect(readdirSync(inHandFolder(home.path))).toEqual([]);
});

describe('a worker of another container, where pids mean something else', () => {
  /** Its file says what a file of another container would. */
  async function foreignWorker(home: string) {
    const module = new URL('../../src/worker/activities-in-hand.ts', import.meta.url).href;
    const program = `
      import { ActivitiesInHand } from ${JSON.stringify(module)};
      const inHand = new ActivitiesInHand(${JSON.stringify(home)});
      inHand.note(${JSON.stringify(activity(1))});
      setInterval(() => {}, 1_000);`;
    const worker = spawn(process.execPath, ['--input-type=module', '--eval', program]);
    onTestFinished(() => void worker.kill('SIGKILL'));
    const file = await vi.waitFor(() => {
      const name = readdirSync(inHandFolder(home)).find((each) => each.endsWith('.jsonl')) ?? '';
      const path = join(inHandFolder(home), name);
      const text = readFileSync(path, 'utf8');
      expect(text).toMatch(/"lifeSign".*"taken"|"taken".*"lifeSign"/s);
      writeFileSync(path, text.replace(pidNamespace(), 'pid:[5]').replace(`"pid":${worker.pid}`, '"pid":1'));
      return path;
    }, 10_000);
    return { worker, file };
  }

  test('is told of once it was killed, and not before', async () => {
    await using home = await temporaryHome();
    const { worker, file } = await foreignWorker(home.path);
    const { client, told } = temporal();
    await reportPredecessors(client, home.path, silent);
    expect([told.size, existsSync(file)]).toEqual([0, true]);
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    await reportPredecessors(client, home.path, silent);
    expect([...told.keys()]).toEqual(['token-1']);
    expect(readdirSync(inHandFolder(home.path))).toEqual([]);
  });

  test('leaves its runners to it', async () => {
    await using home = await temporaryHome();
    const runner = await startSleeper();
    const { worker, file } = await foreignWorker(home.path);
    writeFileSync(file, `${JSON.stringify({ runner: identityOf(runner) })}\n`, { flag: 'a' });
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    const { client, told } = temporal();
    await reportPredecessors(client, home.path, silent);
    expect(told.size).toBe(1);
    expect(isAlive(identityOf(runner))).toBe(true);
  });
});

test('its runners are ended before anything is told, and nobody else', async () => {
  await using home = await temporaryHome();
  const [runner, gone, recycled] = [await startSleeper(), await startSleeper(), await startSleeper()];
  const identity = identityOf(runner);
  const others = [identityOf(gone), identityOf(recycled)];
  inHandFile(home.path, [
    deadWorker(),
    { runner: identity },
    { runner: identityOf(gone) },
    { runnerGone: gone.pid },
    { runner: { pid: recycled.pid, startedAt: GONE.startedAt } },
    { taken: 1, activity: activity(1) },
  ]);
  const { client, told } = temporal({}, () => expect(isAlive(identity)).toBe(false));
  const kill = vi.spyOn(process, 'kill');
  onTestFinished(() => kill.mockRestore());
  await reportPredecessors(client, home.path, silent);
  expect(told.size).toBe(1);
  // 0 asks whether there is such a process.
  const signalled = kill.mock.calls.filter(([, signal]) => signal !== 0).map(([pid]) => pid);
  expect(new Set(signalled)).toEqual(new Set([runner.pid]));
  expect(others.filter((other) => isAlive(other))).toEqual(others);
});

test('a runner that leaves just then is no reason to tell nothing', async () => {
  await using home = await temporaryHome();
  const runner = await startSleeper();
  inHandFile(home.path, [deadWorker(), { runner: identityOf(runner) }, { taken: 1, activity: activity(1) }]);
  const { client, told } = temporal();
  const kill = vi.spyOn(process, 'kill').mockImplementation((pid) => {
    runner.child.kill('SIGKILL');
    throw Object.assign(new Error(`kill ESRCH ${pid}`), { code: 'ESRCH' });
  });
  onTestFinished(() => kill.mockRestore());
  await reportPredecessors(client, home.path, silent);
  expect([...told.keys()]).toEqual(['token-1']);
});

test.each([
  ['half a line at its end', '{"taken":2,"activ'],
  ['a line of something else', '5\nnull\n"x"\n[]\n{}\n'],
])('a file with %s says what its other lines say', async (_what, text) => {
  await using home = await temporaryHome();
  const file = inHandFile(home.path, [deadWorker(), { taken: 1, activity: activity(1) }, text]);
  const { client, told } = temporal();
  await reportPredecessors(client, home.path, silent);
  expect([...told.keys()]).toEqual(['token-1']);
  expect(existsSync(file)).toBe(false);
});

test('what Temporal does not take any more keeps nobody from telling the others', async () => {
  await using home = await temporaryHome();
  const many = Array.from({ length: 45 }, (_, n) => ({ taken: n, activity: activity(n) }));
  inHandFile(home.path, [deadWorker(), ...many]);
  const { client, told, refused } = temporal();
  refused.add('token-3').add('token-30');
  const logged: string[] = [];
  await reportPredecessors(client, home.path, pino({}, { write: (line: string) => void logged.push(line) }));
  expect(told.size).toBe(43);
  expect(logged.map((line) => JSON.parse(line) as object)).toMatchObject([{ event: 'worker.predecessor', told: 43 }]);
});

test('a worker that lives keeps its file, also one of this process', async () => {
  await using home = await temporaryHome();
  const inHand = new ActivitiesInHand(home.path);
  inHand.note(activity(1));
  await new Promise((resolve) => setImmediate(resolve));
  const { client, told } = temporal();
  await reportPredecessors(client, home.path, silent);
  expect(told.size).toBe(0);
  expect(filesIn(home.path)).toHaveLength(1);
});

test('another container’s file without a life sign is left alone, and goes after a week', async () => {
  await using home = await temporaryHome();
  const lines = [
    { worker: GONE, pidNamespace: 'pid:[5]' },
    { taken: 1, activity: activity(1) },
  ];
  const [young, old] = [inHandFile(home.path, lines), inHandFile(home.path, lines, 'worker-2.jsonl')];
  const eightDaysAgo = new Date(Date.now() - 8 * DAY);
  utimesSync(old, eightDaysAgo, eightDaysAgo);
  const { client, told } = temporal();
  await reportPredecessors(client, home.path, silent);
  expect([told.size, existsSync(young), existsSync(old)]).toEqual([0, true, false]);
});

test('a home without such files, or with others, has no predecessors', async () => {
  await using home = await temporaryHome();
  const { client, told } = temporal();
  await reportPredecessors(client, home.path, silent);
  const stranger = inHandFile(home.path, ['mine'], 'notes.txt');
  inHandFile(home.path, []);
  await reportPredecessors(client, home.path, silent);
  expect(told.size).toBe(0);
  expect(readFileSync(stranger, 'utf8')).toBe('mine');
});

test('what cannot be read is told to whoever reads the log, and stops no worker', async () => {
  await using home = await temporaryHome();
  mkdirSync(join(inHandFolder(home.path), 'worker-5.jsonl'), { recursive: true });
  const logged: string[] = [];
  const log = pino({}, { write: (line: string) => void logged.push(line) });
  await reportPredecessors(temporal().client, home.path, log);
  expect(logged.map((line) => JSON.parse(line) as object)).toMatchObject([
    { event: 'worker.predecessor', err: { code: 'EISDIR' } },
  ]);
});
