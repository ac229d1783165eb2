/** Jobs that the work of a job enqueues: asked of its worker, once each however often the attempt is repeated. */
import { expect, test } from 'vitest';
import { greet } from '../../src/demo/jobs/greet.ts';
import { InvalidJobError } from '../../src/kinds/invalid-job-error.ts';
import { EnqueuedJobs, type EnqueueCall } from '../../src/runner/enqueued-jobs.ts';
import { asked } from '../support/kinds.ts';

function setup(jobId = 'job-1') {
  const calls: EnqueueCall[] = [];
  return { calls, jobs: new EnqueuedJobs(jobId, (call) => void calls.push(call)) };
}

test('each call has its number and a key of its own, which a further attempt makes again', async () => {
  const keysOf = async (jobId: string): Promise<string[]> => {
    const { calls, jobs } = setup(jobId);
    const enqueued = [jobs.enqueue(greet, { name: 'a' }), jobs.enqueue(greet, { name: 'b' })];
    await new Promise(setImmediate);
    for (const { number } of calls) jobs.hear(number, { id: `new-${number}`, created: true });
    expect(await Promise.all(enqueued)).toEqual([
      { id: 'new-1', created: true },
      { id: 'new-2', created: true },
    ]);
    return calls.map(({ key }) => key);
  };
  expect(await keysOf('job-1')).toEqual(['job-1/1', 'job-1/2']);
  expect(await keysOf('job-1')).toEqual(['job-1/1', 'job-1/2']);
  const long = await keysOf('x'.repeat(255));
  expect(new Set([...long, ...(await keysOf(`${'x'.repeat(254)}y`))]).size).toBe(4);
  for (const key of long) expect(key.length).toBeLessThan(100);
});

test('what is asked of the worker is settled, with the options of the call', async () => {
  const { calls, jobs } = setup();
  const enqueued = jobs.enqueue(greet, { name: ' foo ' }, { queue: 'mailers', delayMs: 5, maxAttempts: 2 });
  await new Promise(setImmediate);
  const options = { queue: 'mailers', delayMs: 5, maxAttempts: 2 };
  expect(calls).toEqual([{ number: 1, key: 'job-1/1', request: asked({ args: { name: ' foo ' }, ...options }) }]);
  jobs.hear(1, { id: 'new', created: false });
  expect(await enqueued).toEqual({ id: 'new', created: false });
});

test('what is not usable is refused at once, and the others keep their numbers', async () => {
  const { calls, jobs } = setup();
  await expect(jobs.enqueue(greet, { name: '' })).rejects.toThrow('args.name must not be empty');
  await expect(jobs.enqueue(greet, { name: '' })).rejects.toBeInstanceOf(InvalidJobError);
  void jobs.enqueue(greet, { name: 'foo' });
  await new Promise(setImmediate);
  expect(calls.map(({ number }) => number)).toEqual([3]);
});

test('a refusal of the worker is an error of the same name and message', async () => {
  const { jobs } = setup();
  const refused = jobs.enqueue(greet, { name: 'foo' });
  const invalid = jobs.enqueue(greet, { name: 'foo' });
  await new Promise(setImmediate);
  jobs.hear(1, { refused: { name: 'KeyReusedError', message: 'another job has this key' } });
  jobs.hear(2, { refused: { name: 'InvalidJobError', message: 'not usable: queue' } });
  await expect(refused).rejects.toMatchObject({ name: 'KeyReusedError', message: 'another job has this key' });
  await expect(invalid).rejects.toBeInstanceOf(InvalidJobError);
  await expect(invalid).rejects.toThrow('not usable: queue');
});
