/** The web application on jobs in memory, without a socket. */
import { pino } from 'pino';
import { loadConfig, type Environment } from '../../src/config/config.ts';
import { OF_THIS_REPOSITORY } from '../../src/config/programs.ts';
import { itemAddress } from '../../src/job/group/groups.ts';
import type { RequestedJob } from '../../src/contract/schemas/job-request.ts';
import { greet } from '../../src/demo/jobs/greet.ts';
import { createApp } from '../../src/web/app.tsx';
import { createJobStreams, STREAM_LIMITS, type JobStreams, type StreamLimits } from '../../src/web/live/job-streams.ts';
import { FakeJobs } from './fake-jobs.ts';
import { asked, CATALOGUE } from './kinds.ts';

export interface WebWorld {
  readonly jobs: FakeJobs;
  readonly streams: JobStreams;
  /** What was logged, a JSON line each. */
  readonly log: string[];
  /** `path` may be a whole address, to come by another host name. */
  ask(path: string, init: RequestInit): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** As a page's form does. */
  post(path: string, form?: Record<string, string>): Promise<Response>;
  /** Posts lines to the bulk address. */
  bulk(body: string | ReadableStream<Uint8Array>, headers?: Record<string, string>): Promise<Response>;
  /** Starts a job past the web, under an id of the test's own. */
  start(id: string, request?: Partial<RequestedJob>): Promise<string>;
  /** Starts jobs that travel together. */
  startGroup(size: number, request?: Partial<RequestedJob>): Promise<StartedGroup>;
}

export interface StartedGroup {
  readonly id: string;
  /** Ids, by their number. */
  readonly jobs: readonly string[];
}

interface WebWorldOptions {
  readonly env?: Environment;
  readonly streamLimits?: Partial<StreamLimits>;
  readonly now?: () => number;
}

/** Node takes a body that is a stream only with this, which the typings of `fetch` do not know. */
const STREAMED = { duplex: 'half' } as RequestInit;

export const ORIGIN = 'http://localhost:3000';

export function webWorld({ env = {}, streamLimits, now = Date.now }: WebWorldOptions = {}): WebWorld {
  const log: string[] = [];
  const jobs = new FakeJobs(now);
  const streams = createJobStreams(jobs, { ...STREAM_LIMITS, ...streamLimits });
  const logger = pino({ level: 'debug' }, { write: (line: string) => void log.push(line) });
  const app = createApp({
    config: loadConfig(env, OF_THIS_REPOSITORY),
    jobs,
    catalogue: CATALOGUE,
    demo: greet,
    streams,
    log: logger,
    now,
  });
  const ask = async (path: string, init: RequestInit): Promise<Response> =>
    app.request(new URL(path, ORIGIN).href, init);
  return {
    jobs,
    streams,
    log,
    ask,
    get: (path, headers = {}) => ask(path, { headers }),
    send(method, path, body, headers = {}) {
      if (body === undefined) return ask(path, { method, headers });
      const json = { 'content-type': 'application/json', ...headers };
      return ask(path, { method, headers: json, body: typeof body === 'string' ? body : JSON.stringify(body) });
    },
    post: (path, form = {}) =>
      ask(path, {
        method: 'POST',
        body: new URLSearchParams(form),
        headers: { origin: ORIGIN, 'sec-fetch-site': 'same-origin' },
      }),
    async bulk(body, headers = {}) {
      const init = { method: 'POST', body, headers: { 'content-type': 'application/x-ndjson', ...headers } };
      return ask('/api/jobs/bulk', { ...init, ...STREAMED });
    },
    async start(id, options = {}) {
      await jobs.start(asked(options), { idempotencyKey: id });
      return id;
    },
    async startGroup(size, options = {}) {
      const outcomes = await jobs.startAll(Array.from({ length: size }, () => ({ request: asked(options) })));
      const ids = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.job.id : ''));
      const address = itemAddress(ids[0] ?? '');
      if (!address) throw new Error(`${ids[0]} came in no group`);
      return { id: address.groupId, jobs: ids };
    },
  };
}
