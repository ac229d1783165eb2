/** What becomes of every answer that Temporal may give, from gRPC's status to what a caller of the API reads. */
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { call } from '../../src/temporal/rpc.ts';
import { JobNotFoundError } from '../../src/temporal/errors.ts';
import { asProblem } from '../../src/web/errors.ts';
import { webWorld } from '../support/web-app.ts';

const client = { withDeadline: async (_deadline: number, rpc: () => Promise<unknown>) => rpc() } as Client;

function grpcError(code: number): Error {
  return Object.assign(new Error(`${code} STATUS: as the server says`), {
    code,
    details: 'as the server says',
    metadata: {},
  });
}

async function thrownFor(error: Error, jobId?: string): Promise<unknown> {
  const failing = async (): Promise<never> => {
    throw error;
  };
  return call(client, failing, jobId === undefined ? {} : { jobId }).catch((thrown: unknown) => thrown);
}

const STATUSES = [
  [0, 'OK', 502, 'temporal-failed'],
  [1, 'CANCELLED', 503, 'temporal-unreachable'],
  [2, 'UNKNOWN', 502, 'temporal-failed'],
  [3, 'INVALID_ARGUMENT', 422, 'temporal-unusable'],
  [4, 'DEADLINE_EXCEEDED', 503, 'temporal-unreachable'],
  [5, 'NOT_FOUND', 409, 'temporal-conflict'],
  [6, 'ALREADY_EXISTS', 409, 'temporal-conflict'],
  [7, 'PERMISSION_DENIED', 502, 'temporal-forbids'],
  [8, 'RESOURCE_EXHAUSTED', 503, 'temporal-busy'],
  [9, 'FAILED_PRECONDITION', 409, 'temporal-conflict'],
  [10, 'ABORTED', 503, 'temporal-busy'],
  [11, 'OUT_OF_RANGE', 422, 'temporal-unusable'],
  [12, 'UNIMPLEMENTED', 502, 'temporal-forbids'],
  [13, 'INTERNAL', 502, 'temporal-failed'],
  [14, 'UNAVAILABLE', 503, 'temporal-unreachable'],
  [15, 'DATA_LOSS', 502, 'temporal-failed'],
  [16, 'UNAUTHENTICATED', 502, 'temporal-forbids'],
  [99, 'a status of a later version', 502, 'temporal-failed'],
] as const;

describe.each([
  ['as it came', (error: Error) => error],
  ['wrapped by the client', (error: Error) => new Error('Failed to do it', { cause: error })],
])('an error %s', (_how, wrap) => {
  test.each(STATUSES)('of status %i, %s, is answered %i %s', async (code, _name, status, kind) => {
    const problem = asProblem(await thrownFor(wrap(grpcError(code))));
    expect(problem).toMatchObject({ status, kind });
    expect(problem.message).toMatch(/^[A-Z].*\.$/);
    expect(problem.headers['Retry-After']).toBe(status === 503 ? '2' : undefined);
  });

  test('says of a job that is not there that it is the job', async () => {
    expect(await thrownFor(wrap(grpcError(5)), 'a-job')).toBeInstanceOf(JobNotFoundError);
  });
});

test.each(STATUSES)('the API answers status %i, %s, by %i, with what to do', async (code, _name, status) => {
  const world = webWorld();
  await world.start('j', { delayMs: 60_000 });
  world.jobs.failure = (await thrownFor(grpcError(code))) as Error;
  const response = await world.get('/api/jobs/j');
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  expect((await world.get('/jobs/j')).status).toBe(status);
});

test('a request that Temporal refuses is told why, and settings of this server are not', async () => {
  const told = async (code: number): Promise<string> => asProblem(await thrownFor(grpcError(code))).message;
  expect(await told(3)).toBe('Temporal refuses the request: INVALID_ARGUMENT: as the server says.');
  expect(await told(9)).toBe('Temporal refuses the request: FAILED_PRECONDITION: as the server says.');
  for (const code of [7, 12, 13, 16]) expect(await told(code)).not.toContain('as the server says');
});

test('a namespace that is not there is no missing job', async () => {
  const problem = asProblem(await thrownFor(new NamespaceNotFoundError('nosuch'), 'a-job'));
  expect(problem).toMatchObject({ status: 502, kind: 'temporal-forbids' });
});

test('what is no answer of Temporal’s stays what it was', async () => {
  const taken = new WorkflowExecutionAlreadyStartedError('taken', 'a-job', 'NameWorkflow');
  expect(await thrownFor(taken, 'a-job')).toBe(taken);
  const fault = new TypeError('a fault of ours');
  expect(await thrownFor(fault, 'a-job')).toBe(fault);
  expect(asProblem(fault)).toMatchObject({ status: 500, kind: 'internal' });
});

test('a fault of Temporal’s is in the log, a busy moment is not', async () => {
  const world = webWorld();
  world.jobs.failure = (await thrownFor(grpcError(8))) as Error;
  await world.get('/api/jobs/j');
  expect(world.log.join('\n')).not.toContain('http.failed');
  world.jobs.failure = (await thrownFor(grpcError(13))) as Error;
  await world.get('/api/jobs/j');
  expect(world.log.join('\n')).toContain('http.failed');
});
