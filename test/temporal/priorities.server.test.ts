/** A job's priority is that of its attempts: Temporal would let the workflows of the last levels wait for ever while others come in. */
import type { temporal } from '@temporalio/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { itemId } from '../../src/job/group/groups.ts';
import { connectClient } from '../../src/temporal/connect.ts';
import { createJobs } from '../../src/temporal/create-jobs.ts';
import { asked } from '../support/kinds.ts';
import { runningWorld } from '../support/running-world.ts';
import type { Script, ScriptedWorld } from '../support/scripted-world.ts';
import { until } from '../support/until.ts';

let world: ScriptedWorld & AsyncDisposable;

beforeAll(async () => {
  const client = connectClient(loadConfig({ TEMPORAL_ADDRESS: inject('temporalAddress') }).temporal);
  world = await runningWorld(client, 'priorities');
});
afterAll(async () => world[Symbol.asyncDispose]());

const ok: Script = () => 'ok';

interface Priorities {
  readonly workflow: number | null | undefined;
  readonly attempts: (number | null | undefined)[];
}

async function prioritiesOf(workflowId: string): Promise<Priorities> {
  const history = await world.client.workflow.getHandle(workflowId).fetchHistory();
  const events = history.events ?? [];
  const key = (priority: temporal.api.common.v1.IPriority | null | undefined) => priority?.priorityKey;
  return {
    workflow: key(events[0]?.workflowExecutionStartedEventAttributes?.priority),
    attempts: events.flatMap(({ activityTaskScheduledEventAttributes: attempt }) =>
      attempt ? [key(attempt.priority)] : [],
    ),
  };
}

test.each([
  [1, 1],
  [3, 3],
  [4, 3],
  [5, 3],
])('a job of priority %i has a workflow of priority %i', async (priority, workflow) => {
  const { queue, client } = world;
  const idempotencyKey = `priority-${priority}-${crypto.randomUUID()}`;
  const request = asked({ args: { name: 'x' }, queue, priority });
  await createJobs(client).start(request, { idempotencyKey });
  await until('it is done', async () => (await world.view(idempotencyKey)).state === 'done', 20_000);
  expect(await prioritiesOf(idempotencyKey)).toEqual({ workflow, attempts: [priority] });
});

test('a group has that of its jobs, also those that leave it', async () => {
  const fails: Script = ({ number }) => {
    if (number === 1) throw new Error('no luck');
    return 'ok';
  };
  const id = await world.startGroup([{ script: fails, retryDelaysMs: [0] }, { script: ok }], { priority: 5 });
  const left = itemId(id, 0);
  await until(
    'the one that left is done',
    async () => (await world.view(left).catch(() => undefined))?.state === 'done',
    20_000,
  );
  expect((await prioritiesOf(id)).attempts).toEqual([5]);
  expect(await prioritiesOf(left)).toEqual({ workflow: 3, attempts: [5] });
});
