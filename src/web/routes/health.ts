/** For whatever watches this process: no login, no host check, nothing worth hiding. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Jobs } from '../../temporal/jobs.ts';
import { sharedRead } from '../shared-read.ts';

const RETRY_AFTER = { 'Retry-After': '2' };

export function healthRoutes(app: OpenAPIHono, jobs: Jobs): void {
  const health = sharedRead(async () => jobs.health());
  app.get('/healthz', (c) => c.json({ web: 'ok' }));
  app.get('/readyz', async (c) => {
    try {
      const { workers, takesJobs } = await health();
      if (!takesJobs) return c.json({ temporal: 'failing', workers }, 503, RETRY_AFTER);
      return c.json({ temporal: 'ok', workers });
    } catch {
      return c.json({ temporal: 'unreachable' }, 503, RETRY_AFTER);
    }
  });
}
