/** The promise itself: whatever is killed, every acknowledged job ends well once the processes are back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { loadTemporalConfig } from '../../src/config/config.ts';
import { GROUP_WORKFLOW } from '../../src/job/group/groups.ts';
import type { JobView } from '../../src/job/job.ts';
import { connectClient } from '../../src/temporal/connect.ts';
import { connectHoldfast } from '../../src/temporal/connect-holdfast.ts';
import { groupHistory } from '../../src/temporal/history/read-item.ts';
import { readPidFiles } from '../../src/process/pid-files.ts';
import { freePort } from '../support/free-port.ts';
import { reportRows, startProgram, startStack, type Stack } from '../support/stack.ts';
import { temporaryHome } from '../support/temporary-home.ts';
import { until } from '../support/until.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack(inject('temporalCli'));
}, 90_000);
afterAll(async () => stack[Symbol.asyncDispose](), 60_000);

const ROWS = 60;

test.each([
  ['one runner', ['worker', '--one']],
  ['the worker with its runners', ['worker']],
  ['the web server', ['web']],
  ['Temporal', ['temporal']],
  ['everything at once', ['all']],
])(
  'SIGKILL of %s, while jobs wait and one runs: all of them end well',
  async (_what, target) => {
    const report = await enqueue({ kind: 'WriteReport', args: { rows: ROWS, msPerRow: 50 } });
    const waiting = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        enqueue({ kind: 'NameWorkflow', args: { name: `waiter ${n}` }, delayMs: 2_000 + 100 * n }),
      ),
    );
    await until('the report has a checkpoint', async () => ((await read(report))?.progress?.done ?? 0) > 5, 20_000);

    await stack.rip(...target);

    for (const [n, id] of waiting.entries()) {
      const job = await done(id);
      expect(job.result).toBe(`Hello, waiter ${n}`);
    }
    const written = await done(report);
    expect(await reportRows(stack.home, `${report}.csv`)).toEqual(Array.from({ length: ROWS }, (_, row) => row + 1));
    // A crash uses no retry delay, whoever was killed.
    expect(written.attempt).toBe(1);
  },
  120_000,
);

test('web killed between requests: what it acknowledged is done, and a repeat with its key starts nothing twice', async () => {
  const keys = Array.from({ length: 30 }, (_, n) => `kill-web-${n}`);
  const killed = stack.rip('web');
  const acknowledged = new Set<string>();
  for (const key of keys) if (await send(key)) acknowledged.add(key);
  await killed;
  for (const key of keys.filter((each) => !acknowledged.has(each)))
    await until(`${key} is taken`, () => send(key), 30_000);
  for (const key of keys) {
    const job = await done(key);
    expect(job.attempts).toHaveLength(1);
  }
}, 120_000);

test('web killed between durable starts and their answers: repeats find the first jobs, and start none twice', async () => {
  const ids = new Map<string, string>();
  const foundAgain: string[] = [];
  // The kill has to come at the right moment, so it is tried until it did.
  for (let round = 0; round < 5 && foundAgain.length === 0; round += 1) {
    const sentAt = new Date().toISOString();
    const unanswered: string[] = [];
    const caller = async (who: number): Promise<void> => {
      for (let n = 0; ; n += 1) {
        const key = `request-${round}-${who}-${n}`;
        const answer = await sendOnce(key).catch(() => undefined);
        if (!answer) return void unanswered.push(key);
        ids.set(key, answer.id);
      }
    };
    const callers = Array.from({ length: 50 }, (_, who) => caller(who));
    await until('callers are answered', async () => ids.size > 200 * (round + 1), 20_000);
    await stack.rip('web');
    await Promise.all(callers);
    for (const key of unanswered)
      await until(
        `${key} is taken`,
        async () => {
          const answer = await sendOnce(key, sentAt).catch(() => undefined);
          if (answer) ids.set(key, answer.id);
          if (answer?.status === 200) foundAgain.push(key);
          return answer !== undefined;
        },
        30_000,
      );
  }
  expect(foundAgain.length).toBeGreaterThan(0);
  expect(new Set(ids.values()).size).toBe(ids.size);
  await using client = await connectHoldfast({ environment: { TEMPORAL_ADDRESS: stack.temporalAddress } });
  const started = await startedKeys(stack.temporalAddress);
  for (const [key, times] of started) expect([key, times]).toEqual([key, 1]);
  for (const [key, id] of [...ids].slice(-50))
    await until(`${key} is done`, async () => (await client.job(id)).state === 'done', 30_000);
}, 180_000);

test('a web that stood still with requests unread starts none of them that were repeated elsewhere', async () => {
  const [web] = readPidFiles(stack.home, 'web');
  if (!web) throw new Error('there is no web');
  await using home = await temporaryHome();
  const port = await freePort();
  await using another = startProgram('web', [], { ...stack.env, HOLDFAST_HOME: home.path, PORT: String(port) });
  const url = `http://127.0.0.1:${port}`;
  await until(
    'the other web answers',
    async () =>
      fetch(`${url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    30_000,
  );
  const keys = [1, 2].map((n) => `request-frozen-${n}`);
  const lines = (more = {}): string =>
    keys
      .map((key) => JSON.stringify({ kind: 'NameWorkflow', args: { name: key }, requestKey: key, ...more }))
      .join('\n');
  const bulk = async (to: string, body: string): Promise<string[]> => {
    const headers = { 'content-type': 'application/x-ndjson' };
    const answer = await fetch(`${to}/api/jobs/bulk`, { method: 'POST', headers, body });
    const text = await answer.text();
    return text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id);
  };
  const firstSentAt = new Date().toISOString();
  process.kill(web.pid, 'SIGSTOP');
  let unread: Promise<string[]>;
  try {
    unread = bulk(stack.url, lines());
    // A caller gives it up.
    await sleep(2_000);
    expect(await bulk(url, lines({ firstSentAt }))).toEqual(keys);
  } finally {
    process.kill(web.pid, 'SIGCONT');
  }
  expect(await unread).toEqual(keys);
  const started = await startedKeys(stack.temporalAddress);
  for (const key of keys) expect([key, started.get(key)]).toEqual([key, 1]);
  expect(another.output()).not.toContain('ERROR');
}, 90_000);

/** Throws when there is no answer. */
async function sendOnce(key: string, firstSentAt?: string): Promise<{ id: string; status: number }> {
  const body = JSON.stringify({ kind: 'NameWorkflow', args: { name: key } });
  const headers = { 'request-key': key, ...(firstSentAt !== undefined && { 'request-first-sent': firstSentAt }) };
  const answer = await post('/api/jobs', body, headers);
  if (answer.status !== 202 && answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
  return { id: ((await answer.json()) as JobView).id, status: answer.status };
}

/** How often a job was started with each request key, by what Temporal has. */
async function startedKeys(address: string): Promise<Map<string, number>> {
  const client = connectClient(loadTemporalConfig({ TEMPORAL_ADDRESS: address }));
  const times = new Map<string, number>();
  const count = (key: string): void => void times.set(key, (times.get(key) ?? 0) + 1);
  for await (const { workflowId, type } of client.workflow.list()) {
    if (workflowId.startsWith('request-')) count(workflowId);
    if (type !== GROUP_WORKFLOW) continue;
    const { input } = await groupHistory(client, workflowId);
    for (const { requestKey } of input.items) if (requestKey !== undefined) count(requestKey);
  }
  await client.connection.close();
  return times;
}

/** Whether the job is acknowledged, now or before. */
async function send(key: string): Promise<boolean> {
  const body = JSON.stringify({ kind: 'NameWorkflow', args: { name: key }, delayMs: 500 });
  const answer = await post('/api/jobs', body, { 'idempotency-key': key }).catch(() => undefined);
  return answer?.status === 202 || answer?.status === 200;
}

async function post(path: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${stack.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
    signal: AbortSignal.timeout(5_000),
  });
}

async function enqueue(request: object): Promise<string> {
  const answer = await post('/api/jobs', JSON.stringify(request));
  expect(answer.status).toBe(202);
  return ((await answer.json()) as JobView).id;
}

/** `undefined` while web or Temporal is away; a job that is missing is an error at once. */
async function read(id: string): Promise<JobView | undefined> {
  const url = `${stack.url}/api/jobs/${encodeURIComponent(id)}`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  if (answer?.status === 404) throw new Error(`acknowledged, but missing: ${id}`);
  return answer?.ok === true ? ((await answer.json()) as JobView) : undefined;
}

async function done(id: string): Promise<JobView> {
  let job: JobView | undefined;
  await until(
    `${id} is done`,
    async () => {
      job = (await read(id)) ?? job;
      return job?.state === 'done';
    },
    60_000,
  ).catch((cause: unknown) => {
    throw new Error(`${id} is ${JSON.stringify(job)}\n${stack.program.output().slice(-3_000)}`, { cause });
  });
  return job as JobView;
}
