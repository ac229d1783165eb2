/** A view never throws: whatever stands in a history, by whichever version or hand, the page and the API show what they can of it. */
import { defaultFailureConverter, defaultPayloadConverter, type LoadedDataConverter } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import type { temporal } from '@temporalio/proto';
import * as fc from 'fast-check';
import { html } from 'hono/html';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { asChunkReport } from '../../src/job/group/chunks.ts';
import { recordFromInput, type JobRecord } from '../../src/job/job-record.ts';
import type { JobView } from '../../src/job/job.ts';
import { viewJob } from '../../src/job/job-view.ts';
import { readReport } from '../../src/job/read-report.ts';
import { readStart } from '../../src/job/read-start.ts';
import { JobViewSchema } from '../../src/contract/schemas/job-view.ts';
import { GroupRun, OwnRun } from '../../src/temporal/history/folded-runs.ts';
import { inHand } from '../../src/temporal/history/read-item.ts';
import type { EventReader } from '../../src/temporal/history/run-history.ts';
import { JobLive } from '../../src/web/pages/job.tsx';
import { jobModel } from '../../src/web/models/job-model.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Payload = temporal.api.common.v1.IPayload;

const START = Date.parse('2030-01-01T00:00:00Z');
/** Numbers of events are 64 bits long, as seconds are. */
const idOf = (id: number) => msToTs(id * 1_000).seconds ?? null;
const GROUP_ID = 'group-00000000-0000-4000-8000-000000000000';
const SURROUNDINGS = loadConfig({});
const converter: LoadedDataConverter = {
  payloadConverter: defaultPayloadConverter,
  failureConverter: defaultFailureConverter,
  payloadCodecs: [],
};

/** What somebody might write where a part of a job is meant, and what nobody would. */
const anything = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue() },
  fc.constantFrom(null, 1e308, -1, 0.5, '', 'soon', [], {}, [null], { name: 'foo' }, '2030-01-01T00:00:00Z', '\ud83d'),
  fc.constantFrom(Number.MAX_VALUE, Number.MIN_SAFE_INTEGER, 8.64e15, 8.65e15, -62_167_219_200_001),
);

/** Some of these fields, each as it should be or as anything. */
function likely(fields: Readonly<Record<string, unknown>>): fc.Arbitrary<Record<string, unknown>> {
  const model = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, fc.oneof(fc.constant(value), anything)]),
  );
  return fc.record(model, { requiredKeys: [] });
}

const error = { type: 'Error', message: 'no luck' };
const report = likely({
  startedAt: START,
  endedAt: START + 1,
  worker: 'worker-1',
  progress: { done: 1, total: 2 },
  checkpoint: 3,
  nextDelayMs: 4,
  result: 'Hello',
});
const attempt = likely({
  number: 1,
  queuedAt: START,
  startedAt: START,
  endedAt: START,
  outcome: 'failed',
  worker: 'w',
  error,
});
const fresh: JobRecord = recordFromInput(`${GROUP_ID}.0`, 'NameWorkflow', START, { args: { name: 'foo' } });
/** As a run hands it on, but for a field or two. */
const record = fc
  .tuple(
    fc.array(fc.tuple(fc.constantFrom(...Object.keys(fresh), 'progress', 'error', 'endedAt', 'result'), anything), {
      maxLength: 2,
    }),
    fc.array(attempt, { maxLength: 2 }),
    fc.constantFrom('waiting', 'attempting', 'dead', 'ended'),
  )
  .map(([changes, attempts, phase]) => Object.assign({}, fresh, { attempts, phase }, Object.fromEntries(changes)));
const fields = {
  args: { name: 'foo' },
  queue: 'mailers',
  dueAt: '2030-01-01T00:00:00Z',
  delayMs: 5,
  maxAttempts: 3,
  retryDelaysMs: [1],
};
const start = fc
  .tuple(likely(fields), fc.option(record, { nil: undefined }))
  .map(([given, carried]) => (carried ? Object.assign({ record: carried }, given) : given));
