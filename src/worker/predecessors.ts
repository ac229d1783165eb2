/**
 * Tells Temporal what workers of this home had in hand when they were killed, so that it runs again at once. Their runners are ended
 * first: nothing may run twice at the same time because of a report.
 */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { decodeFromPayloadsAtIndex } from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { Logger } from 'pino';
import type { ActivityInHand } from '../activities/dependencies.ts';
import { failureOf } from '../job/attempt-end.ts';
import { FAILURE } from '../contract/failures.ts';
import { readReport } from '../job/read-report.ts';
import { isOver, type LifeSign } from '../process/life-sign.ts';
import { isAlive, type ProcessIdentity } from '../process/process-identity.ts';
import { inHandFolder, pidNamespace, type InHandLine } from './activities-in-hand.ts';

const TELL_WITHIN_MS = 3_000;
const TOLD_AT_A_TIME = 20;
const GONE_WITHIN_MS = 2_000;
const FORGOTTEN_AFTER_MS = 7 * 24 * 60 * 60_000;

interface Predecessor {
  readonly pid: number;
  readonly runners: readonly ProcessIdentity[];
  readonly activities: readonly ActivityInHand[];
}

/** Never rejects: what it cannot tell, heartbeats have to. */
export async function reportPredecessors(client: Client, home: string, log: Logger): Promise<void> {
  try {
    await reportAll(client, home, log);
  } catch (error) {
    log.warn({ event: 'worker.predecessor', err: error }, 'what earlier workers had in hand could not be told');
  }
}

async function reportAll(client: Client, home: string, log: Logger): Promise<void> {
  for (const [file, { pid, runners, activities }] of await deadWorkers(home)) {
    await end(runners);
    const told = await tellAll(client, activities, pid);
    remove(file);
    if (activities.length > 0)
      log.info(
        { event: 'worker.predecessor', pid, told },
        `worker ${pid} was killed; activities that run again: ${told}`,
      );
  }
}

/** By the files that they left. */
async function deadWorkers(home: string): Promise<Map<string, Predecessor>> {
  const found = new Map<string, Predecessor>();
  for (const name of namesIn(inHandFolder(home))) {
    const file = join(inHandFolder(home), name);
    const { worker, namespace, lifeSign, runners, activities } = readFile(file);
    const isOurs = namespace === pidNamespace();
    if (worker && (isOurs ? !isAlive(worker) : lifeSign && (await isOver(inHandFolder(home), lifeSign))))
      found.set(file, {
        pid: worker.pid,
        // Of another container: their pids mean nothing here, and they end with it.
        runners: isOurs ? [...runners.values()] : [],
        activities: [...activities.values()],
      });
    // What nobody knows about, heartbeats have to tell.
    else if (!worker || !isOurs) removeIfOld(file);
  }
  return found;
}

function readFile(file: string) {
  let worker: ProcessIdentity | undefined;
  let namespace: string | undefined;
  let lifeSign: LifeSign | undefined;
  const runners = new Map<number, ProcessIdentity>();
  const activities = new Map<number, ActivityInHand>();
  for (const text of readFileSync(file, 'utf8').split('\n')) {
    const line = parsed(text);
    if (!line) continue;
    if ('worker' in line) ({ worker, pidNamespace: namespace } = line);
    else if ('lifeSign' in line) ({ lifeSign } = line);
    else if ('runner' in line) runners.set(line.runner.pid, line.runner);
    else if ('runnerGone' in line) runners.delete(line.runnerGone);
    else if ('taken' in line) activities.set(line.taken, line.activity);
    else activities.delete(line.done);
  }
  return { worker, namespace, lifeSign, runners, activities };
}

function removeIfOld(file: string): void {
  if (Date.now() - statSync(file).mtimeMs > FORGOTTEN_AFTER_MS) remove(file);
}

/** With its life sign. */
function remove(file: string): void {
  for (const each of [file, file.replace(/jsonl$/, 'sock')]) rmSync(each, { force: true });
}

/** The last line may be half a line, and after a full disk any. */
function parsed(text: string): InHandLine | undefined {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === 'object' && line !== null ? (line as InHandLine) : undefined;
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  } catch {
    return [];
  }
}

async function end(runners: readonly ProcessIdentity[]): Promise<void> {
  const alive = runners.filter((runner) => isAlive(runner));
  for (const { pid } of alive) kill(pid);
  const deadline = performance.now() + GONE_WITHIN_MS;
  while (alive.some((runner) => isAlive(runner)) && performance.now() < deadline) await sleep(10);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just left by itself, as they do when their worker is gone; a process of another user is waited for.
  }
}

/** @returns how many Temporal took; the others had ended already, or their heartbeats have to tell */
async function tellAll(client: Client, activities: readonly ActivityInHand[], pid: number): Promise<number> {
  let told = 0;
  for (let from = 0; from < activities.length; from += TOLD_AT_A_TIME) {
    const some = activities.slice(from, from + TOLD_AT_A_TIME);
    const outcomes = await Promise.allSettled(
      some.map(async (activity) =>
        client.withDeadline(Date.now() + TELL_WITHIN_MS, async () => tell(client, activity, pid)),
      ),
    );
    told += outcomes.filter(({ status }) => status === 'fulfilled').length;
  }
  return told;
}

async function tell(client: Client, activity: ActivityInHand, pid: number): Promise<void> {
  const error = {
    type: FAILURE.workerLost,
    message: `worker ${pid} was killed, and with it the process that this ran in`,
  };
  // A chunk's report goes where an attempt's does, and its reader knows which it is.
  const report = readReport(await lastHeartbeat(client, activity));
  const failure = failureOf({ as: 'crashed', evidence: 'none', error, ...(report && { report }) });
  await client.activity.fail(Buffer.from(activity.taskToken, 'base64'), failure);
}

/** What the activity said last: a failure that is told by token does not carry it by itself. */
export async function lastHeartbeat(
  client: Client,
  { workflowId, runId, activityId }: Omit<ActivityInHand, 'taskToken'>,
): Promise<unknown> {
  const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
  const pending = raw.pendingActivities?.find((activity) => activity.activityId === activityId);
  const payloads = pending?.heartbeatDetails?.payloads;
  return payloads?.length ? decodeFromPayloadsAtIndex(client.options.loadedDataConverter, 0, payloads) : undefined;
}
