/** Open jobs outlive a deploy, so today's workflow code must go along with every history that was ever recorded. */
import { glob, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import proto from '@temporalio/proto';
import { beforeAll, expect, test } from 'vitest';
import { JOB_KINDS } from '../../src/contract/job-kinds.ts';
import * as workflows from '../../src/workflows/index.ts';
import { LIVES } from '../support/lives.ts';

// Rejections are what one of these tests wants.
Runtime.install({
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: { logging: { filter: 'OFF' } },
});

const HERE = dirname(fileURLToPath(import.meta.url));
const quiet = new DefaultLogger('ERROR');

interface Recorded {
  readonly kind: string;
  readonly workflowId: string;
  readonly history: proto.temporal.api.history.v1.IHistory;
}

let recorded: Recorded[];
let today: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  recorded = [];
  for await (const file of glob(join(HERE, 'histories/*/*.binpb')))
    recorded.push({
      kind: basename(dirname(file)),
      workflowId: basename(file, '.binpb'),
      history: proto.temporal.api.history.v1.History.decode(await readFile(file)),
    });
  today = await bundleWorkflowCode({ workflowsPath: join(HERE, '../../src/workflows/index.ts'), logger: quiet });
});

async function rejections(
  workflowBundle: WorkflowBundleWithSourceMap,
  histories: readonly Recorded[],
): Promise<string[]> {
  const rejected: string[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories))
    if (error) rejected.push(`${workflowId}: ${error.name}`);
  return rejected;
}

test('every workflow has a recorded history, and so has every scripted life', () => {
  expect(new Set(recorded.map(({ kind }) => kind))).toEqual(new Set(Object.keys(JOB_KINDS)));
  expect(Object.keys(workflows).sort()).toEqual(Object.keys(JOB_KINDS).sort());
  for (const { kind, name } of LIVES)
    expect(
      recorded.some((each) => each.kind === kind && each.workflowId.startsWith(`${name}.`)),
      name,
    ).toBe(true);
});

test('today’s workflows go along with every recorded history', async () => {
  expect(await rejections(today, recorded)).toEqual([]);
});

test('a workflow that does something else than before is rejected', async () => {
  const changed = await bundleWorkflowCode({ workflowsPath: join(HERE, 'changed-workflows.ts'), logger: quiet });
  const names = recorded.filter(({ kind }) => kind === 'NameWorkflow');
  expect(await rejections(changed, names)).toEqual(
    names.map(({ workflowId }) => `${workflowId}: DeterminismViolationError`),
  );
});