const inputs = fc.oneof(fc.array(anything, { maxLength: 3 }), fc.tuple(start));

const chunkReport = fc
  .tuple(
    likely({ startedAt: START, worker: 'worker-1', returned: [0, 'x', null] }),
    fc.record({
      done: fc.array(fc.oneof(anything, fc.constantFrom([0, 1, 2, 'Hello'], [1, 1e308, 1e308, null], [1])), {
        maxLength: 3,
      }),
      ended: fc.array(likely({ item: 0, as: 'failed', error, retryable: true, delayMs: 1e308, report: {} }), {
        maxLength: 3,
      }),
      begun: fc.array(likely({ item: 0, startedAt: START, progress: { done: 'x', total: 1 } }), { maxLength: 3 }),
    }),
  )
  .map(([common, items]) => Object.assign(items, common));

const encode = (value: unknown, encoding = 'json/plain'): Payload => ({
  metadata: { encoding: Buffer.from(encoding) },
  data: Buffer.from(typeof value === 'string' && encoding !== 'json/plain' ? value : JSON.stringify(value)),
});
const nested = (levels: number): Payload => ({
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(`${'['.repeat(levels)}${']'.repeat(levels)}`),
});
const strange = fc.constantFrom<Payload>(
  {},
  { metadata: {}, data: Buffer.from('{}') },
  { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{') },
  encode('foo', 'of/others'),
  encode('foo', 'binary/plain'),
  encode('', 'binary/null'),
  nested(100_000),
);

function payloads(...values: readonly fc.Arbitrary<unknown>[]): fc.Arbitrary<{ payloads: Payload[] } | null> {
  const one = values.length === 0 ? anything : fc.oneof(...values);
  return fc.oneof(
    {
      weight: 8,
      arbitrary: fc
        .array(
          one.map((value) => encode(value)),
          { maxLength: 3 },
        )
        .map((all) => ({ payloads: all })),
    },
    fc.array(strange, { maxLength: 2 }).map((all) => ({ payloads: all })),
    fc.constant(null),
  );
}

const failure = fc.oneof(
  fc.constant(null),
  payloads(report, chunkReport).chain((details) =>
    fc.constantFrom<temporal.api.failure.v1.IFailure>(
      {},
      { message: 'no luck', applicationFailureInfo: { type: 'WorkerLost', details } },
      { message: 'no luck', applicationFailureInfo: { nonRetryable: true, details } },
      { applicationFailureInfo: { type: 'JobDiscarded', details } },
      { canceledFailureInfo: { details } },
      { timeoutFailureInfo: { timeoutType: 3 as never, lastHeartbeatDetails: details } },
      { timeoutFailureInfo: { timeoutType: 1 as never, lastHeartbeatDetails: details } },
      { timeoutFailureInfo: { timeoutType: 99 as never } },
      { activityFailureInfo: {}, cause: { cause: {} } },
      { message: 'no luck', encodedAttributes: encode('foo', 'of/others') },
    ),
  ),
);

const action = fc.constantFrom(
  'reschedule',
  'edit',
  'runNow',
  'pause',
  'resume',
  'retry',
  'discard',
  'cancel',
  'chunkProgress',
  'toString',
  '',
);
const item = fc.constantFrom<unknown>(0, 1, null, -1, 'x', 1e9);
const message = payloads(
  item,
  fc.constantFrom<unknown>('2030-02-01T00:00:00Z', '9999-12-31T23:59:59Z', 'soon'),
  likely(fields),
  chunkReport.map((sent) => ({ chunk: 'chunk-1', report: sent })),
);

/** Of any of the events that a job's or a group's history has, or a newer server writes. */
const body: fc.Arbitrary<HistoryEvent> = fc.oneof(
  fc.constant<HistoryEvent>({ workflowTaskStartedEventAttributes: {} }),
  fc.nat(20).map((id): HistoryEvent => ({ workflowTaskCompletedEventAttributes: { startedEventId: idOf(id) } })),
  payloads(likely({ groupId: GROUP_ID, items: [{ item: 0 }, { item: 1 }, { item: 'x' }, null] })).map(
    (input): HistoryEvent => ({ activityTaskScheduledEventAttributes: { activityId: 'chunk-1', input } }),
  ),
  fc.constant<HistoryEvent>({ activityTaskCancelRequestedEventAttributes: {} }),
  fc.tuple(payloads(report, chunkReport), fc.nat(20)).map(([result, id]): HistoryEvent => ({
    activityTaskCompletedEventAttributes: { result, scheduledEventId: idOf(id) },
  })),
  fc.tuple(failure, fc.nat(20)).map(([failed, id]): HistoryEvent => ({
    activityTaskFailedEventAttributes: { failure: failed, scheduledEventId: idOf(id) },
  })),
  failure.map((failed): HistoryEvent => ({ activityTaskTimedOutEventAttributes: { failure: failed } })),
  payloads(report).map((details): HistoryEvent => ({ activityTaskCanceledEventAttributes: { details } })),
  fc
    .tuple(action, message)
    .map(([signalName, input]): HistoryEvent => ({ workflowExecutionSignaledEventAttributes: { signalName, input } })),
  fc.tuple(action, message).map(([name, args]): HistoryEvent => ({
    workflowExecutionUpdateAcceptedEventAttributes: { acceptedRequest: { input: { name, args } } },
  })),
  failure.map((refused): HistoryEvent => ({
    workflowExecutionUpdateCompletedEventAttributes: { outcome: { failure: refused } },
  })),
  fc.constantFrom<HistoryEvent>(
    { workflowExecutionCancelRequestedEventAttributes: {} },
    { workflowExecutionTerminatedEventAttributes: {} },
    { workflowExecutionCanceledEventAttributes: {} },
    { workflowExecutionCompletedEventAttributes: {} },
    { workflowExecutionTimedOutEventAttributes: {} },
    { workflowExecutionContinuedAsNewEventAttributes: {} },
    { startChildWorkflowExecutionInitiatedEventAttributes: { workflowId: `${GROUP_ID}.0` } },
    { startChildWorkflowExecutionInitiatedEventAttributes: {} },
    { eventType: 9_999 as never },
    {},
  ),
  failure.map((failed): HistoryEvent => ({ workflowExecutionFailedEventAttributes: { failure: failed } })),
);

const eventTime = fc.constantFrom<NonNullable<HistoryEvent['eventTime']> | null>(
  msToTs(START),
  msToTs(1e16),
  msToTs(-1e16),
  null,
);

function historyOf(
  type: string,
  input: fc.Arbitrary<{ payloads: Payload[] } | null>,
): fc.Arbitrary<readonly HistoryEvent[]> {
  return fc.tuple(input, fc.array(fc.tuple(body, eventTime), { maxLength: 30 })).map(([given, rest]) => {
    const started = { workflowExecutionStartedEventAttributes: { workflowType: { name: type }, input: given } };
    return [[started, msToTs(START)] as const, ...rest].map(([event, time], n): HistoryEvent =>
      Object.assign({}, event, { eventId: idOf(n + 1), eventTime: time }),
    );
  });
}

async function readAll<R extends EventReader>(reader: R, events: readonly HistoryEvent[]): Promise<R> {
  for (const event of events) await reader.read(event);
  return reader;
}

const inputPayloads = fc.oneof(
  { weight: 4, arbitrary: inputs.map((all) => ({ payloads: all.map((value) => encode(value)) })) },
  payloads(start),
);

/** As the API documents it, and on a page. */
async function expectToBeShown(job: JobView, args: unknown): Promise<void> {
  expect(JobViewSchema.safeParse(job).error).toBeUndefined();
  const snapshot = {
    job,
    args,
    workflowId: job.id,
    runId: 'a-run',
    item: undefined,
    actions: [],
    queueWorkers: 'none',
    workers: 'present',
    pendingActions: [],
    cannotGoOn: null,
    stale: false,
  } as const;
  const page = await html`${JobLive({ job: jobModel(snapshot, SURROUNDINGS) })}`;
  expect(page.toString()).toContain('<');
}

test('a job is shown whatever it was started with', async () => {
  await fc.assert(
    fc.asyncProperty(inputs, async (given) => {
      const { input, problems } = readStart(given, START);
      const job = recordFromInput('a-job', 'NameWorkflow', START, input, problems);
      await expectToBeShown(viewJob(job), job.args);
      if (problems.length > 0) expect(job).toMatchObject({ phase: 'dead', error: { type: 'JobInvalid' } });
    }),
    { numRuns: 1_000 },
  );
});

test('a job is shown whatever its history holds, and whatever its worker says', async () => {
  await fc.assert(
    fc.asyncProperty(historyOf('NameWorkflow', inputPayloads), report, async (events, said) => {
      const history = (await readAll(new OwnRun('a-job', converter), events)).history();
      await expectToBeShown(viewJob(history.record, readReport(said)), history.record.args);
    }),
    { numRuns: 1_000 },
  );
});

test('a fold that goes on makes the same of a job as one that begins anew', async () => {
  await fc.assert(
    fc.asyncProperty(historyOf('NameWorkflow', inputPayloads), async (events) => {
      const followed = new OwnRun('a-job', converter);
      for (const [n, event] of events.entries()) {
        await followed.read(event);
        const anew = await readAll(new OwnRun('a-job', converter), events.slice(0, n + 1));
        expect(followed.history()).toEqual(anew.history());
      }
    }),
  );
});

describe('a group', () => {
  const carried = fc
    .tuple(likely({ chunks: 1, chunkSize: 500, summary: { done: 1 } }), fc.array(record, { maxLength: 2 }))
    .map(([given, jobs]) => Object.assign({ jobs }, given));
  const groupInput = fc
    .tuple(
      likely({ queue: 'mailers' }),
      fc.array(fc.oneof(anything, likely({ kind: 'NameWorkflow', requestKey: 'k', ...fields })), { maxLength: 3 }),
      fc.option(carried, { nil: undefined }),
    )
    .map(([given, items, handedOn]) => Object.assign({ items }, given, handedOn && { carried: handedOn }));

  test('and each of its jobs is shown, whatever its history holds, and whatever its worker says', async () => {
    const said = fc.option(chunkReport, { nil: undefined });
    await fc.assert(
      fc.asyncProperty(historyOf('GroupWorkflow', payloads(groupInput)), said, async (events, sent) => {
        const group = (await readAll(new GroupRun(GROUP_ID, converter), events)).history();
        expect(typeof group.input.queue).toBe('string');
        for (const number of group.items) {
          const history = group.fold(number);
          if (!history) continue;
          const chunks = new Map([['chunk-1', asChunkReport(sent)]]);
          const now = inHand(history, group, number, chunks);
          await expectToBeShown(viewJob(now.record, now.running), now.record.args);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('a fold that goes on makes the same of each of its jobs as one that begins anew', async () => {
    await fc.assert(
      fc.asyncProperty(historyOf('GroupWorkflow', payloads(groupInput)), async (events) => {
        // Who asks for one job alone keeps nothing of the others.
        const [followed, ofOne] = [new GroupRun(GROUP_ID, converter), new GroupRun(GROUP_ID, converter, 0)];
        for (const [n, event] of events.entries()) {
          await readAll(followed, [event]);
          await readAll(ofOne, [event]);
          const anew = (await readAll(new GroupRun(GROUP_ID, converter), events.slice(0, n + 1))).history();
          for (const number of anew.items) {
            expect(followed.history().fold(number)).toEqual(anew.fold(number));
            expect(followed.history().chunkOf(number)).toBe(anew.chunkOf(number));
          }
          if (anew.items.includes(0)) expect(ofOne.history().fold(0)).toEqual(anew.fold(0));
        }
      }),
    );
  });
});
