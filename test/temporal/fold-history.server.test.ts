/** The page and the workflow must not disagree: the fold of the history equals the workflow's own answer, at every stage. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { groupQuery } from '../../src/contract/messages.ts';
import { stateOf } from '../../src/job/job-record.ts';
import { SIGNALS, UPDATES } from '../../src/contract/messages.ts';
import { viewJob } from '../../src/job/job-view.ts';
import { itemId } from '../../src/job/group/groups.ts';
import { connectClient } from '../../src/temporal/connect.ts';
import { groupHistory } from '../../src/temporal/history/read-item.ts';
import { ownHistory } from '../../src/temporal/history/read-job.ts';
import { GROUP_LIVES } from '../support/group-scenarios.ts';
import { LIVES } from '../support/scenarios.ts';
import { runningWorld } from '../support/running-world.ts';
import { until } from '../support/until.ts';

const client = connectClient(loadConfig({ TEMPORAL_ADDRESS: inject('temporalAddress') }).temporal);
let world: Awaited<ReturnType<typeof runningWorld>>;

beforeAll(async () => {
  world = await runningWorld(client, 'fold-history');
});

afterAll(async () => world[Symbol.asyncDispose]());

async function expectAgreement(jobId: string): Promise<void> {
  const asked = await world.view(jobId);
  const { record } = await ownHistory(client, jobId);
  expect(viewJob(record)).toEqual(asked);
}

test.each(LIVES.map((life) => [life.kind, life.name, life] as const))(
  '%s, %s: the history tells what the workflow says',
  async (_kind, _name, life) => {
    let stages = 0;
    await life.live(world, async (jobId) => {
      stages += 1;
      await expectAgreement(jobId);
    });
    expect(stages).toBeGreaterThan(0);
  },
);

async function expectGroupAgreement(groupId: string): Promise<void> {
  const group = await groupHistory(client, groupId);
  const over: Record<string, number> = {};
  for (const item of group.items) {
    const record = group.fold(item)?.record;
    if (group.hasLeft(item)) await expectAgreement(itemId(groupId, item));
    else if (record?.phase === 'ended') over[stateOf(record)] = (over[stateOf(record)] ?? 0) + 1;
    else expect(record && viewJob(record)).toEqual(await world.itemView(groupId, item));
  }
  // A group only counts what has ended, and goes on counting where its last run stopped.
  const { counts } = await client.workflow.getHandle(groupId).query(groupQuery);
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (all === group.items.length) expect(counts).toMatchObject(over);
  else
    for (const [state, count] of Object.entries(over))
      expect(counts).toHaveProperty(
        state,
        expect.toSatisfy((n: number) => n >= count),
      );
}

test.each(GROUP_LIVES.map((life) => [life.name, life] as const))(
  'a group, %s: its history tells of each job what the workflow says',
  async (_name, life) => {
    let stages = 0;
    await life.live(world, async (groupId) => {
      stages += 1;
      await expectGroupAgreement(groupId);
    });
    expect(stages).toBeGreaterThan(0);
  },
);

test('a job that continued as new is told from its newest run', async () => {
  const id = await world.start(() => 'ok', { dueAt: '2035-01-01T00:00:00.000Z' });
  const handle = client.workflow.getHandle(id);
  const { runId } = await handle.describe();
  await until(
    'the history is long enough to go on in a new run',
    async () => {
      const signals = Array.from({ length: 200 }, () =>
        handle.signal(SIGNALS.reschedule, { dueAt: '2036-01-01T00:00:00.000Z' }),
      );
      await Promise.all(signals);
      // A run cannot be closed while messages keep coming in: let it catch up.
      await world.view(id);
      return (await handle.describe()).runId !== runId;
    },
    60_000,
  );
  await until('its workflow answers', async () => (await world.view(id)).state === 'scheduled', 20_000);
  await expectAgreement(id);
  await handle.executeUpdate(UPDATES.runNow, { args: [{}] });
  await until('it is done', async () => (await world.view(id)).state === 'done', 20_000);
  await expectAgreement(id);
}, 90_000);
