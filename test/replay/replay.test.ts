/** Open jobs outlive a deploy, so today's workflow code must go along with every history that was ever recorded. */
import { glob, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import proto from '@temporalio/proto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GROUP_WORKFLOW } from '../../src/job/group/groups.ts';
import { buildBundle } from '../../src/worker/workflow-bundle.ts';
import * as workflows from '../../src/workflows/index.ts';
import { GROUP_LIVES } from '../support/group-scenarios.ts';
import { CATALOGUE } from '../support/kinds.ts';
import { LIVES } from '../support/scenarios.ts';
import { temporaryHome, type TemporaryHome } from '../support/temporary-home.ts';

// Rejections are what one of these tests wants.
Runtime.install({
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: { logging: { filter: 'OFF' } },
});

const HERE = dirname(fileURLToPath(import.meta.url));
const quiet = new DefaultLogger('ERROR');

interface Recorded {
  readonly kind: string;
  readonly name: string;
  readonly workflowId: string;
  readonly history: proto.temporal.api.history.v1.IHistory;
}

let home: TemporaryHome;
let recorded: Recorded[];
let today: WorkflowBundleOption;

beforeAll(async () => {
  recorded = [];
  for await (const file of glob(join(HERE, 'histories/*/*.binpb'))) {
    const history = proto.temporal.api.history.v1.History.decode(await readFile(file));
    const [start] = history.events;
    recorded.push({
      kind: basename(dirname(file)),
      name: basename(file, '.binpb'),
      // A group names the jobs that leave it after itself.
      workflowId: start?.workflowExecutionStartedEventAttributes?.workflowId ?? '',
      history,
    });
  }
  home = await temporaryHome();
  // As it ships: with modules that all workflows of a process share.
  today = { codePath: await buildBundle(join(home.path, 'workflow-bundle.js')) };
});

afterAll(() => home[Symbol.asyncDispose]());

async function rejections(workflowBundle: WorkflowBundleOption, histories: readonly Recorded[]): Promise<string[]> {
  const rejected: string[] = [];
  const names = new Map(histories.map(({ workflowId, name }) => [workflowId, name]));
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories))
    if (error) rejected.push(`${names.get(workflowId)}: ${error.name}`);
  return rejected;
}

test('every workflow has a recorded history, and so has every scripted life', () => {
  // What has no workflow of its own runs the default one.
  const { default: _anyKind, ...named } = workflows;
  const types = [...CATALOGUE.jobs.map(({ kind }) => kind), GROUP_WORKFLOW];
  expect(new Set(recorded.map(({ kind }) => kind))).toEqual(new Set(types));
  expect(types).toEqual(expect.arrayContaining(Object.keys(named)));
  expect(types.length).toBeGreaterThan(Object.keys(named).length);
  for (const { kind, name } of [...LIVES, ...GROUP_LIVES])
    expect(
      recorded.some((each) => each.kind === kind && each.name.startsWith(`${name}.`)),
      name,
    ).toBe(true);
});

test('no history tells of the machine that recorded it', async () => {
  for await (const file of glob(join(HERE, 'histories/*/*.binpb')))
    expect(await readFile(file, 'latin1'), file).not.toMatch(/file:\/\/|\(\/|at \/|\/(?:home|root|tmp|Users|work)\//);
});

test('today’s workflows go along with every recorded history', async () => {
  expect(await rejections(today, recorded)).toEqual([]);
});

test('a workflow that does something else than before is rejected', async () => {
  const changed = await bundleWorkflowCode({ workflowsPath: join(HERE, 'changed-workflows.ts'), logger: quiet });
  const names = recorded.filter(({ kind }) => kind === 'NameWorkflow');
  expect(await rejections(changed, names)).toEqual(names.map(({ name }) => `${name}: DeterminismViolationError`));
});
