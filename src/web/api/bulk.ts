/** Many jobs in one request: a line each, and a line of the answer for each. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { LIMITS } from '../../contract/limits.ts';
import { BULK_LIMITS } from '../bulk/bulk-limits.ts';
import { problems } from './answers.ts';
import { BulkLine, BulkResult } from './schemas.ts';
import type { Context } from 'hono';
import type { Logger } from 'pino';
import type { Jobs } from '../../temporal/jobs.ts';
import { readLines } from '../bulk/read-lines.ts';
import { startBulk } from '../bulk/start-bulk.ts';
import { refusal, startLines } from '../bulk/start-lines.ts';
import { readOn } from '../early-answers.ts';
import { Problem } from '../errors.ts';
import type { StartRules } from '../check-start.ts';
import { askForBody, bodyOf, declaredBytes, incomingOf } from '../request-body.ts';

const tags = ['Jobs'];

const MIB = 1024 * 1024;

export const bulkRoute = createRoute({
  method: 'post',
  path: '/api/jobs/bulk',
  operationId: 'startJobs',
  tags,
  summary: 'Start many jobs',
  description:
    'One job a line, thousands of lines in one request; blank lines are skipped, and counted. The answer has one line for each, in ' +
    'their order, and begins before the request has ended. A line that is refused takes no other along; one that is answered 202 ' +
    `is on Temporal’s disk. At most ${LIMITS.bulkBytes / MIB} MiB and ${BULK_LIMITS.lines} lines in all, and ` +
    `${LIMITS.bulkLineBytes / MIB} MiB a line: from where a request grows longer, or breaks off, nothing is started, and the last ` +
    `line of the answer says so; likewise soon after ${BULK_LIMITS.refusedLines} lines are refused. At most ` +
    `${BULK_LIMITS.requests} such requests are served at once.`,
  request: { body: { required: true, content: { 'application/x-ndjson': { schema: BulkLine } } } },
  responses: {
    200: {
      description: 'What became of each line, a line each.',
      content: { 'application/x-ndjson': { schema: BulkResult } },
    },
    ...problems('body-too-large', 'unsupported-media-type', 'too-many-bulk-requests'),
  },
});

const NDJSON = 'application/x-ndjson';
const TYPES: ReadonlySet<string> = new Set([NDJSON, 'application/jsonl']);

/**
 * Room for answers that wait for their caller. Many HTTP clients read nothing before they have sent everything: if their lines were
 * no longer read once the sockets are full of answers, both sides would wait for each other.
 *
 * @format bytes
 */
const ANSWERS_KEPT_BYTES = 16 * 1024 * 1024;

interface ApiBulkDependencies {
  readonly jobs: Jobs;
  readonly rules: StartRules;
  readonly log: Logger;
}

export function apiBulkRoutes(app: OpenAPIHono, { jobs, rules, log }: ApiBulkDependencies): void {
  const underWay = new Set<AbortController>();
  // Documented like the others; but they read a whole body and check it before they begin.
  app.openAPIRegistry.registerPath(bulkRoute);
  app.post(bulkRoute.getRoutingPath(), (c) => {
    checkHeaders(c);
    if (underWay.size >= BULK_LIMITS.requests)
      throw new Problem('too-many-bulk-requests', `At most ${underWay.size} bulk requests are served at once.`, {
        headers: { 'Retry-After': '2' },
      });
    const gone = new AbortController();
    underWay.add(gone);
    askForBody(c);
    const over = (): void => void underWay.delete(gone);
    const answers = answerLines(c, { jobs, rules, log, gone: AbortSignal.any([gone.signal, c.req.raw.signal]), over });
    c.header('X-Accel-Buffering', 'no');
    return c.body(asStream(answers, gone, over), 200, { 'Content-Type': NDJSON });
  });
}

function checkHeaders(c: Context): void {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (!TYPES.has(type))
    throw new Problem('unsupported-media-type', `Send the jobs with Content-Type: ${NDJSON}, one a line.`);
  if ((declaredBytes(c) ?? 0) > LIMITS.bulkBytes)
    throw new Problem('body-too-large', `A bulk request has at most ${LIMITS.bulkBytes} bytes: make it several.`);
}

interface BulkDependencies extends ApiBulkDependencies {
  /** Aborts when the caller lets go. */
  readonly gone: AbortSignal;
  /** Called when nothing more is started. */
  readonly over: () => void;
}

async function* answerLines(c: Context, { jobs, rules, log, gone, over }: BulkDependencies): AsyncGenerator<string> {
  const requestId = c.get('requestId');
  const start = performance.now();
  const counts = { accepted: 0, repeated: 0, refused: 0 };
  const enough = new AbortController();
  const lines = readLines(bodyOf(c), {
    lines: BULK_LIMITS.lines,
    lineBytes: LIMITS.bulkLineBytes,
    bodyBytes: LIMITS.bulkBytes,
  });
  const report = (err: unknown, line: number): void =>
    log.error({ event: 'http.failed', err, requestId, line }, 'a line of a bulk request failed');
  const signals = { gone, enough: enough.signal };
  const slices = startBulk(lines, async (slice) => startLines({ jobs, rules }, slice, report), signals);
  try {
    let next = await slices.next();
    for (; next.done !== true; next = await slices.next()) {
      const { text, accepted, repeated, refused } = next.value;
      counts.accepted += accepted;
      counts.repeated += repeated;
      counts.refused += refused;
      if (counts.refused >= BULK_LIMITS.refusedLines) enough.abort();
      yield text;
    }
    if (next.value) yield `${refusal(next.value.number, undefined, tooManyRefusals(counts.refused))}\n`;
  } finally {
    over();
    const ms = Math.round(performance.now() - start);
    log.info({ event: 'http.bulk', ...counts, gone: gone.aborted, ms, requestId }, 'a bulk request is over');
  }
  // Of a request that is not read to its end, so that the caller hears where it was cut off.
  const incoming = incomingOf(c);
  if (incoming) await readOn(incoming);
}

function tooManyRefusals(refused: number): Problem {
  return new Problem(
    'too-many-refusals',
    `${refused} lines before it are refused, so nothing was started from here on.`,
  );
}

/**
 * @param gone aborted when the caller lets go
 * @param over called then too: answers that nobody ever asked for do not even begin
 */
function asStream(texts: AsyncGenerator<string>, gone: AbortController, over: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await texts.next();
        if (gone.signal.aborted) return;
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      async cancel() {
        gone.abort();
        over();
        await texts.return(undefined);
      },
    },
    { highWaterMark: ANSWERS_KEPT_BYTES, size: (chunk) => chunk?.byteLength ?? 0 },
  );
}
