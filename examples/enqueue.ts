/**
 * Enqueues jobs without HTTP, from any Node program: `npm run build`, then `bin/node examples/enqueue.ts` while `bin/dev` runs.
 * Needs no worker for that; only waiting for an end does.
 */
import { connectHoldfast, defineJob, JobNotFoundError } from 'holdfast/client';
import { z } from 'zod';

// What the worker's own definition says of its name and arguments: this program need not load the work.
const greet = defineJob('NameWorkflow', { args: z.object({ name: z.string() }), result: z.string() });

await using holdfast = await connectHoldfast({ environment: process.env });

// One job. Its definition decides which arguments compile.
const enqueued = await holdfast.enqueue(greet, { name: 'foo' }, { delayMs: 1_000 });
const { job } = enqueued;
process.stdout.write(`enqueued ${job.id}, which is ${job.state}\n`);

// A thousand at once: three workflows instead of a thousand. Each has an outcome of its own.
const outcomes = await holdfast.enqueueAll(
  Array.from({ length: 1_000 }, (_, n) => ({ job: greet, args: { name: `friend ${n}` } })),
);
const started = outcomes.filter(({ status }) => status === 'fulfilled');
process.stdout.write(`enqueued ${started.length} more\n`);

// The same request again, say after a timeout: the first job, not a second one.
const again = { requestKey: `order-1-${Date.now()}` };
const [first, second] = [
  await holdfast.enqueue(greet, { name: 'once' }, again),
  await holdfast.enqueue(greet, { name: 'once' }, again),
];
process.stdout.write(`the same job: ${first.job.id === second.job.id}, started twice: ${second.created}\n`);

// Watch it to its end, live.
for await (const { state, result } of holdfast.watch(job.id))
  process.stdout.write(`${job.id} is ${state}${state === 'done' ? `: ${String(result)}` : ''}\n`);

// Or only wait for what its work returned, which its definition types.
const greeting = await holdfast.result(enqueued);
process.stdout.write(`it said ${greeting.length} characters: ${greeting}\n`);

await holdfast.job('no-such-job').catch((error: unknown) => {
  if (error instanceof JobNotFoundError) process.stdout.write(`${error.message}\n`);
});
