/** For whatever watches this process: no login, no host check, nothing worth hiding. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Logger } from 'pino';
import type { Jobs } from '../../temporal/jobs.ts';
import { sharedRead } from '../shared-read.ts';

const RETRY_AFTER = { 'Retry-After': '2' };

export function healthRoutes(app: OpenAPIHono, jobs: Jobs, log: Logger): void {
  const health = sharedRead(async () => jobs.health());
  const stuckOnes = new StuckLog(log);
  app.get('/healthz', (c) => c.json({ web: 'ok' }));
  app.get('/readyz', async (c) => {
    try {
      const { workers, takesJobs, stuck } = await health();
      stuckOnes.note(stuck.ids);
      if (!takesJobs) return c.json({ temporal: 'failing', workers }, 503, RETRY_AFTER);
      return c.json({ temporal: 'ok', workers, ...(stuck.count > 0 && { cannotGoOn: stuck.count }) });
    } catch {
      return c.json({ temporal: 'unreachable' }, 503, RETRY_AFTER);
    }
  });
}

/** Says once of each job that it cannot go on; whatever watches this process asks every few seconds. */
class StuckLog {
  readonly #log: Logger;
  #known: ReadonlySet<string> = new Set();

  constructor(log: Logger) {
    this.#log = log;
  }

  note(ids: readonly string[]): void {
    for (const id of ids)
      if (!this.#known.has(id))
        this.#log.warn(
          { event: 'job.stuck', jobId: id },
          `${id} cannot go on: its workflow fails again and again. Its page says why`,
        );
    this.#known = new Set(ids);
  }
}
