/** A job's page, live: every change as the page's new middle, by server-sent events. */
import { createHash } from 'node:crypto';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import type { Logger } from 'pino';
import type { Config } from '../../config/config.ts';
import type { JobSnapshot } from '../../temporal/jobs.ts';
import { clientNetwork } from '../client-address.ts';
import type { JobStreams } from '../live/job-streams.ts';
import { JobLive } from '../pages/job.tsx';
import { jobModel } from '../models/job-model.ts';

interface JobEventsDependencies {
  readonly config: Config;
  readonly streams: JobStreams;
  readonly log: Logger;
}

/** Keeps proxies from closing a silent stream. @format milliseconds */
const HEARTBEAT_EVERY_MS = 15_000;
/** How soon a browser comes back after a stream broke. @format milliseconds */
const RETRY_MS = 1_000;

export function jobEventRoutes(app: OpenAPIHono, { config, streams, log }: JobEventsDependencies): void {
  app.get('/jobs/:id/events', async (c) => {
    const id = c.req.param('id');
    let sent = c.req.header('last-event-id');
    const gone = new AbortController();
    const client = clientNetwork(c.get('clientAddress'));
    const snapshots = streams.follow(id, client, AbortSignal.any([gone.signal, c.req.raw.signal]));
    // Before the stream begins, an unknown job or a lost Temporal can still be answered as such.
    const first = await snapshots.next();
    if (c.req.method === 'HEAD') {
      // Hono drops the stream of an answer to HEAD unread, so nobody would ever end it.
      await snapshots.return();
      return c.body(null, 200, { 'Content-Type': 'text/event-stream' });
    }
    c.header('X-Accel-Buffering', 'no');
    return streamSSE(c, async (stream) => {
      stream.onAbort(() => gone.abort());
      const heartbeat = setInterval(() => void stream.write(': still here\n\n'), HEARTBEAT_EVERY_MS);
      try {
        await stream.write(`retry: ${RETRY_MS}\n\n`);
        let ended = false;
        for (let next = first; !next.done && !gone.signal.aborted; next = await snapshots.next()) {
          const snapshot = next.value;
          const eventId = idOf(snapshot);
          ended = snapshot.job.endedAt !== null && !snapshot.stale;
          if (eventId === sent) continue;
          sent = eventId;
          await stream.writeSSE({
            event: 'job',
            id: eventId,
            data: <JobLive job={jobModel(snapshot, config)} />,
          });
        }
        if (ended) await stream.writeSSE({ event: 'end', data: '' });
      } catch (error) {
        // The browser comes back by itself, and is then told what is wrong by status.
        log.warn({ event: 'http.stream_failed', err: error, jobId: id }, 'a live page lost its job');
      } finally {
        clearInterval(heartbeat);
        await snapshots.return();
      }
    });
  });
}

/** The same state of a job has the same id in every process, so a browser that comes back is not sent what it has. */
function idOf(snapshot: JobSnapshot): string {
  return createHash('sha256').update(JSON.stringify(snapshot)).digest('base64url').slice(0, 16);
}
