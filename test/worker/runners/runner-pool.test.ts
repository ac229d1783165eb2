/** Real runners, and what their worker makes of all that happens to them. Needs no Temporal. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { AttemptInHand } from '../../../src/activities/runners.ts';
import type { AttemptEnd } from '../../../src/job/job-events.ts';
import type { AttemptInput } from '../../../src/job/job.ts';
import { attemptInput } from '../../support/kinds.ts';
import { temporaryHome } from '../../support/temporary-home.ts';
import { RunnerPool, type RunnerPoolOptions } from '../../../src/worker/runners/runner-pool.ts';
import { runOne } from './run-one.ts';

const execute = promisify(execFile);
const ENTRY = fileURLToPath(new URL('runner-of-the-test.ts', import.meta.url));

interface Run {
  readonly inHand: AttemptInHand;
  readonly ended: Promise<AttemptEnd>;
  readonly begun: Promise<void>;
  readonly over: Promise<void>;
}

const open: RunnerPool[] = [];
afterEach(async () => {
  for (const pool of open.splice(0)) await pool[Symbol.asyncDispose]();
});

async function poolOf(options: Partial<RunnerPoolOptions> = {}) {
  const pids = new Set<number>();
  const logged: { readonly event?: string; readonly jobId?: string }[] = [];
  const pool = new RunnerPool({
    program: { entry: ENTRY, args: [], env: process.env },
    processes: 2,
    worker: 'worker-1',
    maxBusyMs: 60_000,
    log: pino({}, { write: (line: string) => void logged.push(JSON.parse(line) as object) }),
    note(pid) {
      pids.add(pid);
      return { [Symbol.dispose]: () => pids.delete(pid) };
    },
    ...options,
  });
  open.push(pool);
  let jobs = 0;
  const run = (name: string, more: Partial<AttemptInput> = {}): Run => {
    const ended = Promise.withResolvers<AttemptEnd>();
    const begun = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    jobs += 1;
    const owner = { begun: begun.resolve, changed: () => undefined, ended: ended.resolve, over: over.resolve };
    const inHand = pool.run(attemptInput({ jobId: `job-${jobs}`, args: { name }, ...more }), owner);
    return { inHand, ended: ended.promise, begun: begun.promise, over: over.promise };
  };
  await pool.ready();
  const allReady = async (): Promise<void> => {
    // Both have run something.
    await vi.waitFor(async () => {
      const [a, b] = await Promise.all([run('sleep 20').ended, run('sleep 20').ended]);
      expect(resultOf(a)).not.toBe(resultOf(b));
    }, 10_000);
  };
  return { pool, pids, logged, run, allReady };
}

function resultOf(end: AttemptEnd): unknown {
  return end.as === 'done' ? end.report.result : expect.fail(`it is ${end.as}`);
}

test('a process that is killed takes along what had begun there, with the evidence; the others never notice', async () => {
  const { run, allReady, pids } = await poolOf();
  await allReady();
  const runs = [run('sleep 1500'), run('sleep 1500'), run('sleep 1500'), run('sleep 1500')];
  // It is told a moment after the begin.
  await vi.waitFor(() => expect(runs.map(({ inHand }) => inHand.report?.checkpoint)).not.toContain(undefined), 10_000);
  const [victim = 0] = pids;
  process.kill(victim, 'SIGKILL');
  const ends = await Promise.all(runs.map(({ ended }) => ended));
  expect(ends.map(({ as }) => as).sort()).toEqual(['crashed', 'crashed', 'done', 'done']);
  for (const end of ends)
    if (end.as === 'crashed') {
      expect(end).toMatchObject({ evidence: 'shared', report: { checkpoint: { at: 'sleep 1500' } } });
      expect(end.error.message).toBe('its process was killed by SIGKILL while 1 other job ran in it');
    }
  await vi.waitFor(() => expect(pids.size).toBe(2), 5_000);
  expect(pids).not.toContain(victim);
});

test('what had not begun in a process that is killed runs in its successor, and is told of nothing', async () => {
  const { run, pids } = await poolOf({ processes: 1 });
  const computing = run('compute 20000');
  await computing.begun;
  const unread = Array.from({ length: 3 }, () => run('sleep 10'));
  // They have been handed over.
  await sleep(50);
  const [pid = 0] = pids;
  process.kill(pid, 'SIGKILL');
  expect(await computing.ended).toMatchObject({ as: 'crashed', evidence: 'alone' });
  for (const { ended } of unread) expect(await ended).toMatchObject({ as: 'done' });
});

test('what computes keeps what has begun beside it, and what has not goes to the other process', async () => {
  const { run, allReady } = await poolOf();
  await allReady();
  const computing = run('compute 4000');
  await computing.begun;
  const neighbours = Array.from({ length: 6 }, () => run('sleep 10'));
  const ends = await Promise.all(neighbours.map(({ ended }) => ended));
  expect(ends.map(({ as }) => as)).toEqual(ends.map(() => 'done'));
  const end = await computing.ended;
  for (const each of ends) expect(resultOf(each)).not.toBe(resultOf(end));
});

describe('what waits behind something that computes begins once, whenever its worker stands still', () => {
  const until = (time: number): void => {
    while (performance.now() < time);
  };

  test.each([
    ['between its begin and hearing of it', 900, 850, 1_550],
    ['between handing it over and sending it', 1_700, 0, 850],
  ])('%s', async (_when, computesMs, fromMs, toMs) => {
    await using home = await temporaryHome();
    const file = join(home.path, 'begun');
    const { run } = await poolOf({ processes: 1 });
    const computing = run(`compute ${computesMs}`);
    await computing.begun;
    const startedAt = performance.now();
    const behind = run(`note ${file}`);
    if (fromMs > 0) await sleep(fromMs);
    // After which timers come next, and only then what came in meanwhile.
    if (fromMs > 0) await turn();
    until(startedAt + toMs);
    const { as } = await behind.ended;
    await computing.ended;
    // Time enough for what may not be.
    await sleep(500);
    const begun = existsSync(file) ? readFileSync(file, 'utf8') : '';
    expect({ as, begun }).toEqual(as === 'done' ? { as, begun: 'begun\n' } : { as: 'returned', begun: '' });
  });
});

test('one that stands still by a signal is killed, and blames nobody', async () => {
  const { run, pids } = await poolOf({ processes: 1 });
  const held = run('sleep 30000');
  await held.begun;
  const [pid = 0] = pids;
  process.kill(pid, 'SIGSTOP');
  const stoppedAt = performance.now();
  expect(await held.ended).toMatchObject({ as: 'crashed', evidence: 'none' });
  expect(performance.now() - stoppedAt).toBeLessThan(6_000);
});

test('one that stands still for a second, or a worker that does, harms nobody', async () => {
  const { run, pids } = await poolOf({ processes: 1 });
  const [pid = 0] = pids;
  const stopped = run('sleep 2500');
  await stopped.begun;
  process.kill(pid, 'SIGSTOP');
  await sleep(1_000);
  process.kill(pid, 'SIGCONT');
  // Nobody here hears of them meanwhile, nor reads that they are stopped.
  process.kill(pid, 'SIGSTOP');
  for (const until = performance.now() + 3_000; performance.now() < until;);
  process.kill(pid, 'SIGCONT');
  expect(resultOf(await stopped.ended)).toBe(String(pid));
  // One that took over for a moment has gone again.
  await vi.waitFor(() => expect([...pids]).toEqual([pid]), 5_000);
});

test('a rejection that nobody awaits is noted with its job, and harms nobody', async () => {
  const { run, pids, logged } = await poolOf({ processes: 1 });
  const before = [...pids];
  const [stray, innocent] = await Promise.all([run('stray').ended, run('sleep 200').ended]);
  expect(stray).toMatchObject({ as: 'done', report: { stray: 'nobody awaited: Error: nobody awaits this' } });
  expect(innocent).toMatchObject({ as: 'done' });
  expect([...pids]).toEqual(before);
  expect(logged).toContainEqual(expect.objectContaining({ event: 'runner.stray', jobId: 'job-1' }));
});

test('an exception that nobody catches ends its process once all in it have ended, and a successor is there before', async () => {
  const { run, pids } = await poolOf({ processes: 1 });
  const [before] = pids;
  const slow = run('sleep 1500');
  const throwing = run('throw');
  await vi.waitFor(() => expect(pids.size).toBe(2), 5_000);
  expect(await throwing.ended).toMatchObject({ as: 'done' });
  const end = await slow.ended;
  expect(resultOf(end)).toBe(String(before));
  await vi.waitFor(() => expect([...pids]).not.toContain(before), 5_000);
  expect(resultOf(await run('now').ended)).not.toBe(String(before));
});

test('work that spoils one process after the other does not fill the machine with them', async () => {
  const { run, pids } = await poolOf({ processes: 1 });
  const neighbours: Run[] = [];
  for (let spoilt = 1; spoilt <= 5; spoilt += 1) {
    const neighbour = run('sleep 30000');
    neighbours.push(neighbour);
    await neighbour.begun;
    await run('throw').ended;
  }
  // Of nobody's fault: it runs again.
  expect(await neighbours[0]?.ended).toMatchObject({ as: 'interrupted' });
  await vi.waitFor(() => expect(pids.size).toBe(5), 5_000);
  expect(resultOf(await run('now').ended)).not.toBe('');
});

test('a process that something else speaks for is ended, and its worker goes on', async () => {
  const { run } = await poolOf({ processes: 1 });
  const neighbour = run('sleep 5000');
  await neighbour.begun;
  for (const { ended } of [run('garble no JSON'), neighbour]) {
    const end = await ended;
    expect(end).toMatchObject({ as: 'crashed', evidence: 'shared' });
    if (end.as === 'crashed') expect(end.error.message).toContain('said what no runner says, and was killed');
  }
  expect(await run('now').ended).toMatchObject({ as: 'done' });
});

test('one that exits is suspect, which its neighbour is not', async () => {
  const { run } = await poolOf({ processes: 1 });
  const neighbour = run('sleep 5000');
  await neighbour.begun;
  expect(await run('exit').ended).toMatchObject({ as: 'crashed', evidence: 'shared', isSuspect: true });
  expect(await neighbour.ended).toMatchObject({ as: 'crashed', evidence: 'shared' });
  expect(await neighbour.ended).not.toHaveProperty('isSuspect');
});

test('one that computes for longer than it may is ended, and suspect', async () => {
  const { run } = await poolOf({ processes: 1, maxBusyMs: 1_500 });
  expect(await run('compute 60000').ended).toMatchObject({ as: 'crashed', evidence: 'alone', isSuspect: true });
});

test('one that does not end when it is asked to is given up, and its process replaced', async () => {
  const { run, pids, logged } = await poolOf({ processes: 1 });
  const [before] = pids;
  const deaf = run('deaf');
  await deaf.begun;
  deaf.inHand.abort('cancelled');
  expect(await deaf.ended).toMatchObject({ as: 'cancelled' });
  await deaf.over;
  await vi.waitFor(() => expect([...pids]).not.toContain(before), 5_000);
  expect(logged).toContainEqual(expect.objectContaining({ event: 'attempt.deaf', jobId: 'job-1' }));
}, 30_000);

test('a worker that stops waits two seconds for those that do not end', async () => {
  const { run } = await poolOf({ processes: 1 });
  const deaf = run('deaf');
  await deaf.begun;
  deaf.inHand.abort('stopped');
  expect(await deaf.ended).toMatchObject({ as: 'interrupted' });
});

test('one that is aborted before it begins never does', async () => {
  const { run } = await poolOf({ processes: 1 });
  const computing = run('compute 500');
  await computing.begun;
  const waiting = run('sleep 10');
  waiting.inHand.abort('cancelled');
  expect(await waiting.ended).toEqual({ as: 'cancelled', error: expect.anything() });
  expect(await computing.ended).toMatchObject({ as: 'done' });
});

test('suspects run each in a process of its own, two at a time, and the third comes again later', async () => {
  const { run, pids } = await poolOf({ processes: 1 });
  const [shared] = pids;
  const suspects = [run('sleep 800', { isSuspect: true }), run('sleep 800', { isSuspect: true })];
  const third = run('sleep 800', { isSuspect: true });
  expect(await third.ended).toEqual({ as: 'returned', delayMs: expect.any(Number) });
  const own = (await Promise.all(suspects.map(({ ended }) => ended))).map(resultOf);
  expect(new Set([...own, String(shared)]).size).toBe(3);
  await vi.waitFor(() => expect([...pids]).toEqual([shared]), 5_000);
  expect(await run('exit', { isSuspect: true }).ended).toMatchObject({ as: 'crashed', evidence: 'alone' });
});

test('what no runner has work for goes back at once, and begins nowhere', async () => {
  const { run } = await poolOf({ processes: 1 });
  const unknown = run('now', { kind: 'LaterWorkflow' });
  expect(await unknown.ended).toEqual({
    as: 'returned',
    delayMs: 0,
    notHere: { why: 'unknownKind', worker: 'worker-1' },
  });
  expect(unknown.inHand.report).toBeUndefined();
  await unknown.over;
  expect(await run('now').ended).toMatchObject({ as: 'done' });
});

test('a program that cannot start is tried again after growing pauses, and its work goes back', async () => {
  const starts: number[] = [];
  const logged: object[] = [];
  const pool = new RunnerPool({
    program: { entry: `${ENTRY}-is-not-there.ts`, args: [], env: process.env },
    processes: 1,
    worker: 'worker-1',
    maxBusyMs: 60_000,
    log: pino({}, { write: (line: string) => void logged.push(JSON.parse(line) as object) }),
    note(pid) {
      starts.push(pid);
      return { [Symbol.dispose]: () => undefined };
    },
  });
  open.push(pool);
  expect(await runOne(pool)).toMatchObject({ as: 'returned' });
  await vi.waitFor(() => expect(starts.length).toBeGreaterThan(2), 10_000);
  // Without pauses there would be a hundred.
  expect(starts.length).toBeLessThan(6);
  for (const [n, pid] of starts.slice(0, 2).entries())
    expect(logged[n]).toMatchObject({ event: 'runner.lost', pid, msg: `runner ${pid} exited with code 1` });
});

test('a worker without a free file descriptor starts none, and goes on when there are some again', async () => {
  const program = fileURLToPath(new URL('out-of-files.ts', import.meta.url));
  const { stdout } = await execute('sh', ['-c', 'ulimit -n 100; exec "$0" "$@"', process.execPath, program, ENTRY]);
  expect(stdout.trim().split('\n')).toEqual(['EMFILE', 'returned', 'done']);
});

test('when it is closed, none of its processes is left', async () => {
  const { pool, run, pids } = await poolOf();
  const all = [...pids];
  const computing = run('compute 60000');
  await computing.begun;
  await pool[Symbol.asyncDispose]();
  expect(await computing.ended).toMatchObject({ as: 'interrupted' });
  for (const pid of all) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
});
