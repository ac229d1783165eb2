import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPidFiles } from '../../../src/process/pid-files.ts';
import { expect, type Api } from '../api.ts';
import { check, eventually, heading } from '../check.ts';
import type { Stack } from '../stack.ts';

const ROWS = 200;
/** From the moment that everything runs again. @format milliseconds */
const DONE_WITHIN_MS = 20_000;

/** Every kill finds one job running and others waiting, and all of them are done once what died is back. */
export async function kills(stack: Stack, api: Api): Promise<void> {
  heading('Kills');
  await check('SIGKILL of all runners while one writes a report', async () => {
    const { report, waiting } = await acknowledge(api);
    const runners = readPidFiles(stack.home, 'runner');
    expect(runners.length === 2, `there are ${runners.length} runners`);
    for (const { pid } of runners) process.kill(pid, 'SIGKILL');
    await allDone(stack, api, report, waiting);
    const { crashes } = await api.job(report);
    expect(crashes === 1, `the report counts ${crashes} crashes`);
  });
  await check('SIGKILL of the worker with its runners', async () => {
    const { report, waiting } = await acknowledge(api);
    const runners = readPidFiles(stack.home, 'runner');
    stack.worker.kill();
    for (const { pid } of runners) process.kill(pid, 'SIGKILL');
    await allDone(stack, api, report, waiting);
  });
  await check('SIGKILL of web', async () => {
    const { report, waiting } = await acknowledge(api);
    stack.web.kill();
    await eventually(10_000, async () => void (await api.job(report)));
    await allDone(stack, api, report, waiting);
  });
  await check('SIGKILL of Temporal, which comes back at another address; meanwhile web lives and says so', async () => {
    const { report, waiting } = await acknowledge(api);
    await stack.temporal.killForGood();
    await saysUnreachable(stack, api);
    stack.temporal.start();
    await allDone(stack, api, report, waiting);
  });
  await check('a crash of PostgreSQL; meanwhile nothing is acknowledged', async () => {
    const { report, waiting } = await acknowledge(api);
    await stack.postgres.crash();
    const response = await api.request('/api/jobs', {
      method: 'POST',
      body: JSON.stringify({ kind: 'NameWorkflow', args: { name: 'nobody' } }),
    });
    expect(response.status === 503, `POST /api/jobs answered ${response.status} without a database`);
    stack.postgres.start();
    await allDone(stack, api, report, waiting);
  });
  await check('all of them at once', async () => {
    const { report, waiting } = await acknowledge(api);
    const runners = readPidFiles(stack.home, 'runner');
    stack.web.kill();
    stack.temporal.kill();
    stack.worker.kill();
    for (const { pid } of runners) process.kill(pid, 'SIGKILL');
    await stack.postgres.crash();
    stack.postgres.start();
    await eventually(30_000, async () => void (await api.job(report)));
    await allDone(stack, api, report, waiting);
  });
}

interface Acknowledged {
  readonly report: string;
  readonly waiting: readonly string[];
}

async function acknowledge(api: Api): Promise<Acknowledged> {
  const report = await api.startJob({ kind: 'WriteReport', args: { rows: ROWS, msPerRow: 20 } });
  const waiting = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      api.startJob({ kind: 'NameWorkflow', args: { name: `waiting ${index}` }, delayMs: 2_000 }),
    ),
  );
  await eventually(10_000, async () => {
    const { state, progress } = await api.job(report);
    expect(state === 'running' && (progress?.done ?? 0) > 0, `the report is ${state} at ${JSON.stringify(progress)}`);
  });
  return { report, waiting };
}

async function allDone(stack: Stack, api: Api, report: string, waiting: readonly string[]): Promise<void> {
  const deadline = Date.now() + DONE_WITHIN_MS;
  for (const id of [report, ...waiting]) await api.until(id, 'done', deadline - Date.now());
  const file = await readFile(join(stack.home, 'reports', `${report}.csv`), 'utf8');
  const rows = file
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => Number(line.split(',')[0]));
  const wanted = Array.from({ length: ROWS }, (_, index) => index + 1);
  expect(rows.join() === wanted.join(), `the report does not hold every row once: ${rows.join()}`);
}

async function saysUnreachable(stack: Stack, api: Api): Promise<void> {
  const askedAt = Date.now();
  const response = await api.request('/api/jobs', {
    method: 'POST',
    body: JSON.stringify({ kind: 'NameWorkflow', args: { name: 'nobody' } }),
  });
  const tookMs = Date.now() - askedAt;
  expect(
    response.status === 503 && response.headers.has('retry-after') && tookMs < 3_000,
    `POST /api/jobs answered ${response.status} after ${tookMs} ms`,
  );
  const [live, ready] = await Promise.all([fetch(`${stack.webUrl}/healthz`), fetch(`${stack.webUrl}/readyz`)]);
  expect(live.status === 200 && ready.status === 503, `/healthz ${live.status}, /readyz ${ready.status}`);
}
