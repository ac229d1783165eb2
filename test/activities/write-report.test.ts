/** No row missing and none twice, wherever an attempt ends and whatever it leaves behind. */
import { mkdtemp, appendFile, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createActivities, type Activities } from '../../src/activities/index.ts';
import type { writeReport } from '../../src/demo/jobs/write-report.ts';
import type { DemoWorld } from '../../src/demo/world.ts';
import type { AttemptInput, AttemptReport, AttemptSuccess } from '../../src/job/job.ts';
import type { ArgsOf, ResultOf } from '../../src/kinds/job-definition.ts';
import { inProcessRunners } from '../support/in-process-runners.ts';
import { attemptInput, CATALOGUE } from '../support/kinds.ts';

let reportsFolder: string;
let activities: Activities;

beforeEach(async () => {
  reportsFolder = await mkdtemp(join(tmpdir(), 'holdfast-reports-'));
  const runners = inProcessRunners(
    { catalogue: CATALOGUE, world: { reportsFolder } satisfies DemoWorld },
    'worker-1',
    pino({ level: 'silent' }),
  );
  activities = createActivities({ runners, worker: 'worker-1' });
});
afterEach(async () => rm(reportsFolder, { recursive: true }));

const input = (more: Partial<AttemptInput> = {}): AttemptInput =>
  attemptInput({ jobId: 'report/1', kind: 'WriteReport', args: { rows: 50, msPerRow: 0 }, ...more });

// Attempts that fail on purpose are no news.
const quietEnvironment = () => new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });

const path = (): string => join(reportsFolder, 'report%2F1.csv');

async function rowsWritten(): Promise<number[]> {
  const [header, ...lines] = (await readFile(path(), 'utf8')).trimEnd().split('\n');
  expect(header).toBe('row,customer,amount');
  return lines.map((line) => Number(line.split(',')[0]));
}

const upTo = (rows: number): number[] => Array.from({ length: rows }, (_, row) => row + 1);

/** The attempt's last word before its worker is gone, as the next attempt gets it. */
async function interrupted(args: ArgsOf<typeof writeReport>, atRow: number): Promise<AttemptReport> {
  const env = quietEnvironment();
  const reports: AttemptReport[] = [];
  env.on('heartbeat', (report: AttemptReport) => {
    reports.push(report);
    if ((report.progress?.done ?? 0) >= atRow) env.cancel();
  });
  await expect(env.run(activities.runAttempt, input({ args }))).rejects.toThrow('the attempt was cancelled');
  return reports.at(-1) ?? expect.fail('the attempt reported nothing');
}

test('writes every row once and reports them all', async () => {
  const done = await quietEnvironment().run(activities.runAttempt, input());
  expect(done).toMatchObject({ result: { file: 'report%2F1.csv', rows: 50 }, progress: { done: 50, total: 50 } });
  expect(await rowsWritten()).toEqual(upTo(50));
});

test('goes on from its checkpoint, though the file holds rows and half a row written after that', async () => {
  const args = { rows: 60, msPerRow: 10 };
  const { checkpoint, progress } = await interrupted(args, 10);
  await appendFile(path(), '777,customer-7,7\n778,cust');
  const again = quietEnvironment();
  const first = Promise.withResolvers<AttemptReport>();
  again.on('heartbeat', (report: AttemptReport) => report.progress && first.resolve(report));
  await again.run(activities.runAttempt, input({ args: { ...args, msPerRow: 0 }, number: 2, checkpoint }));
  expect((await first.promise).progress).toEqual(progress);
  expect(await rowsWritten()).toEqual(upTo(60));
});

test('starts over when the rows of its checkpoint are not on this disk', async () => {
  const checkpoint = { rows: 40, bytes: 900 };
  await quietEnvironment().run(activities.runAttempt, input({ number: 2, checkpoint }));
  expect(await rowsWritten()).toEqual(upTo(50));
});

test('fails half-way the first time when told to, and not the second time', async () => {
  const args = { rows: 20, msPerRow: 0, failFirst: true };
  const failed = quietEnvironment().run(activities.runAttempt, input({ args }));
  await expect(failed).rejects.toThrow('made to fail at row 10 of 20');
  await quietEnvironment().run(activities.runAttempt, input({ args, number: 2 }));
  expect(await rowsWritten()).toEqual(upTo(20));
});

test('a job with the longest id there may be gets a report too, and no other job’s', async () => {
  const jobIds = [`${'/'.repeat(254)}a`, `${'/'.repeat(254)}b`, 'k'.repeat(255)];
  const files = new Set<string>();
  for (const jobId of jobIds) {
    const done: unknown = await quietEnvironment().run(activities.runAttempt, input({ jobId }));
    const { file } = (done as AttemptSuccess).result as ResultOf<typeof writeReport>;
    files.add(file);
    expect(await readFile(join(reportsFolder, file), 'utf8')).toContain('\n50,');
  }
  expect(files.size).toBe(jobIds.length);
});
